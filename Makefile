# Every target makes .venv by itself; PYTHON=python3.12 picks another interpreter.
PYTHON ?= python3.11
BIN := .venv/bin

# What a wheel can break: files, entry points and types; the rest does not see how it came.
WHEEL_TESTS := tests/test_house.py tests/test_documents.py tests/test_pytest_plugin.py \
	tests/client tests/webhooks tests/cli/test_app.py tests/cli/test_render.py

.PHONY: demo test torture check docs bench nox build test-wheel clean

demo: .venv/.demo
	$(BIN)/heygen-async demo

test: .venv/.dev
	$(BIN)/python -m pytest -n 4

# 100,000 histories of lost answers, cancellations and deaths; the suite plays the first 2,000.
torture: .venv/.dev
	$(BIN)/python -m tests.torture --histories 100000 --seed 0

check: .venv/.dev docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The web address of the repository, if it has one, is the link at the top of each page.
docs: .venv/.docs
	REPOSITORY="$$(git remote get-url origin 2>/dev/null | sed -nE 's#^(https?://)([^@/]*@)?#\1#p')" \
		NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: .venv/.bench
	$(BIN)/python -m benchmarks.run

nox: .venv/.dev
	$(BIN)/nox

build: .venv/.dev
	rm -rf dist
	$(BIN)/python -m build --no-isolation

# The wheel in an environment of its own, under the tests of the source archive.
test-wheel: build
	rm -rf build/wheel && mkdir -p build/wheel
	tar -xzf dist/*.tar.gz -C build/wheel --strip-components=1 --exclude='*/heygen_async'
	$(PYTHON) -m venv build/wheel/.venv
	build/wheel/.venv/bin/pip install --quiet "$$(echo dist/*.whl)[test]"
	build/wheel/.venv/bin/pip check
	cd build/wheel && .venv/bin/python -m pytest -n 4 $(WHEEL_TESTS)

clean:
	rm -rf .venv .nox out build dist site .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv .venv

.venv/.demo: $(BIN)/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[cli]'
	touch $@

.venv/.dev: $(BIN)/python pyproject.toml
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@ .venv/.demo

.venv/.docs: .venv/.dev
	$(BIN)/pip install --quiet --editable '.[docs]'
	touch $@

.venv/.bench: .venv/.dev
	$(BIN)/pip install --quiet --editable '.[bench]'
	touch $@
