# openfisca_cej — all that a machine with Python 3.11 to 3.13 and make needs.

VENV := .venv
BIN := $(VENV)/bin
# uv installs what pip would, in a tenth of its time.
INSTALL := $(BIN)/uv pip install --quiet --python
PACKAGE := openfisca_cej
FRENCH := $(PACKAGE)/locale/fr/LC_MESSAGES/messages
YAML_TESTS := tests/contrat_engagement_jeune tests/reforms/cas
FORMULAS := $(PACKAGE)/variables/*,$(PACKAGE)/base.py
# OpenFisca-France wants an older core: it has an environment of its own.
BENCH := .venv-bench
TEMPLATE := .venv-template
FRANCE_REFORM := openfisca_cej.reforms.openfisca_france.ContratEngagementJeune
WORKERS ?= 2
FUZZ_SECONDS ?= 25
PERSON_MONTHS ?= 1000000
COMPARISONS ?= 200000
SEED ?= long
ONE_IN ?= 1
PORT ?= 5000

# Hundreds of processes load the same modules: they are compiled once, whatever the machine says.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help messages run law revalue test test-wheel lint format serve build clean
.PHONY: attacks bench bench-api bench-endurance bench-parquet browser coverage dated-values docs
.PHONY: doors ecarts fuzz long mutation oracle
.PHONY: reconcile reproducible schemathesis test-browser test-docs test-france test-lowest test-matrix test-rest
.PHONY: watch

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

run: $(VENV)/.run ## Set everything up, then simulate the embedded population
	@$(BIN)/openfisca-cej simulate

law: $(VENV)/.dev ## The quick check of who edits the law: cases, register, health, oracle; what to edit
	@OPENBLAS_NUM_THREADS=1 PYTHONPATH=. $(BIN)/python tests/helpers/law.py

watch: $(VENV)/.run ## Tell which articles have moved since the rules were written (needs npm's registry)
	@$(BIN)/openfisca-cej law watch --fetch

# make revalue DAY=2027-04-01 COEFFICIENT=1.009 TITLE='…' HREF=https://… (WRITE=--write to edit)
revalue: $(VENV)/.dev ## Show all that a yearly revaluation of the amounts changes, from its coefficient
	@PYTHONPATH=. $(BIN)/python tests/helpers/revalue.py $(DAY) $(COEFFICIENT) --title '$(TITLE)' --href '$(HREF)' $(WRITE)

test: lint coverage test-rest test-wheel ## Lint, then run every test once: on the tree or on the wheel

# What takes long, and what needs the tree beside it: the wheel is tested without them.
test-rest: $(VENV)/.dev
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) -m slow --ignore tests/browser
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) -m "not slow" \
		tests/docs tests/droit tests/health tests/test_readme.py tests/test_whereabouts.py

coverage: $(VENV)/.dev ## YAML tests, which must cover every branch of the formulas
	$(BIN)/coverage run $(BIN)/openfisca test --country-package $(PACKAGE) $(YAML_TESTS)
	$(BIN)/coverage report --include=$(FORMULAS) --fail-under=100 --precision=2

test-wheel: build ## Test the built wheel elsewhere, in the newest Python that is here
	@WORKERS=$(WORKERS) $(BIN)/nox -s wheel

test-lowest: build ## Test the law on the wheel with the oldest libraries, then on the source archive
	@WORKERS=$(WORKERS) $(BIN)/nox -s lowest sdist

test-matrix: build ## Test everything on each Python that is here, with new and old libraries
	@WORKERS=$(WORKERS) $(BIN)/nox -- all

messages: $(VENV)/.dev ## Compile the French of what the command says, once messages.po is edited
	@$(BIN)/pybabel compile --locale fr --input-file $(FRENCH).po --output-file $(FRENCH).mo

lint: $(VENV)/.dev ## Check the style of Python and YAML files, and the types of the package
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/yamllint --strict .

format: $(VENV)/.dev ## Rewrite the Python files in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

browser: ## Install what checks pages in a browser and workbooks in a spreadsheet
	@.ci/browser

test-browser: $(VENV)/.dev browser ## Test pages and reports in a real browser; screenshots go to captures/
	$(BIN)/python -m pytest -n $(WORKERS) tests/browser
	$(BIN)/python -m pytest -n $(WORKERS) -k accessibility tests/explain tests/report

test-docs: docs $(VENV)/.dev browser ## Test the built site, in a browser too, and the notebooks
	$(BIN)/python -m pytest -n $(WORKERS) tests/docs/test_site.py tests/docs/test_notebooks.py

serve: $(VENV)/.run ## Serve the page and the web API on http://127.0.0.1:5000 (PORT=… for another)
	@$(BIN)/openfisca-cej serve --port $(PORT) --workers 1

bench: $(BENCH)/.installed ## Compare the engine with plain NumPy and with OpenFisca-France
	@$(BENCH)/bin/python benchmarks/population.py

bench-api: $(VENV)/.run $(TEMPLATE)/.installed ## Measure the web API beside others
	@$(BIN)/python benchmarks/api.py --country-template $(TEMPLATE)/bin/python \
		--france $(BENCH)/bin/python
ecarts: $(BENCH)/.installed ## Compare the rules with OpenFisca-France's own and write the page of docs/
	@$(BENCH)/bin/python -m benchmarks.ecarts docs/ecarts_openfisca_france.md

test-france: $(BENCH)/.installed ## Test the rules on OpenFisca-France, and living standards beside others' figures
	$(BENCH)/bin/openfisca test tests/france/cas --country-package openfisca_france \
		--reforms $(FRANCE_REFORM)
	$(BENCH)/bin/python -m pytest -n $(WORKERS) --dist loadfile tests/france
	$(BENCH)/bin/python -m pytest -k "recettes or openfisca_france" tests/docs/test_blocks.py

bench-parquet: $(VENV)/.dev ## Compare a Parquet run with reading and writing the files alone
	@$(BIN)/python benchmarks/parquet.py 5000000 20000000

mutation: $(VENV)/.dev ## Change formulas and parameters one by one: the YAML tests must notice
	@$(BIN)/python benchmarks/mutation.py --workers $(WORKERS) $(YAML_TESTS)

# PERSON_MONTHS=… for another count, SEED=… for other cases.
oracle: $(VENV)/.dev ## Compare a million random person-months with the exact oracle, on all cores
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/helpers/confrontation.py \
		--cas $(PERSON_MONTHS) --graine $(SEED)

# COMPARISONS=… for another count, SEED=… for other situations.
doors: $(VENV)/.dev ## Compare persons alone and in company through every door, on all cores
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/doors/company.py \
		--comparisons $(COMPARISONS) --seed $(SEED) --workers $(WORKERS)

dated-values: $(VENV)/.dev ## List the dated values of the parameters, with the YAML case that holds each
	@$(BIN)/python benchmarks/mutation.py --values

# ONE_IN=10 for a tenth of the parameters and inputs.
attacks: $(VENV)/.dev ## Look for the request to the web API that costs the most
	@OPENBLAS_NUM_THREADS=1 PYTHONPATH=tests:tests/helpers $(BIN)/python -m web.attacks.worst --one-in $(ONE_IN)

reconcile: $(VENV)/.dev ## Hide facts of persons, and count those that a reconciliation finds
	@OPENBLAS_NUM_THREADS=1 PYTHONPATH=tests:tests/helpers $(BIN)/python -m reconcile.score

bench-endurance: $(VENV)/.dev ## Measure requests lost to kills and reloads, and memory over time
	@$(BIN)/python benchmarks/endurance.py

schemathesis: $(VENV)/.run ## Try the web API with every check of Schemathesis, stateful too
	@.ci/schemathesis $(BIN)

fuzz: $(VENV)/.dev ## Try changed documents on every reader (FUZZ_SECONDS=… for each and engine)
	@$(INSTALL) $(BIN)/python atheris >/dev/null 2>&1 || echo "atheris cannot be installed here"
	@$(BIN)/python benchmarks/fuzz.py --seconds $(FUZZ_SECONDS)

# Each of these is more than CI has time for; what they print goes into the note of a release.
long: ## What takes hours: all that is sampled in CI, oracle, doors, attacks, mutation, fuzzing, matrix
	CEJ_ALL=1 $(MAKE) --no-print-directory test-rest
	$(MAKE) --no-print-directory dated-values oracle doors mutation reconcile
	$(MAKE) --no-print-directory attacks schemathesis fuzz bench-endurance
	$(MAKE) --no-print-directory test-matrix

docs: $(VENV)/.docs ## Build the site of the documentation in build/docs/html (offline)
	@rm -rf build/docs/html
	@$(BIN)/sphinx-build -q -W --keep-going -d build/docs/doctrees \
		docs build/docs/html
	@echo "Built build/docs/html/index.html"

# A commit gives the same bytes whenever and wherever it is built, by the same tools.
build: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date +%s)
build: $(VENV)/.dev ## Build the source archive and the wheel in dist/
	@rm -rf dist build/lib build/bdist.*
	@umask 022; $(BIN)/python -m build --installer uv --outdir dist . >build.log 2>&1 || { cat build.log >&2; exit 1; }
	@$(BIN)/twine check --strict dist/* >/dev/null
	@rm build.log; cd dist && sha256sum *

reproducible: $(VENV)/.dev ## Build the last commit twice, in unlike places: the same bytes
	@.ci/reproducible $(BIN)/python

clean: ## Remove the virtual environment, builds, caches and results
	rm -rf $(VENV) .nox $(BENCH) $(TEMPLATE) build dist resultats captures *.egg-info htmlcov .coverage
	rm -rf docs/reference docs/jupyter_execute
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache .schemathesis tests/browser/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first interpreter that is supported, can make environments, and really runs (a
# version manager may put on the PATH names that do not). PYTHON=… tries another one first.
$(VENV)/.created:
	@for candidate in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
		if "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
			>/dev/null 2>&1; then \
			echo "Setting up $(VENV) with $$("$$candidate" --version)…"; \
			rm -rf $(VENV) && "$$candidate" -m venv $(VENV) && \
			$(BIN)/python -m pip --disable-pip-version-check install --quiet uv && touch $@; \
			exit; \
		fi; \
	done; \
	echo "Python 3.11, 3.12 or 3.13 was not found, or it lacks the venv module." >&2; \
	echo "Install it (Debian, Ubuntu: apt install python3 python3-venv), or give its path:" >&2; \
	echo "    make run PYTHON=/path/to/python3" >&2; \
	exit 1

$(VENV)/.run: $(VENV)/.created setup.py pyproject.toml
	@echo "Installing $(PACKAGE) and what it needs…"
	@$(INSTALL) $(BIN)/python --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.created setup.py pyproject.toml
	@echo "Installing $(PACKAGE) and the development tools…"
	@$(INSTALL) $(BIN)/python --editable '.[dev]'
	@touch $(VENV)/.run $@

$(VENV)/.docs: $(VENV)/.created setup.py pyproject.toml
	@echo "Installing $(PACKAGE) and what builds its documentation…"
	@$(INSTALL) $(BIN)/python --editable '.[docs]'
	@touch $(VENV)/.run $@

$(BENCH)/.installed: $(VENV)/.created setup.py pyproject.toml
	@echo "Installing $(PACKAGE) beside OpenFisca-France…"
	@$(BIN)/python -m venv $(BENCH)
	@$(INSTALL) $(BENCH)/bin/python --editable '.[france,survey-manager,test]'
	@touch $@

$(TEMPLATE)/.installed: $(VENV)/.created
	@echo "Installing the country template of OpenFisca…"
	@$(BIN)/python -m venv $(TEMPLATE)
	@$(INSTALL) $(TEMPLATE)/bin/python \
		'openfisca-core[web-api] >=44.6, <47' openfisca-country-template
	@touch $@
