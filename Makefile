# Two commands are all a newcomer needs: `make run` and `make test`. Each does its own set-up first.

PYTHON ?= python3
SHELL := /bin/sh
VENV := .venv
READY := $(VENV)/.ready
ROOMS := bot delivery domain handlers sandbox services storage templates
LOCKING := pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

# An environment knows its own address: in a checkout that was moved it has to be built anew.
ifneq ($(wildcard $(READY)),)
ifneq ($(shell test -x $(VENV)/bin/python && cat $(READY)),$(shell pwd))
REBUILD := --clear
$(READY): moved
endif
endif

.DEFAULT_GOAL := help
.PHONY: help setup run test coverage check bench lock moved

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' Makefile

setup: $(READY) ## build the virtual environment in .venv

$(READY): pyproject.toml requirements.txt requirements-setup.txt
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Hachi needs Python 3.11 or newer, and '$(PYTHON)' was not found." \
	       "Install it, or name it: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Hachi needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version)." \
	       "Install a newer one, or name it: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "This Python cannot build virtual environments. On Debian or Ubuntu: apt-get install python3-venv" >&2; \
	  exit 1; }
	@echo "[1/4] Virtual environment ($(VENV))"
	@$(PYTHON) -m venv $(REBUILD) $(VENV)
	@echo "[2/4] Installer"
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.txt
	@echo "[3/4] Libraries, as locked"
	@$(VENV)/bin/uv pip install --compile-bytecode --python $(VENV)/bin/python --require-hashes -r requirements.txt || { \
	  echo "uv could not fetch them; once more with pip, which knows your package index settings"; \
	  $(VENV)/bin/python -m pip install --disable-pip-version-check --require-hashes -r requirements.txt; }
	@echo "[4/4] Hachi"
	@$(VENV)/bin/uv pip install --quiet --python $(VENV)/bin/python --no-build-isolation --no-deps -e .
	@$(VENV)/bin/python -m compileall -q $(ROOMS)
	@pwd > $@
	@echo "Set up."

run: $(READY) ## start Hachi: on Slack if tokens are set, in the sandbox otherwise
	@exec $(VENV)/bin/hachi run

test: $(READY) ## run the tests (ARGS="tests/domain -k clock" picks some)
	@exec $(VENV)/bin/python -m pytest $(ARGS)

# Measuring doubles the time, and what long stories run is covered by shorter tests.
coverage: $(READY) ## run the shorter tests and show what they cover
	@exec $(VENV)/bin/python -m pytest --cov --cov-report=term:skip-covered -m "not long" \
	  --ignore=tests/scenarios --ignore=tests/browser --ignore=tests/bot $(ARGS)

check: ## run what CI runs: tests, style, types, import contracts
	@exec bash .ci/run

bench: $(READY) ## run the benchmarks one by one
	@status=0; for script in benchmarks/*.py; do \
	  [ -f "$$script" ] || continue; \
	  echo "== $$script"; $(VENV)/bin/python "$$script" || status=1; \
	done; exit $$status

lock: $(READY) ## write the lock files anew (ARGS=--upgrade takes newer versions)
	@$(VENV)/bin/uv $(LOCKING) --quiet --extra dev $(ARGS) pyproject.toml -o requirements.txt
	@printf 'setuptools>=77\nuv\n' | $(VENV)/bin/uv $(LOCKING) --quiet $(ARGS) - -o requirements-setup.txt
