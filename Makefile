# Holdfast. `make help` lists what there is; every target works on a fresh clone.
# Settings on the command line: PORT=8000 (gateway; the others follow), STACK=default, PYTHON=python3.12, ARGS="-k scan".

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PORT ?= 8000
STACK ?= default
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
LOCAL := $(BIN)/python -m holdfast_local
STAMP := $(VENV)/.installed
PROJECTS := $(wildcard libs/*/pyproject.toml services/*/pyproject.toml deploy/local/pyproject.toml)
SOURCES := libs services deploy examples tests
MYPY_TARGETS := $(wildcard libs/*/src services/*/src deploy/local/holdfast_local examples)

.PHONY: help install run demo test check lint format types walls drift chaos bench fmt lock clean

help: ## List the targets
	@grep -hE '^[a-zA-Z0-9%-]+:.*## ' $(MAKEFILE_LIST) | awk 'BEGIN {FS = ":.*## "} {printf "  make %-10s %s\n", $$1, $$2}'
	@echo
	@echo '  Settings: PORT=8000 STACK=default PYTHON=python3.11 ARGS="-k scan"; e.g. make run PORT=8100 STACK=second'

install: $(STAMP) ## Make .venv from the hashed lock and install our packages (skipped when nothing changed)

$(STAMP): requirements-dev.lock $(PROJECTS)
	@deploy/local/install.sh "$(VENV)" "$(PYTHON)" $(dir $(PROJECTS))
	@touch $@

run: install ## Start everything: PostgreSQL, Kafka, five services, two tenants; Ctrl-C stops all
	@exec $(LOCAL) run --port "$(PORT)" --stack "$(STACK)"

demo: install ## Tell the story of an evening against the running stack (starts one if none runs)
	@exec $(LOCAL) demo --port "$(PORT)" --stack "$(STACK)"

test: install ## Units, integration and end to end, on a real PostgreSQL and Kafka of their own
	@exec $(LOCAL) test -- -m "not chaos and not load" $(ARGS)

check: lint format types walls drift ## Lint, format, types, import walls, and drift of everything generated

lint: install
	$(BIN)/ruff check .

format: install
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy $(MYPY_TARGETS)

walls: install
	$(BIN)/lint-imports

drift: install
	$(BIN)/holdfast drift

chaos: install ## Kills, restarts, duplicates under load; ends with `holdfast reconcile`
	@exec $(BIN)/python -m pytest -m chaos $(ARGS)

bench: install ## All benchmarks beside their baselines; writes docs/benchmarks.md
	@exec $(BIN)/python -m tests.load $(ARGS)

bench-%: install ## One benchmark alone: make bench-P1
	@exec $(BIN)/python -m tests.load $* $(ARGS)

fmt: install ## Format and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: install ## Resolve the requirements again and write both hashed locks
	$(BIN)/pip-compile --quiet --allow-unsafe --generate-hashes --strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements.lock requirements.in
	$(BIN)/pip-compile --quiet --allow-unsafe --generate-hashes --strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file requirements-dev.lock requirements-dev.in

clean: ## Stop what a killed stack left behind and remove the data of all stacks that do not run
	@if [ -x $(BIN)/python ]; then $(LOCAL) clean; fi
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
