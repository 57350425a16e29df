# Every target bootstraps its own environment from the hash-pinned locks; no tool but Python >= 3.11, git and make is needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# The system's certificates where there are some: uv brings its own and would not know a company's.
CERTIFICATES := $(wildcard /etc/ssl/certs/ca-certificates.crt)
ifneq ($(CERTIFICATES),)
export SSL_CERT_FILE ?= $(CERTIFICATES)
endif

SEED ?= 1

.PHONY: run setup dev test test-laws test-docs check bench graphiql lock clean help

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: setup ## Start the demo in the foreground
	@exec $(BIN)/leds demo

setup: $(VENV)/.runtime ## Create .venv with the service and its command, .venv/bin/leds

dev: $(VENV)/.dev

test: $(VENV)/.dev ## Run every test
	@$(BIN)/python -m pytest -n auto --maxprocesses=4 --dist loadfile

LAWS := tests/laws tests/gateway/laws tests/gateway/test_standard_access_laws.py tests/authz/test_enforce_laws.py \
  tests/shapes/test_concurrency.py::test_kc01_nothing_of_one_caller_crosses_to_another

test-laws: $(VENV)/.dev ## Try fresh cases of every law (SEED=n), at most an hour, and write build/laws.json
	@SEED=$(SEED) OPERATIONS=20 LAWS_CASES=20 $(BIN)/python -m pytest $(LAWS) --hypothesis-seed=$(SEED) --laws-report=build/laws.json

test-docs: $(VENV)/.dev ## Carry out the how-tos with their slow steps, in copies of the working tree
	@$(BIN)/python -m pytest tests/docs/test_how_to.py --whole-how-tos

check: $(VENV)/.dev ## Format, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

bench: $(VENV)/.dev ## Run the benchmarks and write bench/results
	$(BIN)/python -m bench

graphiql: $(VENV)/.uv ## Build GraphiQL again, e.g. when the npm packages could not be reached
	@rm -f $(VENV)/.runtime gateway/graphiql/dist/.stamp
	@$(MAKE) --no-print-directory setup
	@cat gateway/graphiql/build-failure.txt

lock: $(VENV)/.uv ## Resolve the dependencies again into the committed locks
	$(BIN)/uv pip compile -q pyproject.toml --group build --generate-hashes --no-header --no-emit-index-url --universal --python-version 3.11 -o requirements.lock
	$(BIN)/uv pip compile -q pyproject.toml --group build --group dev --generate-hashes --no-header --no-emit-index-url --universal --python-version 3.11 -c requirements.lock -o requirements-dev.lock

clean: ## Remove the environment and everything generated
	rm -rf $(VENV) .leds build gateway/graphiql/dist gateway/graphiql/node_modules

$(VENV)/.uv: requirements-bootstrap.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "LEDS Graph needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@touch $@

GRAPHIQL := gateway/graphiql/package-lock.json gateway/graphiql/index.html $(wildcard gateway/graphiql/src/*) $(wildcard docs/examples/*.graphql)

# Compiled here and not at the first start: where PYTHONDONTWRITEBYTECODE is set, every start would compile anew.
SOURCES := authz gateway leds resolvers schema subgraphs

$(VENV)/.runtime: $(VENV)/.uv requirements.lock pyproject.toml hatch_build.py $(GRAPHIQL)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q $(SOURCES)
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@
