# `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:
PYTHON := .venv/bin/python
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help setup up down demo metrics-check redrive bench test test-unit test-integration test-e2e lint format clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z0-9-]*:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make the Python environments in .venv (the other targets do so themselves)
	@./local/setup.sh

demo: setup ## Show the whole path on this machine, with evidence, and stop everything
	@$(PYTHON) -m local demo

up: setup ## Start PostgreSQL and the local AWS, deploy, and leave it running
	@$(PYTHON) -m local up

# Without .venv nothing was started; with it, or with data that outlived it, there may be something to stop.
down: ## Stop what `make up` started and remove its data
	@if [ -e .venv ] || ls -d .local* >/dev/null 2>&1; then ./local/setup.sh && $(PYTHON) -m local down; \
	else echo "Nothing to stop: this checkout has no .venv, so nothing of it was ever started."; fi

metrics-check: setup ## Run every metric query against the embedded PostgreSQL, and print what it gives
	@PYTHONPATH=layers/operations:layers/postgres $(PYTHON) -m metric_files

redrive: setup ## Try again what landed in the dead-letter queues; on AWS with ENV=dev, staging or prod
	@$(PYTHON) -m local redrive $(if $(ENV),--env "$(ENV)")

bench: setup ## Measure, as ratios, into build/bench
	@PYTHONPATH=layers/operations:layers/postgres $(PYTHON) -m benchmarks

test: setup ## Run every test
	@$(PYTHON) -m pytest tests

test-unit: setup ## Run the tests that need nothing but Python
	@$(PYTHON) -m pytest tests/unit

test-integration: setup ## Run the tests against moto and a real PostgreSQL
	@$(PYTHON) -m pytest tests/integration

test-e2e: setup ## Run the tests against the deployed local stack
	@$(PYTHON) -m pytest tests/e2e

lint: setup ## Check format, style, types, import directions and templates
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@PYTHONPATH=.:layers/operations:layers/postgres .venv/bin/lint-imports
	@.venv/bin/cfn-lint --regions ap-northeast-1 --include-checks I3013 -- template.yaml stacks/*.yaml

format: setup ## Format the code
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

clean: down ## Remove what was built, and the Python environments
	@rm -rf .aws-sam build .venv
