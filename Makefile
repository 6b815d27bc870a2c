# make help lists the targets. Each installs what it needs into VENV, and is quick the second time.
# BENCH_PHOTOS is a folder with one sub-folder a label for make bench, which else takes drawn faces.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STREAMLIT_ARGS ?=
FASTAI := benchmark/.fastai
BENCH_PHOTOS ?=
BENCH_ARGS ?=

.PHONY: run help extras test test-fast test-quick lint bench lock clean

run: $(VENV)/.installed ## install and start the app
	@[ -e $(VENV)/.installed-extras ] || echo "\`make extras\` adds int8 files (export --int8) and TensorBoard's curves."
	@echo "Mask Lab: http://localhost:8501 (Ctrl-C ends it; trainings go on)"
	@$(BIN)/streamlit run app.py $(STREAMLIT_ARGS)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

extras: $(VENV)/.installed-extras ## install what few need: int8 files (nncf), TensorBoard

# Every part runs, also after one that failed; then the exit status says.
test: $(VENV)/.installed-test ## lint, and every test
	@BIN=$(BIN) tests/chromium.sh
	@failed=""; \
	$(BIN)/ruff check . || failed="$$failed ruff"; \
	$(BIN)/mypy & mypy=$$!; \
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests/browser || failed="$$failed tests/browser"; \
	wait $$mypy || failed="$$failed mypy"; \
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/unit tests/app || failed="$$failed tests/unit+app"; \
	if [ -n "$$failed" ]; then echo "FAILED:$$failed"; exit 1; fi

test-fast: $(VENV)/.installed-test ## the quick tests, while you work: less than a minute
	$(BIN)/python -m pytest -q -n 2 --dist loadfile $$($(BIN)/python -m tests.fast)

test-quick: $(VENV)/.installed-test ## the tests that need no browser
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/unit tests/app

lint: $(VENV)/.installed-test ## check the code's style and types
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: $(VENV)/.installed $(FASTAI)/.installed ## training side by side with its peers (BENCH_PHOTOS=FOLDER)
	@$(BIN)/python -m benchmarks.bench $(BENCH_PHOTOS) $(BENCH_ARGS)

# An environment of its own: Mask Lab does not need fastai.
$(FASTAI)/.installed: benchmarks/requirements-fastai.txt
	$(PYTHON) -m venv $(FASTAI)
	$(FASTAI)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/requirements-fastai.txt
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('Mask Lab needs Python 3.11 or newer: make PYTHON=python3.11 ...')"
	$(PYTHON) -m venv $(VENV)

$(BIN)/uv: | $(VENV)/bin/python
	$(PIP) --quiet "uv>=0.13,<0.14"

# By uv, which takes a small part of pip's time, and by pip where uv gets nowhere: it knows nothing of pip's settings.
# The lock is a constraint, so that UV_TORCH_BACKEND=cpu can choose a build of PyTorch without CUDA's packages.
PIP := $(BIN)/python -m pip install --disable-pip-version-check
define install
	@[ -t 2 ] || quiet=--quiet; \
	$(BIN)/uv pip install $$quiet --compile-bytecode --python $(BIN)/python -r $(1).txt -c $(1).lock || \
	$(PIP) $$quiet -r $(1).lock
	@touch $@
endef

$(VENV)/.installed: requirements.lock | $(BIN)/uv
	@echo "Installing Mask Lab's packages into $(VENV) ..."
	$(call install,requirements)

$(VENV)/.installed-extras: requirements-extras.lock $(VENV)/.installed
	$(call install,requirements-extras)

$(VENV)/.installed-test: requirements-test.lock $(VENV)/.installed-extras
	$(call install,requirements-test)

# Resolves anew and pins every package, the indirect ones too, for every platform.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header
lock: | $(BIN)/uv ## resolve anew and pin every package
	$(LOCK) --output-file requirements.lock requirements.txt
	$(LOCK) --constraint requirements.lock --output-file requirements-extras.lock requirements-extras.txt
	$(LOCK) --constraint requirements-extras.lock --output-file requirements-test.lock requirements-test.txt

clean: ## delete VENV
	rm -rf $(VENV)
