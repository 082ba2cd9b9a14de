# make run | make test | make check -- each does its own set-up: Python, pip and make are enough.
UV_VERSION := 0.13.8
UV := $(or $(shell command -v uv 2>/dev/null),.tools/bin/uv)
COMPILE = $(UV) pip compile -q --universal --generate-hashes --no-header --no-annotate --python-version 3.12 pyproject.toml
PYTHON := $(shell for p in python3 /usr/bin/python3 python; do $$p -m venv --help >/dev/null 2>&1 && echo $$p && break; done)
BIN := .venv/bin
# Compiled modules are kept out of sight, but kept: without them every start takes seconds longer.
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/.pycache
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test fast check format browser bench soak requirements clean

run: .venv/.run
	$(BIN)/python manage.py up

test: .venv/.dev browser
	$(BIN)/python -m pytest -q -n 4 -m "not browser and not drill"
	$(BIN)/python -m pytest -q -n 2 -m browser
	$(BIN)/python -m pytest -q -m drill

fast: .venv/.dev
	$(BIN)/python -m pytest -q -n 2 --no-migrations -m "not browser and not slow"

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djade --check --target-version 6.1 $$(git ls-files '*.html')
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m pytest -q tests/test_ground.py

format: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	-$(BIN)/djade --target-version 6.1 $$(git ls-files '*.html')

# Browser tests need a Chromium; this names the one found, or installs Debian's when it may.
browser: .venv/.dev
	@$(BIN)/python -m tests.chromium

bench: .venv/.dev
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

# Half an hour or more: 3,000 kills of processes while 1,000 paid orders flow to a sandbox, then the books are read.
soak: .venv/.dev
	STUDIO_STORM_KILLS=3000 $(BIN)/python -m pytest -q -s tests/faults/test_storm.py

requirements: $(filter .tools/bin/uv,$(UV))
	$(COMPILE) -o requirements.txt
	$(COMPILE) --extra scale -o requirements-scale.txt
	$(COMPILE) --extra scale --group dev -o requirements-dev.txt

clean:
	rm -rf .venv .tools staticfiles

.tools/bin/uv:
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install -q --disable-pip-version-check uv==$(UV_VERSION)

.venv/bin/python: | $(filter .tools/bin/uv,$(UV))
	$(UV) venv -q --allow-existing --no-python-downloads .venv || $(UV) venv -q --allow-existing --no-python-downloads --python '>=3.12' .venv || $(UV) venv -q --allow-existing .venv

.venv/.run: .venv/bin/python requirements.txt
	$(UV) pip install -q --python .venv/bin/python --require-hashes -r requirements.txt
	@touch $@

.venv/.dev: .venv/bin/python requirements-dev.txt
	$(UV) pip install -q --python .venv/bin/python --require-hashes -r requirements-dev.txt
	@touch $@ .venv/.run
