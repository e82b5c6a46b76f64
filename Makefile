# Everything a developer or a newcomer types. `make help` lists it.

PYTHON ?= python3
JOBS ?= 3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
UV := VIRTUAL_ENV=$(CURDIR)/$(VENV) UV_PYTHON_DOWNLOADS=never $(BIN)/uv

# The same packages are imported by every process of a site: compiled once, whatever the surroundings say.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo up test test-fast lint bench requirements sandbox

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | \
		while IFS='|' read -r name text; do printf '  make %-13s %s\n' "$$name" "$$text"; done

setup: $(READY) sandbox ## Make .venv with everything in it, and bubblewrap if it is missing
	@echo "Ready. Next: make demo, or make test."

demo: $(READY) sandbox ## Start a server, run the examples on it and keep serving (DEMO_ONCE=1: stop when scored)
	@$(BIN)/podium demo $(if $(filter-out 0,$(DEMO_ONCE)),--once) $(ARGS)

up: $(READY) sandbox ## Start the server on ./podium-data (ARGS="--port 9000 --data DIR")
	@$(BIN)/podium up $(ARGS)

test: lint sandbox ## All checks and all tests, those of the server on SQLite and on PostgreSQL
	$(BIN)/pytest -n $(JOBS) --dist worksteal $(ARGS)
	$(BIN)/python tests/postgres_server.py $(BIN)/pytest -n $(JOBS) --dist worksteal tests/integration/server

test-fast: $(READY) ## The tests that need nothing but Python and take less than a second each
	$(BIN)/pytest -n $(JOBS) --dist worksteal -m "not slow and not browser and not postgres and not sandbox" $(ARGS)

lint: $(READY) ## Style, types and the layers of the packages
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY) sandbox ## Time from the upload of a submission to its rank (ARGS="--json")
	$(BIN)/python bench/end_to_end.py $(ARGS)

requirements: $(READY) ## Pin all lists of packages anew, ours and the runtimes' (ARGS="--upgrade")
	$(UV) pip compile -q --universal --generate-hashes --no-emit-index-url \
		--custom-compile-command "make requirements" $(ARGS) pyproject.toml -o requirements/run.txt
	$(UV) pip compile -q --universal --generate-hashes --no-emit-index-url \
		--custom-compile-command "make requirements" $(ARGS) --extra dev pyproject.toml -o requirements/dev.txt
	for list in science legacy-science; do \
		$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--custom-compile-command "make requirements" $(ARGS) src/podium/runtimes/$$list.in \
			-o src/podium/runtimes/$$list.txt || exit 1; done

# Once, and again when what is to be installed changes. uv comes first, by pip, at the version and hashes of dev.txt.
$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { \
		echo "Podium needs Python 3.11, 3.12 or 3.13. Name one: make setup PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
		echo "Python's venv module is missing. Type: apt install python3-venv"; exit 1; }
	@echo "Setting up $(VENV)"
	@if ! $(BIN)/uv --version >/dev/null 2>&1; then \
		$(PYTHON) -m venv --clear $(VENV) && \
		sed -n '/^uv==/,/^    # via/p' requirements/dev.txt > $(VENV)/uv.txt && \
		$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt; fi
	@$(UV) pip sync -q --require-hashes requirements/dev.txt
	@$(UV) pip install -q --no-deps --no-build-isolation -e .
	@touch $@

sandbox:
	@if command -v bwrap >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing bubblewrap, which isolates the programs of competitions"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends bubblewrap; \
	else echo "Programs run under bubblewrap, which is missing. Type: sudo apt install bubblewrap"; exit 1; fi
