# Each target does all of its own set-up. `make help` lists them.
PYTHON ?= python3
WORKERS ?= 2
BIN := .venv/bin
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard portal/translations/*/LC_MESSAGES/*.po))

.DEFAULT_GOAL := help
.PHONY: help demo test check bench messages format clean
.DELETE_ON_ERROR:

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/.portal $(CATALOGUES) ## Load the demo companies and serve them on http://127.0.0.1:8000
	DEMO=1 $(BIN)/flask --app wsgi portal demo --serve

test: .venv/.tools $(CATALOGUES) ## Run every test, on SQLite and PostgreSQL and in a real browser
	@tools/provide.sh browser
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: .venv/.tools $(CATALOGUES) ## Lint, formatting, types, templates, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet portal/templates
	$(BIN)/python tools/check_translations.py

bench: .venv/.tools $(CATALOGUES) ## Measure against hand-written SQL; BENCH=large for ten million calls
	$(BIN)/python -m benchmarks $(ARGS)

messages: .venv/.tools ## Bring the catalogues up to date with the source
	$(BIN)/python tools/update_translations.py

format: .venv/.tools ## Format the source
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove what make has built; the demo's data in instance/ stays
	rm -rf .venv build *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis $(CATALOGUES)

%.mo: %.po | .venv/.portal
	@$(BIN)/pybabel --quiet compile -i $< -o $@

.venv/bin/python:
	@PYTHON="$(PYTHON)" tools/provide.sh venv

.venv/.portal: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

.venv/.tools: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ .venv/.portal
