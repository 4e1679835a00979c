# Every target makes .venv by itself; PYTHON=python3.12 picks another interpreter.
PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: demo test check bench clean

demo: .venv/.demo
	$(BIN)/heygen-async demo

test: .venv/.dev
	$(BIN)/python -m pytest

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/.bench
	$(BIN)/python -m benchmarks.run

clean:
	rm -rf .venv out build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv .venv

.venv/.demo: $(BIN)/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[cli]'
	touch $@

.venv/.dev: $(BIN)/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@ .venv/.demo

.venv/.bench: .venv/.dev
	$(BIN)/pip install --quiet --editable '.[bench]'
	touch $@
