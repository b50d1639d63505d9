# The whole developer interface. Every target sets up what it needs; a second time that is instant.
BIN := .venv/bin
ARGS ?=

.PHONY: setup demo test lint types contract

setup:
	@.ci/setup

demo: setup
	@$(BIN)/deskhand demo $(ARGS)

test: setup
	@$(BIN)/pytest $(ARGS)

lint: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

contract: setup
	@$(BIN)/lint-imports --no-cache
