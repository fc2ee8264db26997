# Expected values of R msm on the generated panels:
#   cd tests/reference/ladder && Rscript make_msm_reference.R > msm_expected.csv
# Debian: r-base-core, r-cran-msm.
suppressMessages(library(msm))
panel <- read.csv("msm_panel.csv")
exact <- read.csv("msm_exact.csv")
q0 <- rbind(c(0, .2, 0, .05), c(.2, 0, .2, .05), c(0, .2, 0, .1), c(0, 0, 0, 0))
control <- list(fnscale = 2000, maxit = 20000, reltol = 1e-16)
out <- function(fit, name, value) {
  value <- as.numeric(value)
  cat(sprintf("%s,%s,%d,%.12g\n", fit, gsub(",", ";", name), seq_along(value), value), sep = "")
}
common <- function(fit, m) {
  q <- qmatrix.msm(m)
  out(fit, "minus2loglik", m$minus2loglik)
  out(fit, "q", t(q$estimates))
  out(fit, "q_se", t(q$SE))
  out(fit, "sojourn", sojourn.msm(m)$estimates)
  out(fit, "sojourn_se", sojourn.msm(m)$SE)
  out(fit, "pnext", t(pnext.msm(m, ci = "none")$estimates))
  out(fit, "p3", t(unclass(pmatrix.msm(m, t = 3))))
  out(fit, "totlos_5", totlos.msm(m, tot = 5))
  out(fit, "efpt_4", efpt.msm(m, tostate = 4))
}
ratios <- function(fit, m) for (h in names(hazard.msm(m))) {
  x <- hazard.msm(m)[[h]]
  out(fit, paste0("hr ", h), x[, "HR"]); out(fit, paste0("hr_lower ", h), x[, "L"]); out(fit, paste0("hr_upper ", h), x[, "U"])
}
test <- function(fit, p) { out(fit, "pearson_stat", p$test$stat); out(fit, "pearson_df_lower", p$test$df.lower); out(fit, "pearson_df_upper", p$test$df.upper); if (!is.null(p$test$p)) out(fit, "pearson_p", p$test$p) }
prevalent <- function(fit, m) {
  p <- prevalence.msm(m, times = c(0, 2, 4, 6))
  out(fit, "observed", t(p$Observed)); out(fit, "expected", t(p$Expected))
}
cat("fit,quantity,index,value\n")
plain <- msm(state ~ time, subject = person, data = panel, qmatrix = q0, control = control)
common("panel", plain); prevalent("panel", plain); test("panel", pearson.msm(plain))
entry <- msm(state ~ time, subject = person, data = panel, qmatrix = q0, deathexact = 4, control = control)
common("entry", entry); prevalent("entry", entry)
times <- msm(state ~ time, subject = person, data = exact, qmatrix = q0, exacttimes = TRUE, control = control)
common("exact", times)
covs <- msm(state ~ time, subject = person, data = panel, qmatrix = q0, covariates = ~ sex + age, control = control,
            constraint = list(age = c(1, 2, 3, 4, 2, 3, 2)))
common("covariates", covs); ratios("covariates", covs); prevalent("covariates", covs); test("covariates", pearson.msm(covs))
out("covariates", "q_sex1", t(qmatrix.msm(covs, covariates = list(sex = 1), ci = "none")))
out("covariates", "sojourn_sex1_age30", sojourn.msm(covs, covariates = list(sex = 1, age = 30))$estimates)
some <- msm(state ~ time, subject = person, data = panel, qmatrix = q0, deathexact = 4, control = control,
            covariates = list("1-2" = ~ sex, "2-3" = ~ sex, "1-4" = ~ age))
common("some", some); ratios("some", some)
pieces <- msm(state ~ time, subject = person, data = panel, qmatrix = q0, pci = c(2, 4), deathexact = 4, control = control,
              constraint = list("timeperiod[2,4)" = c(1, 2, 1, 1, 2, 1, 2), "timeperiod[4,Inf)" = c(1, 2, 1, 1, 2, 1, 2)))
common("pieces", pieces); ratios("pieces", pieces)
hidden <- panel; hidden$state[hidden$person %% 3 == 0 & hidden$state < 4 & duplicated(hidden$person)] <- 99
sets <- msm(state ~ time, subject = person, data = hidden, qmatrix = q0, censor = 99, censor.states = c(1, 2, 3), deathexact = 4, control = control)
common("sets", sets)
equalq <- msm(state ~ time, subject = person, data = panel, qmatrix = q0, qconstraint = c(1, 2, 3, 1, 4, 3, 5), control = control)
common("equal", equalq)
# Three states that nobody leaves for ever: the p-value of the Pearson-type test is not zero here.
q3 <- rbind(c(0, .2, 0), c(.2, 0, .2), c(0, .2, 0))
live <- msm(state ~ time, subject = person, data = panel[panel$state < 4, ], qmatrix = q3, control = control)
out("live", "minus2loglik", live$minus2loglik); test("live", pearson.msm(live)); test("live two", pearson.msm(live, timegroups = 2, intervalgroups = 2))
# Steps recorded wrongly, with a given initial distribution.
up <- rbind(c(0, .15, 0, .05), c(0, 0, .2, .05), c(0, 0, 0, .1), c(0, 0, 0, 0))
wrong <- rbind(c(0, .1, 0, 0), c(.1, 0, .1, 0), c(0, .1, 0, 0), c(0, 0, 0, 0))
confused <- msm(state ~ time, subject = person, data = panel, qmatrix = up, ematrix = wrong, deathexact = 4,
                initprobs = c(.6, .25, .15, 0), control = control)
common("confused", confused)
e <- ematrix.msm(confused)
out("confused", "e", t(e$estimates)); out("confused", "e_lower", t(e$L)); out("confused", "e_upper", t(e$U))
