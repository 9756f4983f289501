# make report        a report of the example `chat`; another with BRIEF=path/to/brief.yaml, OUT=folder, SET="path=value ..."
# make test          everything that is checked; `make quick` leaves out what takes long
# make attack        every promise of every archetype, example and approach, on PostgreSQL, as a table (SYSTEMS="chat clinic" for some)
# make mission       each row of the founding documents: shown by claims on the content of the document, failed, or open with the reason
# make generated     what becomes of COUNT=500 briefs composed from SEED=1, as a table
# make mutants       which of the named mistakes, and of MUTANTS=50 others drawn by SEED=1, the tests see; takes about an hour
# make sbom          the bill of materials of what is installed (CycloneDX), .work/sbom.json
# make app, make lab the notebooks as a web app, or in JupyterLab
SHELL := /bin/bash
BRIEF ?= chat
OUT ?= reports/$(basename $(notdir $(BRIEF)))
SET ?=
JOBS ?=
BENCH ?=
SYSTEMS ?=
SEED ?= 1
COUNT ?= 500
MUTANTS ?= 50
PORT ?= 8866
PYTEST ?= -n 2 --dist loadgroup
IN := . .ci/env &&
BIN := .venv/bin

.PHONY: help setup report test attack quick lint types app lab mission bench generated mutants lock sbom
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# //p' Makefile

setup:
	@.ci/setup

report: setup
	@.ci/system graphviz
	@$(IN) $(BIN)/workbook run "$(BRIEF)" -o "$(OUT)" --verify $(if $(JOBS),--jobs $(JOBS)) $(foreach pair,$(SET),--set "$(pair)")

lint: setup
	@$(IN) $(BIN)/ruff check --quiet src tests
	@$(IN) $(BIN)/ruff format --quiet --check src tests || { echo "Run: $(BIN)/ruff format src tests" >&2; exit 1; }

types: setup
	@$(IN) $(BIN)/mypy

test: lint types
	@.ci/system graphviz chromium redis-server postgresql mariadb-server default-jdk-headless npm go
	@$(IN) $(BIN)/pytest $(PYTEST) -m "not attack"

attack: setup
	@.ci/system postgresql
	@$(IN) $(BIN)/python tests/attack $(SYSTEMS)
	@$(if $(SYSTEMS),,$(IN) $(BIN)/pytest $(PYTEST) -m attack)

quick: lint
	@$(IN) $(BIN)/pytest $(PYTEST) -m "not slow and not browser and not attack"

app: setup
	@mkdir -p .work/briefs
	@$(IN) JUPYTER_PATH="$(CURDIR)/assets" JUPYTER_CONFIG_PATH="$(CURDIR)/assets/voila:$(CURDIR)/assets/jupyter" WORKBOOK_FOLDER="$${WORKBOOK_FOLDER:-$(CURDIR)/.work/briefs}" \
	  PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/voila notebooks --port $(PORT)

lab: setup
	@mkdir -p .work/briefs
	@$(IN) JUPYTER_CONFIG_PATH="$(CURDIR)/assets/jupyter" WORKBOOK_FOLDER="$${WORKBOOK_FOLDER:-$(CURDIR)/.work/briefs}" \
	  PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/jupyter lab --ip 127.0.0.1 notebooks/index.ipynb

mission: setup
	@$(IN) $(BIN)/python tests/mission

bench: setup
	@$(IN) $(BIN)/python tests/bench $(BENCH)

generated: setup
	@$(IN) $(BIN)/python tests/generated/table.py --seed $(SEED) --count $(COUNT)

mutants: setup
	@.ci/system redis-server postgresql mariadb-server
	@$(IN) $(BIN)/python tests/mutants --seed $(SEED) --count $(MUTANTS)

lock: setup
	@.ci/lock

sbom: setup
	@.ci/sbom
