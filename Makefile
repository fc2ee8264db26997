# Targets that others call: study test reports lab check bench lock clean. The environment is .venv in this folder.
PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
READY := .venv/ready
PIP := $(BIN)/python -m pip --disable-pip-version-check
LEVELS := province arrondissement working-area grouping municipality
# The work is spread over processes; more threads per process would only compete for the same cores.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := study
.PHONY: study test reports lab check bench lock clean

study: $(READY)
	@$(BIN)/studie run --regions province arrondissement --study --jobs $(JOBS)

reports: $(READY)
	@$(BIN)/studie run --regions $(LEVELS) --study --jobs $(JOBS)

test: $(READY)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadscope --no-loadscope-reorder

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/nbstripout --verify --keep-id notebooks/*.ipynb

lab: $(READY)
	$(BIN)/jupyter lab --notebook-dir=. notebooks

bench: $(READY)
	@$(BIN)/python -m pytest -n $(JOBS) -m slow --long
	@set -e; for script in benchmarks/*.py; do echo "$$script"; $(BIN)/python "$$script"; done

# Renews the list of packages with their hashes; the one target that needs uv, in an environment of its own.
lock:
	$(PYTHON) -m venv build/uv
	build/uv/bin/python -m pip install --quiet --disable-pip-version-check uv
	build/uv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
		--extra dev pyproject.toml --output-file requirements.lock

clean:
	rm -rf build
	find reports \( -name "*.pdf" -o -name "*.html" \) ! -name "voorbeeld*" ! -path "reports/published/*" -delete

# Remade only when the lock or the package's own description changes.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, got " + sys.version.split()[0])'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --quiet --require-hashes --requirement requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
