# The two commands of a newcomer: `make demo` and `make test`. Everything else serves them.

PYTHON ?= $(shell sh .ci/python.sh)
PORT   ?= 8080
FOLDER ?= .demo
BIN    := .venv/bin
RUNTIME := .venv/.runtime
DEV     := .venv/.dev
TESTERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help demo setup test chaos check bench format docs lock clean

help:
	@echo "make demo    a ROC in a box on http://127.0.0.1:$(PORT)  (PORT=, FRESH=1, SCENE=0)"
	@echo "make test    the whole test suite"
	@echo "make chaos   killed at every point, all conversations in every chat: takes longer"
	@echo "             KILLS=3000: so many kills in each of the two great scenarios, for hours"
	@echo "make check   ruff, mypy, import-linter"
	@echo "make bench   commands a second, as a ratio (docs/architecture.md)"
	@echo "make setup   .venv with the locked dependencies, nothing else"
	@echo "make format  what ruff can mend by itself"
	@echo "make docs    the parts of docs/ that are written from the code"
	@echo "make lock    resolve the dependencies of pyproject.toml again"
	@echo "make clean   remove .venv, .demo and every cache"

demo: setup
	@exec $(BIN)/aaroc-bot demo --folder $(FOLDER) --port $(PORT) \
	    $(if $(filter 1,$(FRESH)),--fresh) $(if $(filter 0,$(SCENE)),--no-scene)

setup: $(RUNTIME)

$(BIN)/python:
	@sh .ci/venv.sh "$(PYTHON)"

$(RUNTIME): requirements.txt pyproject.toml $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

test: $(DEV)
	@sh .ci/browser.sh
	$(BIN)/python -m pytest -n $(TESTERS) --dist loadgroup -m "not chaos"

# As it is, some three hundred kills: 200 among three bots and four workers on PostgreSQL, 100 of
# one bot on SQLite, each with 200 runs on 20 sites, and 10 beside many freezes. With KILLS= the
# first two go on until so many each, with runs in proportion: a few seconds for each kill.
chaos: $(DEV)
	AAROC_TEST_KILLS=$(KILLS) $(BIN)/python -m pytest -n $(TESTERS) -m chaos
	AAROC_TEST_CHAT=slack $(BIN)/python -m pytest -n $(TESTERS) tests/conversations
	AAROC_TEST_CHAT=telegram $(BIN)/python -m pytest -n $(TESTERS) tests/conversations

check: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(DEV)
	$(BIN)/python -m benchmarks.commands
	$(BIN)/python -m benchmarks.slack

format: $(DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(DEV)
	$(BIN)/python -m tests.docs.reference

lock: $(DEV)
	$(BIN)/uv pip compile $(LOCK) --extra build --extra dev pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile $(LOCK) --extra build -c requirements-dev.txt pyproject.toml -o requirements.txt

LOCK := --quiet --universal --no-strip-extras --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade

clean:
	rm -rf .venv .demo dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
