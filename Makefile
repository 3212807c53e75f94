# `make help` lists everything. Needs Python 3.11 or later and make; with libcurl4 (Debian) the stack runs a real MongoDB.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
BIN := .venv/bin
BACKEND ?= embedded
COMPOSE ?= docker compose
PACKAGES := -e shared -e services/referral -e services/scheduling -e services/notifications
WORKSPACE := $(wildcard shared/pyproject.toml services/*/pyproject.toml)
export PYTHONPATH := deploy

.PHONY: help run operate test test-compose check bench fuzz faults secrets images feed docs pins clean-data clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: .venv/run-ready ## start everything, feed the examples and keep running (ARGS=--once: print a table and exit; ARGS=--no-examples)
	@$(BIN)/python -m embedded run $(ARGS)

test: .venv/test-ready ## run every test against one stack (ARGS="-k placement" selects; BACKEND=containers or external: against real ones)
	@BACKEND=$(BACKEND) $(BIN)/python -m pytest $(if $(filter-out embedded,$(BACKEND)),tests/integration tests/system) $(ARGS)

test-compose: .venv/test-ready images ## build the images, start docker-compose.yml, test from a referral to a seat (COMPOSE=docker-compose for 1.29)
	@COMPOSE="$(COMPOSE)" $(BIN)/python -m pytest --timeout=0 tests/compose $(ARGS)

check: .venv/test-ready ## run CI's checks other than the tests: style, types, layers, generated docs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python docs/generate.py --check

bench: .venv/test-ready ## run the benchmarks, and write docs/benchmarks.md
	@$(BIN)/python benchmarks/run.py $(ARGS)

fuzz: .venv/test-ready ## attack decoder, link and sender with broken values; it continues where it stopped (ARGS="--only link --runs 500")
	@PYTHONPATH=deploy:tests $(BIN)/python -m fuzz $(ARGS)

faults: .venv/test-ready ## kill and stop stores, Kafka and processes right after a 201 (ARGS="--kills 5 --processes 2 --stops 0")
	@PYTHONPATH=deploy:benchmarks $(BIN)/python benchmarks/faults.py $(ARGS)

secrets: .venv/run-ready ## create the secrets that docker-compose.yml needs, in deploy/secrets
	@$(BIN)/python deploy/compose/make_secrets.py

images: ## build the three services' images
	@for service in referral scheduling notifications; do \
	  docker build -q -f deploy/service.Dockerfile --build-arg SERVICE=$$service $(IMAGE_ARGS) -t circlework/$$service:$${VERSION:-local} . || exit 1; done

feed: .venv/run-ready ## feed the examples to the containers of docker-compose.yml
	@$(BIN)/python -m embedded feed

docs: .venv/test-ready ## generate docs/asyncapi.yaml and docs/operations.md
	@$(BIN)/python docs/generate.py

operate: .venv/run-ready ## run a service's command against `make run` (ARGS="scheduling parked list"; ARGS="referral --help" lists them)
	@$(BIN)/python -m embedded operate $(ARGS)

clean-data: .venv/run-ready ## delete the embedded stack's data (ARGS="--data DIR": in another folder)
	@$(BIN)/python -m embedded clean-data $(ARGS)

clean: ## remove the environment and all data
	rm -rf .venv .circlework

COMPILE := $(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

pins: .venv/test-ready ## resolve requirements/*.in into hashed pins again
	$(COMPILE) requirements/run.in -o requirements.txt
	$(COMPILE) -c requirements.txt requirements/test.in -o requirements/test.txt
	$(COMPILE) -c requirements.txt requirements/build.in -o requirements/build.txt
	$(COMPILE) --no-deps requirements/notifications-assets.in -o requirements/notifications-assets.txt
	$(COMPILE) requirements/install.in -o requirements/install.txt
	for service in referral scheduling notifications; do \
	  $(COMPILE) -c requirements.txt --no-annotate --no-emit-package circlework-shared \
	    services/$$service/pyproject.toml -o requirements/$$service.txt || exit 1; done

.venv/bin/uv: requirements/install.txt
	@test -n "$(PYTHON)" || { echo "No python3 found: install Python 3.11 or later."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is too old: install Python 3.11 or later, or run make PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "The venv module is missing: install it (Debian: apt-get install python3-venv)."; exit 1; }
	@echo "  Installing the packages pinned in requirements.txt …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/install.txt
	@touch $@

.venv/run-ready: .venv/bin/uv requirements.txt requirements/notifications-assets.txt $(WORKSPACE)
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --compile-bytecode --require-hashes -r requirements.txt
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --no-deps --require-hashes -r requirements/notifications-assets.txt
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --no-deps --no-build-isolation $(PACKAGES)
	@touch $@

.venv/test-ready: .venv/run-ready requirements/test.txt
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install -q --require-hashes -r requirements/test.txt
	@touch $@
