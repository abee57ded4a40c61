# Everything runs in .venv, made from the hash-pinned locks. Python 3.11 or newer and git are all it needs.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# The first Python that is new enough and can make a virtual environment; `make PYTHON=/path/to/python` overrides.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
COMPILE = uv pip compile --quiet --generate-hashes --universal --python-version 3.11 --no-emit-index-url --no-header \
	--no-annotate $(UPGRADE)

# The tests start hundreds of processes; each would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install dev demo test lint format docs one bench stress lock clean

help:  ## list what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

install: $(VENV)/.installed  ## install nianbao into .venv

dev: $(VENV)/.developing  ## install what the tests need, too

demo: install  ## crawl bundled sample portals on loopback and show the result
	@$(BIN)/nianbao demo

test: lint  ## everything a change must pass
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -q

lint: dev  ## style, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: dev  ## put the style right where a machine can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: dev  ## make what comes from the program anew, check links, names and commands of the documentation
	$(BIN)/python -m tests.docs.generate
	$(BIN)/python -m tests.docs.site
	$(BIN)/pytest -q tests/docs

one: dev  ## one platform or portal while it is worked on: make one P=lanxi
	$(BIN)/pytest -q tests/platforms tests/contributing -k '$(P)'

bench: dev  ## measure; ratios side by side, nothing fails on a clock
	$(BIN)/python -m benchmarks

stress: dev  ## the tests that take long
	$(BIN)/pytest -n 2 -q -m stress tests tests/stress

lock:  ## pin the dependencies anew (UPGRADE=--upgrade for the newest, UPGRADE='-P scrapy' for one)
	@command -v uv >/dev/null || { echo "make lock needs uv: pip install uv"; exit 2; }
	$(COMPILE) pyproject.toml requirements-build.in -o requirements.lock
	$(COMPILE) --all-extras pyproject.toml requirements-build.in requirements-dev.in -c requirements.lock -o requirements-dev.lock
	$(COMPILE) --extra serve pyproject.toml requirements-build.in -c requirements-dev.lock -o docs/deploy/requirements.lock

clean:  ## remove .venv and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist site

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "nianbao needs Python 3.11 or newer with venv (on Debian: apt install python3-venv)"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.developing: requirements-dev.lock $(VENV)/.installed
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
