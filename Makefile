# The one front door. `make` alone lists what can be done.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# What is done is remembered here; a step runs again when one of its inputs is newer.
DONE := .venv/done
PORT ?= 8000

FRAGMENTS := $(wildcard src/diem06/locale/en/fragments/*.po) src/diem06/locale/vi/LC_MESSAGES/django.po
ICONS := $(wildcard src/diem06/core/ui/icons.txt)

# Debian packages that only tests and checks need.
CHECK_NEEDS := gettext
TEST_NEEDS := gettext chromium default-jre-headless postgresql libreoffice-writer-nogui poppler-utils fonts-liberation2

.PHONY: help setup setup-dev setup-test demo dev test check fix bench soak clean

help: ## List these targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1|/' | awk -F'|' '{printf "  make %-7s %s\n", $$1, $$2}'

setup: $(DONE)/packages $(DONE)/project $(DONE)/vendor $(DONE)/translations ## Make .venv/, fetch locked packages and web parts, build translations

demo: setup ## Set up, load the plan and the demo province, serve on http://localhost:8000, print the logins
	@$(BIN)/diem06 demo

dev: setup ## Serve on http://localhost:8000 with DEBUG, reloading on each change
	@DIEM06_DEBUG=1 $(BIN)/diem06 migrate --verbosity 0
	DIEM06_DEBUG=1 $(BIN)/diem06 runserver $(PORT)

test: setup-test ## Run every test, on SQLite (with a real browser) and on PostgreSQL
	@$(BIN)/python setup/test.py

check: setup-dev ## Lint, types, import contracts, Django's checks, migrations, translations, templates (under a minute)
	@$(BIN)/python setup/check.py

fix: setup-dev ## Let ruff mend and format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: setup-dev ## Measure: run each program in bench/
	@$(BIN)/python setup/programs.py bench

soak: setup-dev ## Wear out: run each program in soak/
	@$(BIN)/python setup/programs.py soak

clean: ## Remove what set-up and tests made; the data in var/ stays
	rm -rf .venv node_modules static/vendor src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	rm -f src/diem06/locale/en/LC_MESSAGES/django.po src/diem06/locale/en/LC_MESSAGES/django.mo src/diem06/locale/vi/LC_MESSAGES/django.mo
	find src tests setup -name __pycache__ -type d -prune -exec rm -rf {} +

# -- steps of set-up -------------------------------------------------------------------------------------------------
setup-dev: $(DONE)/dev-packages setup
	@setup/apt.sh $(CHECK_NEEDS)

setup-test: setup-dev
	@setup/apt.sh $(TEST_NEEDS)

$(DONE)/environment: setup/venv.sh
	@setup/venv.sh
	@mkdir -p $(DONE) && touch $@

$(DONE)/packages: requirements.lock $(DONE)/environment
	@echo "Python packages: requirements.lock"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(DONE)/dev-packages: requirements-dev.lock $(DONE)/environment
	@echo "Python packages: requirements-dev.lock"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(DONE)/project: setup/project.sh $(DONE)/environment
	@setup/project.sh
	@touch $@

$(DONE)/web-parts: package-lock.json setup/web_parts.sh $(DONE)/environment
	@echo "Web parts: package-lock.json"
	@setup/web_parts.sh
	@touch $@

$(DONE)/vendor: setup/web_parts.py $(ICONS) $(DONE)/web-parts
	@$(BIN)/python setup/web_parts.py
	@touch $@

$(DONE)/translations: setup/translations.py $(FRAGMENTS) $(DONE)/packages
	@$(BIN)/python setup/translations.py merge
	@touch $@
