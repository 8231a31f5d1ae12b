# The same commands on a desk and in CI. Bare `make` prints this help.

.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Twice quiet: errors only. What an installer configured on this machine warns about is not ours.
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check

PACKAGES := bus services/esl-publisher services/led-renderer services/demo-switch
SOURCES := $(addsuffix /src,$(PACKAGES))
PROGRAMS := $(shell grep -lE '^\#!.*python' scripts/* 2>/dev/null)

# Debian keeps daemons, mosquitto among them, off a user's PATH.
export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin

.PHONY: help
help: ## this text
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: setup
setup: $(STAMP) ## the virtual environment .venv, with every package and the test tools

# pip can't check hashes and install a local path in one go: third parties first, hashed; then ours, without any. The lock
# is complete, so pip shall resolve nothing (decision 6).
$(STAMP): constraints.txt $(addsuffix /pyproject.toml,$(PACKAGES)) | $(BIN)/pip
	@echo "installing into $(VENV) ..."
	@$(PIP) --no-deps --require-hashes -r constraints.txt
	@$(PIP) --no-deps --no-build-isolation $(addprefix -e ./,$(PACKAGES))
	@missing=$$($(BIN)/python -m pip --disable-pip-version-check check) || { echo "$$missing" >&2; exit 1; }
	@touch $@

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "make: Python 3.11 or newer is needed; try: make PYTHON=python3.13 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null \
	  || { rm -rf $(VENV); scripts/apt-install "a virtual environment" python3-venv && $(PYTHON) -m venv $(VENV); }

.PHONY: demo
demo: $(STAMP) ## the whole line in this terminal: demo switch, publisher, broker, panel. Ctrl-C ends it
	@$(BIN)/python -m demo_switch.stage

.PHONY: mosquitto
mosquitto:
	@{ command -v mosquitto && command -v mosquitto_pub; } >/dev/null \
	  || scripts/apt-install "the tests' own broker" mosquitto mosquitto-clients

.PHONY: test
test: $(STAMP) mosquitto ## every test that needs no Docker; installs what it lacks
	@$(BIN)/python -m pytest -n auto $(PYTEST_ARGS)

.PHONY: e2e
e2e: $(STAMP) mosquitto ## the tests that build and break containers; needs a Docker engine with Compose v2
	@$(BIN)/python -m pytest -n 0 -m docker tests/e2e $(PYTEST_ARGS)

.PHONY: bench
bench: $(STAMP) mosquitto ## measure, and write docs/benchmarks.md
	@PYTHONPATH=tests $(BIN)/python bench/run.py $(BENCH_ARGS)

.PHONY: lint
lint: $(STAMP) ## style, types, import rules, generated files, advisories about what is pinned
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy $(SOURCES) tests bench
	@set -e; for program in $(PROGRAMS); do $(BIN)/mypy "$$program"; done
	@$(BIN)/lint-imports --cache-dir .import_linter_cache
	@$(BIN)/python scripts/docs --check
	@$(BIN)/python scripts/audit

.PHONY: secrets
secrets: $(STAMP) ## look for secrets in the tree; .secrets-allowed says what only looks like one
	@$(BIN)/python scripts/secrets

.PHONY: sbom
sbom: $(STAMP) ## write what the locks pin as CycloneDX into build/sbom, one file per image
	@scripts/sbom

.PHONY: docs
docs: $(STAMP) ## write what is generated: docs/topics.md, docs/asyncapi.json, .env.example
	@$(BIN)/python scripts/docs

.PHONY: check
check: lint secrets test ## lint, secrets and test: what CI runs

.PHONY: lock
lock: ## pins and hashes: constraints.txt and a requirements.txt per service; UPGRADE=1 takes newer ones
	@scripts/lock

.PHONY: clean
clean: ## remove .venv and every cache
	@rm -rf $(VENV) build dist .coverage* .*_cache .hypothesis $(addsuffix /build,$(PACKAGES)) $(addsuffix /*.egg-info,$(SOURCES))
	@find . -name __pycache__ -prune -exec rm -rf {} +
