# Two commands: `make run` and `make test`. Each sets itself up.
PORT ?= 8501
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

# What is run a second time, on PostgreSQL; what describes the API asks none of its own. The campaign runs more of it there.
APPROVING := $(addprefix tests/access/test_approvals.py::test_,asked_at_the_same_moment_it_is_one_request a_request_is_refused_withdrawn_or_over_and_then_done_by_nobody)
ON_POSTGRES := $(addprefix tests/,store metrics delivery api pages) $(APPROVING) \
  --ignore=tests/api/description
MORE_ON_POSTGRES := $(addprefix tests/,sla tickets escalation handover roster batches access audit)

# One worker more than cores: what drives processes and browsers waits half of its time. Files come in tests/conftest.py's order.
WORKERS ?= 3
# Columns are read by one thread each, as in the product's own workers: threads that wait for each other's small work cost a sixth.
PYTEST = POLARS_MAX_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
FAST = -m "not browser and not crash and not postgres and not contract"

.PHONY: .types .floors .code .documents audit run test tests check fast bench campaign postgres mutations kills load docs lock sbom clean help

help:
	@echo "make run [PORT=9000]   the dashboard at http://localhost:8501, on SQLite, sandbox included"
	@echo "make test              everything: checks, tests, crash, PostgreSQL and browser tests"
	@echo "make check             ruff, mypy --strict, import-linter, generated docs"
	@echo "make tests             the tests of it alone"
	@echo "make fast              the fast tests alone"
	@echo "make bench             benchmarks (prints figures)"
	@echo "make campaign          the long ones, before closing larger work: the four below"
	@echo "make postgres          what else asks a database, on PostgreSQL"
	@echo "make mutations         does a test notice what is broken? (PACKAGES=\"sla store\" COUNT=60 SEED=7 JOBS=2)"
	@echo "make kills             every incident one ticket, though the product is killed, or lost and restored, meanwhile (INCIDENTS=500)"
	@echo "make load              deliveries a second to a fast vendor"
	@echo "make model             learn the weights of the model from its patterns (a minute)"
	@echo "make docs              write what is generated from the code into docs/ and .env.example"
	@echo "make audit             known vulnerabilities of the locked packages (asks pypi.org)"
	@echo "make lock              requirements*.txt from requirements*.in (make lock UPGRADE=NAME takes its newest)"
	@echo "make sbom              what the product is made of: CycloneDX, licences, the ten largest packages (into build/)"
	@echo "make clean             forget the virtual environment"
	@echo
	@echo "After make run the command soc is there: $(BIN)/soc --help"

run: $(VENV)/.run
	$(BIN)/soc dashboard --port $(PORT)

test: check
	.ci/chromium
	.ci/api-tools
	.ci/deploy-tools
	@$(MAKE) --no-print-directory tests

tests: $(VENV)/.dev
	$(PYTEST) -rs
	$(PYTEST) --database=postgresql $(ON_POSTGRES) $(FAST)

fast: $(VENV)/.dev
	$(PYTEST) $(FAST)

check: $(VENV)/.dev
	@$(MAKE) --no-print-directory --jobs 2 --output-sync .types .floors .code .documents

.types:
	$(BIN)/mypy

.floors:
	$(BIN)/lint-imports

.code:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.documents:
	$(BIN)/python -m soc docs --check

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/log_path.py

campaign: postgres mutations kills load

postgres: $(VENV)/.dev
	$(PYTEST) --database=postgresql $(MORE_ON_POSTGRES) $(FAST)

mutations: $(VENV)/.dev
	$(BIN)/python -m benchmarks.mutations --count $(or $(COUNT),300) --jobs $(or $(JOBS),2) \
	  $(if $(SEED),--seed $(SEED)) $(if $(PACKAGES),--packages $(PACKAGES))

kills: $(VENV)/.dev
	SOC_CRASH_INCIDENTS=$(or $(INCIDENTS),500) $(BIN)/python -m pytest tests/crash -m crash -k "exactly_one or told_once"

load: $(VENV)/.dev
	$(BIN)/python benchmarks/deliveries.py --deliveries 1000 --steady 30

model: $(VENV)/.run
	$(BIN)/python -m soc.detection.model.training.train

docs: $(VENV)/.run
	$(BIN)/python -m soc docs

$(VENV)/.run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make run PYTHON=python3.11")'
	@echo "First run. 1 of 2: a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@echo "           2 of 2: $$(grep -c '==' requirements.txt) packages from requirements.txt; some minutes"
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.txt > $(VENV)/install.log 2>&1 & \
	  job=$$!; while kill -0 $$job 2>/dev/null; do sleep 2; \
	    printf '\r           %s of %s packages fetched%s, %s s ' "$$(grep -cE '^(Collecting|Processing|Ignoring) ' $(VENV)/install.log)" \
	      "$$(grep -c '==' requirements.txt)" "$$(grep -q '^Installing' $(VENV)/install.log && echo ', installing')" "$$(( $$(date +%s) - $$(stat -c %Y $(VENV)/pyvenv.cfg 2>/dev/null || stat -f %m $(VENV)/pyvenv.cfg) ))"; \
	  done; echo; wait $$job || { tail -20 $(VENV)/install.log; exit 1; }
	@$(MAKE) --no-print-directory $(BIN)/soc
	@touch $@

# The command, for this checkout: what installing a wheel would put there.
$(BIN)/soc: Makefile
	@printf '#!%s\nimport sys\n\nsys.path.insert(0, "%s")\nfrom soc.cli import main\n\nif __name__ == "__main__":\n    main()\n' \
	  "$(abspath $(BIN))/python" "$(CURDIR)" > $@ && chmod +x $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# Versions that are locked stay, unless one is named: make lock UPGRADE=polars
LOCK = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
  --custom-compile-command "make lock" $(if $(UPGRADE),--upgrade-package $(UPGRADE))

# Known vulnerabilities of what is locked, by the advisories of the Python Packaging Authority as pypi.org has them: it needs the network.
audit: $(VENV)/.dev
	$(BIN)/uv tool run --from 'pip-audit>=2.9,<3' pip-audit --requirement requirements.txt --require-hashes --disable-pip

lock:
	@test -x $(BIN)/uv || { echo "make check first: it installs uv"; exit 1; }
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -o requirements-dev.txt
	$(LOCK) deploy/image/requirements.in -o deploy/image/requirements.txt

# What is listed is what the lock says, installed apart from the tools that list it.
sbom: requirements.txt
	@mkdir -p build
	@test -d build/sbom-env || { echo "A new environment from requirements.txt; some minutes"; $(PYTHON) -m venv build/sbom-env && \
	  build/sbom-env/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt; }
	@test -d build/sbom-tool || { $(PYTHON) -m venv build/sbom-tool && \
	  build/sbom-tool/bin/python -m pip install --quiet --disable-pip-version-check cyclonedx-bom==7.5.0; }
	build/sbom-tool/bin/cyclonedx-py environment build/sbom-env/bin/python --pyproject pyproject.toml --mc-type application \
	  --output-reproducible --output-format JSON --output-file build/sbom.cdx.json
	$(PYTHON) deploy/image/contents.py build/sbom-env build/licences.md

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
