# The same commands on a desk and in CI. Bare `make` prints this help.

.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Twice quiet: errors only. What an installer configured on this machine warns about is not ours.
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check

PACKAGES := bus services/esl-publisher services/led-renderer services/demo-switch services/credentials \
            services/home-assistant services/call-control services/sip-monitor
SOURCES := $(addsuffix /src,$(PACKAGES))
WEB := services/web-wall
PHONE := services/web-phone
PAGE := $(WEB)/dist/app.js
PAGES := $(PAGE) $(PHONE)/dist/answer.js
PROGRAMS := $(shell grep -lE '^\#!.*python' scripts/* 2>/dev/null)

# Debian keeps daemons, mosquitto among them, off a user's PATH. Node is the environment's own where the desk has none.
export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin:$(CURDIR)/$(BIN)
# What tests start twenty times is compiled once, and what a worker rewrites of asserts is kept.
unexport PYTHONDONTWRITEBYTECODE

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

# The pages in a browser. Node builds and tests them: the desk's own, or one from the package index, pinned (decision 17).
.PHONY: web
web: $(PAGES) ## build the wall and the telephone in a browser into services/web-*/dist

$(VENV)/.node: $(WEB)/node.txt | $(STAMP)
	@{ command -v npm && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; } >/dev/null 2>&1 \
	  || { echo "installing Node into $(VENV) ..."; $(PIP) --no-deps --require-hashes -r $<; }
	@touch $@

services/web-%/node_modules/.installed: services/web-%/package-lock.json | $(VENV)/.node
	@cd services/web-$* && npm ci --ignore-scripts --no-audit --no-fund --silent && touch node_modules/.installed

$(PAGE): $(WEB)/build.js $(shell find $(WEB)/src $(WEB)/public -type f) $(WEB)/node_modules/.installed
	@cd $(WEB) && node build.js && touch dist/app.js

$(PHONE)/dist/answer.js: $(PHONE)/build.js $(shell find $(PHONE)/src $(PHONE)/public -type f) $(PHONE)/node_modules/.installed
	@cd $(PHONE) && node build.js && touch dist/answer.js
	@ln -sf ../../$(PHONE)/bin/web-phone.js $(BIN)/web-phone

# What drives a browser in tests. The browser is the system's.
$(VENV)/.browser: $(WEB)/browser.txt | $(STAMP)
	@$(PIP) --no-deps --require-hashes -r $<
	@touch $@

.PHONY: chromium
chromium:
	@{ command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null \
	  || scripts/apt-install "the tests' browser" chromium

.PHONY: demo
demo: $(STAMP) ## the whole line in this terminal: demo switch, publisher, broker, panel. Ctrl-C ends it
	@$(MAKE) --no-print-directory web || echo "without the wall in a browser: it could not be built"
	@DEMO_PAGE=$(WEB)/dist $(BIN)/python -m demo_switch.stage

# --- the broker of docker-compose.yml: who may log in -------------------------------------------------------------------
COMPOSE ?= docker compose
# Passwords go to this terminal and to no log; a make of this file prints nothing else (see `make -s`).
KEYS = $(COMPOSE) run --rm --no-deps --no-TTY $(KEYS_ARGS) keys

.PHONY: credentials
credentials: ## the broker's users, their passwords, what each may do
	@$(KEYS) show

.PHONY: password
password: ## one user's password and nothing else: mosquitto_pub -u operator -P "$$(make -s password NAME=operator)" …
	@$(KEYS) password "$(NAME)"

.PHONY: add-display add-switch
add-display: ## one more display: NAME=lobby; with NUMBERS=off it never learns who telephones
	@$(KEYS) add display "$(NAME)" --numbers "$(or $(NUMBERS),on)"
add-switch: ## one more switch, whose publisher runs elsewhere: NAME=berlin
	@$(KEYS) add switch "$(NAME)"

.PHONY: remove-display remove-switch
remove-display: ## NAME=lobby gets in no more, and what it left on the bus is deleted
	@$(KEYS) remove display "$(NAME)"
remove-switch: ## the same for a switch
	@$(KEYS) remove switch "$(NAME)"

.PHONY: rotate
rotate: ## new passwords for everyone on this host, or for one: NAME=display-lobby. Nothing is restarted
	@$(KEYS) rotate $(if $(NAME),"$(NAME)")

.PHONY: certs
certs: ## a certificate for this host's names (and HOSTS="a b"), or your own: CERT=fullchain.pem KEY=key.pem
	@$(KEYS_CERTS)
	@if [ -n "$$($(COMPOSE) ps --quiet mosquitto)" ]; then $(COMPOSE) kill --signal HUP mosquitto; fi
KEYS_CERTS = $(if $(CERT),\
  $(COMPOSE) run --rm --no-deps --no-TTY --volume "$(abspath $(CERT)):/run/own.pem:ro" --volume "$(abspath $(KEY)):/run/own.key:ro" \
    keys certs --certificate /run/own.pem --key /run/own.key,\
  $(KEYS) certs $$(scripts/host-names) $(HOSTS))

.PHONY: ca
ca: ## the certificate that displays elsewhere trust the broker by: make -s ca > ca.pem
	@$(KEYS) ca

.PHONY: mosquitto
mosquitto:
	@{ command -v mosquitto && command -v mosquitto_pub; } >/dev/null \
	  || scripts/apt-install "the tests' own broker" mosquitto mosquitto-clients

.PHONY: kamailio
kamailio:
	@[ -n "$$(ls /usr/lib/*/kamailio/modules/websocket.so /usr/lib/kamailio/modules/websocket.so 2>/dev/null)" ] \
	  || scripts/apt-install "the tests' own SIP server" kamailio kamailio-websocket-modules

TESTED := $(STAMP) $(VENV)/.browser $(PAGES) mosquitto chromium kamailio

.PHONY: test
test: $(TESTED) ## every test that needs no Docker; installs what it lacks
	@cd $(WEB) && npm test --silent
	@cd $(PHONE) && npm test --silent
	@$(BIN)/python -m pytest -n auto --dist loadscope --ignore=tests/e2e $(PYTEST_ARGS)

.PHONY: races
races: $(TESTED) ## the integration tests, while all that they hear comes late: who looks before waiting fails
	@LATE=0.05 $(BIN)/python -m pytest -n 6 --dist loadscope -o timeout=600 tests/integration $(PYTEST_ARGS)

.PHONY: explore
explore: $(STAMP) ## the property tests with 20 times their examples: for an hour in which nobody waits
	@$(BIN)/python -m pytest -n auto -m hypothesis -o timeout=3000 --hypothesis-profile=explore tests/unit $(PYTEST_ARGS)

# Not part of `check`: it finds in minutes what examples find in days, and it needs libFuzzer (x86_64).
$(VENV)/.fuzz: tests/fuzz/requirements.txt | $(STAMP)
	@$(PIP) --no-deps --require-hashes -r $<
	@touch $@

FUZZ_SECONDS ?= 60
.PHONY: fuzz
fuzz: $(VENV)/.fuzz ## what comes by HEP, held to libFuzzer: FUZZ_SECONDS=300 for HEP, then for SIP
	@mkdir -p build/fuzz
	@for target in hep sip; do \
	  FUZZ_ARTIFACTS=build/fuzz PYTHONPATH=tests $(BIN)/python tests/fuzz/captures.py $$target $(FUZZ_SECONDS) || exit; done

.PHONY: systemd
systemd:
	@command -v systemd-analyze >/dev/null || scripts/apt-install "the test of the units" systemd

.PHONY: promtool
promtool:
	@command -v promtool >/dev/null || scripts/apt-install "the test of the alert rules" prometheus

.PHONY: sngrep
sngrep:
	@{ command -v sngrep && command -v sipp && command -v tmux; } >/dev/null \
	  || scripts/apt-install "the test against another SIP monitor" sngrep sip-tester tmux

.PHONY: e2e
e2e: $(STAMP) $(VENV)/.browser $(PAGES) mosquitto systemd promtool chromium kamailio sngrep ## the tests that build and break containers; needs a Docker engine with Compose v2
	@$(BIN)/python -m pytest -n 0 -m docker tests/e2e $(PYTEST_ARGS)

.PHONY: bench
bench: $(STAMP) mosquitto ## measure, and write docs/benchmarks.md
	@PYTHONPATH=tests $(BIN)/python bench/run.py $(BENCH_ARGS)

.PHONY: lint
lint: $(STAMP) $(VENV)/.browser $(WEB)/node_modules/.installed $(PHONE)/node_modules/.installed ## style, types, import rules, generated files, advisories about what is pinned
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy $(SOURCES) tests bench
	@set -e; for program in $(PROGRAMS); do $(BIN)/mypy "$$program"; done
	@$(BIN)/lint-imports --cache-dir .import_linter_cache
	@$(BIN)/python scripts/docs --check
	@cd $(WEB) && npm run --silent lint
	@cd $(PHONE) && npm run --silent lint
	@$(BIN)/python scripts/audit

.PHONY: secrets
secrets: $(STAMP) ## look for secrets in the tree; .secrets-allowed says what only looks like one
	@$(BIN)/python scripts/secrets

.PHONY: sbom
sbom: $(STAMP) $(VENV)/.node ## write what the locks pin as CycloneDX into build/sbom, one file per image
	@scripts/sbom

.PHONY: docs
docs: $(STAMP) ## write what is generated: docs/topics.md, docs/asyncapi.json, .env.example, the pages' contract
	@$(BIN)/python scripts/docs

# AsyncAPI's own React component and parser. Not part of `check`: it is 119 MB to install, for one page.
docs/site/node_modules/.installed: docs/site/package-lock.json | $(VENV)/.node
	@cd docs/site && npm ci --ignore-scripts --no-audit --no-fund --silent && touch node_modules/.installed

.PHONY: site
site: docs docs/site/node_modules/.installed ## docs/asyncapi.json, held to AsyncAPI's parser, as a page in build/site
	@cd docs/site && npm run --silent build

.PHONY: contact-sheet
contact-sheet: $(STAMP) ## pictures of every widget at every size, in build/contact-sheets, and those of docs/
	@$(BIN)/python scripts/contact-sheet build/contact-sheets
	@$(BIN)/python scripts/contact-sheet --docs
	@$(BIN)/python scripts/demo-gif docs/pictures/demo.gif

.PHONY: check
check: lint secrets test ## lint, secrets and test: what CI runs

.PHONY: lock
lock: ## pins and hashes: constraints.txt and a requirements.txt per service; UPGRADE=1 takes newer ones
	@scripts/lock

.PHONY: clean
clean: ## remove .venv and every cache
	@rm -rf $(VENV) services/web-*/node_modules services/web-*/dist docs/site/node_modules build dist .coverage* .*_cache .hypothesis $(addsuffix /build,$(PACKAGES)) $(addsuffix /*.egg-info,$(SOURCES))
	@find . -name __pycache__ -prune -exec rm -rf {} +
