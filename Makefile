# `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:
PYTHON := .venv/bin/python
TEMPLATES := template.yaml $(sort $(wildcard stacks/*.yaml))
export PYTHONDONTWRITEBYTECODE := 1

.PHONY: help setup up down demo metrics-check check-database set-up-database redrive drill load pgbouncer validate diff deploy destroy generate bench test test-unit test-integration test-e2e lint lint-code lint-templates lint-policies format clean

help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z0-9-]*:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make the Python environments in .venv (the other targets do so themselves)
	@./local/setup.sh

demo: setup ## Show the whole path on this machine, with evidence, and stop everything
	@$(PYTHON) -m local demo

up: setup ## Start PostgreSQL and the local AWS, deploy, and leave it running
	@$(PYTHON) -m local up

# Without a set-up that was finished nothing was started; after one, or with data that outlived it, there may be something to stop.
down: ## Stop what `make up` started and remove its data
	@if [ -e .venv/ready ] || ls -d .local* >/dev/null 2>&1; then ./local/setup.sh && $(PYTHON) -m local down; \
	else echo "Nothing to stop: this checkout was never set up, so nothing of it was ever started."; fi

metrics-check: setup ## Run every metric query against the embedded PostgreSQL, and print what it gives
	@PYTHONPATH=layers/operations:layers/postgres $(PYTHON) -m metric_files

check-database: setup ## Compare what the server runs with what it should; on AWS with ENV=dev, staging or prod
	@$(PYTHON) -m local check-database $(if $(ENV),--env "$(ENV)")

set-up-database: setup ## Make extensions, roles and rights what they should be; on AWS with ENV=dev, staging or prod
	@$(PYTHON) -m local set-up-database $(if $(ENV),--env "$(ENV)")

redrive: setup ## Try again what landed in the dead-letter queues; on AWS with ENV=dev, staging or prod
	@$(PYTHON) -m local redrive $(if $(ENV),--env "$(ENV)")

drill: setup ## Lose the primary RUNS times (MODE=forced, killed or frozen) and measure; on AWS with ENV=staging or prod
	@$(PYTHON) -m local drill $(if $(RUNS),--runs "$(RUNS)") $(if $(MODE),--mode "$(MODE)") $(if $(ENV),--env "$(ENV)") $(if $(CONFIRM),--confirm "$(CONFIRM)") $(if $(REPORT_URL),--report-url "$(REPORT_URL)")

load: setup ## Load an embedded environment for SECONDS (60) a phase, through the pooler and beside it, and report
	@$(PYTHON) -m local load $(if $(SECONDS),--seconds "$(SECONDS)")

pgbouncer: setup ## Write the pooler's configuration into build/pgbouncer (VERSION=1.24, LISTEN=0.0.0.0); on AWS with ENV=dev, staging or prod
	@$(PYTHON) -m local pgbouncer $(if $(ENV),--env "$(ENV)") $(if $(VERSION),--version "$(VERSION)") $(if $(LISTEN),--listen "$(LISTEN)")

# How the four that follow are told what to do; PARAMETERS, STACK and TEMPLATE go beyond samconfig.toml.
DEPLOYMENT := PYTHONPATH=layers/operations $(PYTHON) -m deployment
CHOICE = --env "$(ENV)" $(if $(STACK),--stack "$(STACK)")
CHANGES = $(if $(PARAMETERS),--parameters '$(PARAMETERS)') $(if $(TEMPLATE),--template "$(TEMPLATE)")

validate: setup ## Check templates, generated files and metric queries, without an AWS account
	@$(DEPLOYMENT) validate

diff: setup ## Show what a deployment would change, and refuse what would lose data: ENV=dev, staging, prod or local
	@$(DEPLOYMENT) diff $(CHOICE) $(CHANGES)

deploy: setup ## Validate, build, show, deploy and protect ENV=dev, staging, prod or local; YES=1 answers prod's question
	@$(DEPLOYMENT) deploy $(CHOICE) $(CHANGES) $(if $(YES),--yes)

destroy: setup ## Remove the deployment ENV after its stack's name was typed (or CONFIRM=name); the final snapshot stays
	@$(DEPLOYMENT) destroy $(CHOICE) $(if $(CONFIRM),--confirm "$(CONFIRM)")

generate: setup ## Write what is made from tables and templates: alarms and their stacks, the dashboard, metrics, tables of documents
	@$(PYTHON) -m generators
	@PYTHONPATH=layers/operations $(PYTHON) -m metric_files.document

bench: setup ## Measure, as ratios, into build/bench
	@PYTHONPATH=layers/application:layers/operations:layers/postgres $(PYTHON) -m benchmarks

# A `make` that a test starts is none of this one's.
PYTEST := env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL $(PYTHON) -m pytest

# Two at a time, the longest first: the end-to-end tests mostly wait. Each tells when it is through; one that fails stops no other.
test: setup ## Run every test
	@echo "Running the end-to-end tests, and beside them the unit and integration tests; each part tells when it is through"
	@$(MAKE) --no-print-directory --keep-going --jobs 2 --output-sync test-e2e test-unit test-integration

test-unit: setup ## Run the tests that need nothing but Python
	@$(PYTEST) tests/unit

test-integration: setup ## Run the tests that need more: processes, clients of AWS, its emulator, a real PostgreSQL
	@$(PYTEST) tests/integration

test-e2e: setup ## Run the tests against the deployed local stack
	@$(PYTEST) tests/e2e

# Two at a time: each of the three takes a core for about ten seconds.
lint: ## Check format, style, types, import directions, templates and their policies
	@./local/setup.sh linters
	@$(MAKE) --no-print-directory --jobs 2 --output-sync lint-policies lint-templates lint-code

lint-code:
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@PYTHONPATH=.:layers/application:layers/operations:layers/postgres .venv/bin/lint-imports

# SAM checks one template at a time, with a linter that is older than ours; `sam validate` itself would start 14 times, at 3 s each.
SAM_VALIDATE := from sys import argv; from samcli.commands.validate.validate import cli; \
	[cli(["--lint", "--region", "ap-northeast-1", "--template", each], standalone_mode=False) for each in argv[1:]]

lint-templates:
	@.venv/linters/bin/cfn-lint --regions ap-northeast-1 --include-checks I3011 I3013 -- $(TEMPLATES)
	@SAM_CLI_TELEMETRY=0 $(PYTHON) -c '$(SAM_VALIDATE)' $(TEMPLATES)

lint-policies:
	@$(PYTHON) -m generators.transform build/transformed
	@.venv/linters/bin/checkov --config-file .checkov.yaml --file $(TEMPLATES) build/transformed/*.json

format: setup ## Format the code
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

clean: down ## Remove what was built, what tools remember, and the Python environments
	@rm -rf .aws-sam build .venv ./*.egg-info .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
