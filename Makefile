# Two commands: `make run` and `make test`. Each sets itself up.
PORT ?= 8501
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: run test check fast browser bench docs clean help

help:
	@echo "make run [PORT=9000]   the dashboard at http://localhost:8501, on SQLite, sandbox included"
	@echo "make test              everything: checks, tests, crash, PostgreSQL and browser tests"
	@echo "make check             ruff, mypy --strict, import-linter, generated docs"
	@echo "make fast              the fast tests alone"
	@echo "make bench             benchmarks (prints figures)"

run: $(VENV)/.run
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: check
	.ci/chromium
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser and not crash and not postgres and not contract"
	$(BIN)/python -m pytest -m "browser or crash or postgres or contract" -rs

fast: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not browser and not crash and not postgres and not contract"

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m soc docs --check

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/log_path.py

docs: $(VENV)/.run
	$(BIN)/python -m soc docs

$(VENV)/.run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make run PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
