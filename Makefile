# Needs python3 (3.11 or later) and nothing else; every verb sets up what it uses.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: help venv demo test lint gate format bench crosshair mutants traces clean

help: ## Say what each verb does
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "pyvigor needs Python 3.11 or later; give one with: make PYTHON=python3.11" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.product: pyproject.toml | $(BIN)/python
	$(PIP) install --editable .
	@touch $@

$(VENV)/.tools: pyproject.toml | $(BIN)/python
	$(PIP) install --editable '.[dev]'
	@touch $@ $(VENV)/.product

venv: $(VENV)/.tools ## Make the virtual environment with all development tools

demo: $(VENV)/.product ## Prove the NAT, then run it on a capture of real clients
	@PATH="$(CURDIR)/$(BIN):$$PATH" bash demo/demo.sh

test: $(VENV)/.tools ## Run all tests
	$(BIN)/python -m pytest -n auto

lint: $(VENV)/.tools ## Check formatting, style, types, and what CI systems read
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/pre-commit validate-manifest .pre-commit-hooks.yaml
	$(BIN)/zizmor --quiet --offline --strict-collection action.yml .github

gate: $(VENV)/.tools ## Prove what pyproject.toml names, and see that pyvigor.lock records it
	$(BIN)/pyvigor gate

format: $(VENV)/.tools ## Format the code and repair what ruff can repair
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.tools ## Measure the network functions beside C, and the NAT beside a dpkt loop
	$(BIN)/python -m tests.benchmarks.bench_nat

crosshair: $(VENV)/.tools ## Search the structures for counterexamples with CrossHair, in 3 minutes, or count the seeded bugs that it finds in an NF (NF=nat)
	$(BIN)/python -m tests.crosshair $(if $(NF),--nf $(NF))

mutants: $(VENV)/.tools ## Change the structures one place at a time, in 10 minutes, or an NF (NF=policer), and see that it is noticed
	$(BIN)/python -m tests.mutants $(if $(NF),--nf $(NF))

traces: $(VENV)/.tools ## Run specs and native code beside all captures in PYVIGOR_TRACES, in 15 minutes
	$(BIN)/python -m tests.traces $(NF)

clean: ## Remove everything that the other verbs made
	rm -rf $(VENV) build dist .pyvigor_cache .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
