# `make demo` quenches, anneals and measures a glass; `make test` runs the tests. Each needs python3 and make only.
PYTHON ?= python3
BIN := .venv/bin
# The tests start thousands of processes: what Python compiles is kept for the next.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint stress clean

demo: .venv/glasscli
	rm -rf demo
	$(BIN)/glasscli doctor
	$(BIN)/glasscli run inputs/quickstart.toml
	$(BIN)/glasscli show demo/anneal.h5
	@echo "The glass, its measures and its pictures are in demo/."

test: .venv/tests lint
	$(BIN)/python -m pytest -n 3 --dist worksteal --durations 25

lint: .venv/tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

stress: .venv/tests
	$(BIN)/python -m pytest -n 3 --dist worksteal -m "stress or cluster" --full-stress

clean:
	rm -rf .venv demo build dist *.egg-info

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip

.venv/glasscli: pyproject.toml .venv/bin/python
	$(BIN)/pip install --quiet --editable .
	touch $@

.venv/tests: .venv/glasscli
	$(BIN)/pip install --quiet --editable '.[test]'
	touch $@
