# Two commands matter: `make demo` and `make test`. Both need only Python 3.11+, make and git.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null || echo $(BIN)/uv)
SPARK_TESTS ?= tests/spark
READY := $(VENV)/.ready

.PHONY: demo test spark-ready test-spark lint types contract check format quality bench soak docs clean

demo: $(READY)
	@$(BIN)/risktui demo

test: $(READY) check
	@$(BIN)/pytest -n 2 -rs

check: lint types contract

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/zizmor --offline --quiet .github

types: $(READY)
	@$(BIN)/mypy

contract: $(READY)
	@$(BIN)/lint-imports --no-cache

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# The environment is made by uv from uv.lock. Where there is no uv, pip brings it into the environment first.
$(READY): pyproject.toml uv.lock
	@echo "setting up $(VENV) (once; a minute or two)" >&2
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "risktui needs Python 3.11 or newer; try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) >&2
	@if command -v uv >/dev/null 2>&1; then uv sync --locked --quiet --python $(BIN)/python >&2; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check uv >&2 && \
	     $(BIN)/uv sync --locked --inexact --quiet --python $(BIN)/python >&2; fi
	@touch $(READY)

# The same detectors on Apache Spark, which needs Java 17: an environment of its own, 0.9 GB, made once.
spark-ready: $(READY)
	@UV_PROJECT_ENVIRONMENT=$(VENV)-spark $(UV) sync --locked --quiet --group spark --python $(BIN)/python >&2

test-spark: spark-ready
	@$(VENV)-spark/bin/pytest -rs $(SPARK_TESTS)

# Precision, recall and false alerts on simulated tenants; three minutes. QUALITY_SEEDS=1-9 shows every error of those seeds.
quality: $(READY)
	@$(BIN)/python benchmarks/quality.py

# What things cost: start, throughput layer by layer, reading, detectors, addresses. A few minutes; docs/performance.md.
bench: $(READY)
	@for each in start throughput logs_bench detectors_bench enrich_bench; do \
	  echo "== $$each"; $(BIN)/python benchmarks/$$each.py || exit 1; done

# Eight seconds of load is among the tests; here memory, handles and lag are looked at for longer.
SOAK_MINUTES ?= 60
soak: $(READY)
	@$(BIN)/python benchmarks/soak.py --rate 40 --minutes $(SOAK_MINUTES)

# The documentation as a site in site/; fails on a link that leads nowhere.
docs: $(READY)
	@$(BIN)/mkdocs build --strict --quiet -d site
	@echo "site/index.html" >&2

clean:
	rm -rf $(VENV) $(VENV)-spark dist site .mypy_cache .ruff_cache .pytest_cache
