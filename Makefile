# The two commands of this project are `make demo` and `make test`. Each makes .venv by itself.
PYTHON  ?= python3
VENV    ?= .venv
BIN     := $(VENV)/bin
# One more than there are cores: many tests wait for a process, a browser or a database.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min((os.cpu_count() or 1) + 1, 8))')
INSTALL  = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.PHONY: bench bench-audit doors help demo test tour faults soak lint schema docs lock sbom

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.run: requirements/run.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; name it: make PYTHON=/path/to/python3 …"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing into $(VENV) …"
	@$(INSTALL) -r requirements/run.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "installing what the tests need into $(VENV) …"
	@$(INSTALL) -r requirements/dev.txt
	@touch $@

demo: $(VENV)/.run ## a local Slack workspace with the app in it; prints the address
	@exec $(BIN)/python app.py demo

tour: $(VENV)/.run ## a case and the quarter after it, played by its people and printed
	@exec $(BIN)/python app.py tour

test: $(VENV)/.dev ## every test that this machine can run; none needs root
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

soak: $(VENV)/.dev ## three replicas, hundreds of cases, kill -9 at random; prints the audit
	@$(BIN)/python -m tests.faults.soak

faults: $(VENV)/.dev ## kill -9, stopped processes, lost replies, 429, 500, silence and wrong clocks, at every point
	@FAULTS=all $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 4 --dist worksteal tests/faults/test_points.py tests/faults/test_strikes.py

doors: $(VENV)/.dev ## every door, tried by everybody with every kind of case; about an hour
	@DOORS=all $(BIN)/python -m pytest -n 0 tests/e2e/test_every_door.py tests/e2e/test_who_knows.py

bench: $(VENV)/.dev ## how fast it is beside how fast it could be; BENCH=--quick for a little of all
	@$(BIN)/python -m benchmarks $(BENCH)

bench-audit: $(VENV)/.dev ## what records that prove themselves add to opening a case; a minute
	@$(BIN)/python -m benchmarks audited --sqlite-only

lint: $(VENV)/.dev ## style, types, the directions of imports, and how easily one finds the way
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m docs.measure

schema: $(VENV)/.dev ## migrations make exactly the tables of the models
	@$(BIN)/python -m pytest tests/storage/test_schema.py

sbom: ## build/sbom.json: what the program installs, with licences (CycloneDX)
	@rm -rf build/run build/sbom && $(PYTHON) -m venv build/run && $(PYTHON) -m venv build/sbom
	@build/run/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@build/sbom/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/sbom.txt
	@build/run/bin/python -m pip uninstall --quiet --yes setuptools pip
	@build/sbom/bin/cyclonedx-py environment --pyproject pyproject.toml --mc-type application --output-reproducible --of JSON -o build/sbom.json build/run/bin/python
	@echo build/sbom.json

docs: $(VENV)/.dev ## write the generated parts of README.md and docs/ again
	@$(BIN)/python -m docs.generate

lock: ## pin the requirements again (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -q pyproject.toml -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -q pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url -q --group pyproject.toml:sbom -o requirements/sbom.txt
