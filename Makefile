# app: run Synthome.  test: run the tests.  lint: style, types, import arrows.  bench: measure.  fit: refit the models.
# scorecard: judge the models on data that they were not fitted on, and write the model card's tables.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8501
# The app answers this computer alone; ADDRESS=0.0.0.0 opens it to the network, say for a class.
ADDRESS ?= 127.0.0.1
BIN := $(VENV)/bin

# Whoever alone can reach the app is its single user: her environment's API key counts. Behind a proxy others can reach
# it too; say SYNTHOME_SINGLE_USER=0 there.
ifneq (,$(filter 127.0.0.1 localhost ::1,$(ADDRESS)))
app: export SYNTHOME_SINGLE_USER ?= 1
endif

.PHONY: app test lint bench fit scorecard snapshot pictures clean

app: $(VENV)/.runtime
	@echo "Synthome starts at http://localhost:$(PORT)"
	@$(BIN)/streamlit run app.py --server.address $(ADDRESS) --server.port $(PORT)

test: $(VENV)/.development
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.development
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.development
	$(BIN)/python -m benchmarks

fit: $(VENV)/.development
	$(BIN)/python -m training

scorecard: $(VENV)/.development
	$(BIN)/python -m training.scorecard

snapshot: $(VENV)/.development
	$(BIN)/python -m synthome.ontology build

pictures: $(VENV)/.development
	$(BIN)/python -m docs.pictures

clean:
	rm -rf $(VENV) ontology_cache/terms.sqlite* .synthome

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is missing. Debian: sudo apt install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11; say which to use: make PYTHON=python3.11 ..."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv is missing. Debian: sudo apt install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	@echo "Installing what Synthome runs on; the first time takes a few minutes"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.development: requirements.txt requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing what the tests need; the first time takes a few minutes"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.runtime
