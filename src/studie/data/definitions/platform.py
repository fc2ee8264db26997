"""Tables on one provincial platform: the milestones of its path, and how partners judge forms of governance."""

from __future__ import annotations

from studie.data.definitions.columns import Contract, matching, optional, refers, share, text

MILESTONE = r"M\d\d"
QUARTER = r"\d{4}-Q[1-4]"
A_QUARTER = "a quarter written 2027-Q1"

PLATFORM = (
    Contract(
        name="milestone",
        title="Stappenplan naar een provinciaal platform",
        key=("milestone_id",),
        columns=(
            matching("milestone_id", "kenmerk", MILESTONE, "M and two digits"),
            text("milestone", "wat er dan is"),
            matching("start", "eerste kwartaal", QUARTER, A_QUARTER),
            matching("due", "kwartaal waarin het klaar is", QUARTER, A_QUARTER),
            text("leader", "wie trekt: een partner die het plan noemt"),
            matching("commitment_id", "engagement dat de monitor ermee volgt", r"E\d\d", "E and two digits"),
            text("indicator", "waaraan te zien is dat de mijlpaal bereikt is"),
            optional("condition", "voorwaarde om door te gaan; leeg: geen beslissing"),
            matching(
                "depends_on",
                "mijlpalen die eerst klaar zijn, gescheiden door ;",
                rf"{MILESTONE}(; {MILESTONE})*",
                "milestones such as M01; M02",
                required=False,
            ),
            text("status", "wat erover beslist is", allowed=("voorstel", "beslist", "geschrapt")),
            text("because", "waarom deze mijlpaal, en waarom dan"),
        ),
        references=(refers("commitment_id", to="commitment_indicator"),),
        ordered=(("start", "due"),),
        own_replaces=("milestone_id",),
    ),
    Contract(
        name="form_judgement",
        title="Formulier: hoe goed voldoet elke bestuursvorm van een platform?",
        key=("respondent", "form", "criterion"),
        columns=(
            text("respondent", "wie oordeelt: een organisatie of een rol, geen naam van een mens"),
            text(
                "form", "bestuursvorm", allowed=("gedeeld bestuur", "een partner trekt", "een aparte organisatie")
            ),
            text(
                "criterion",
                "voorwaarde (Provan en Kenis): hoe goed past deze vorm bij wat er hier van is?",
                allowed=(
                    "vertrouwen",
                    "aantal partners",
                    "eensgezindheid over het doel",
                    "nood aan vaardigheden voor het netwerk zelf",
                ),
            ),
            share("lower", "het minste dat u zou geven, van 0 (helemaal niet) tot 1 (volledig); leeg: niet ingevuld"),
            share("upper", "het meeste dat u zou geven, van 0 (helemaal niet) tot 1 (volledig); leeg: niet ingevuld"),
        ),
        ordered=(("lower", "upper"),),
        crossed=("form", "criterion"),
    ),
)  # fmt: skip
