# Two commands do everything: `make demo` and `make test`. Everything they make lies in this folder
# (.venv*, .build, data, out); `make clean` takes it away again.

PYTHON ?= python3
SAMPLE ?= data/vtest.avi
# uv reads the machine's own certificates, as pip and apt do.
export UV_SYSTEM_CERTS ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint unit e2e faults clients bench-engine lock clean

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make demo            track the people of a sample video through the whole stack; results under out/
demo: .venv/ready .venv-aws/ready
	@test -f "$(SAMPLE)" || .venv/bin/python -m devstack.samples "$(SAMPLE)"
	@.venv/bin/people-pathing run "$(SAMPLE)" --out out

## make test            everything that CI runs: lint, types, unit, contract, template, fault and end-to-end tests
test: lint unit e2e faults clients

## make lint            ruff, mypy --strict, sam validate --lint, cfn-lint, checkov
lint: .venv/ready .venv-aws/ready .venv-checkov/ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv-aws/bin/sam validate --lint --template template.yaml --region us-east-1
	.venv-aws/bin/cfn-lint -a cfn_lint_serverless.rules -- template.yaml
	@mkdir -p .build
	.venv/bin/python -m tests.template.translated > .build/translated.json
	.venv-checkov/bin/checkov --skip-download --quiet --compact --file .build/translated.json

## make unit            the tests that need no stack
unit: .venv/ready .venv-aws/ready
	.venv/bin/pytest -q -m 'not stack'

## make e2e             the tests against the template deployed on this machine
e2e: .venv/ready .venv-aws/ready
	.venv/bin/pytest -q -m stack

## make faults          by fault injection: no upload is lost; a line a case
faults: .venv/ready .venv-aws/ready
	.venv/bin/python -m tests.faults.run

## make clients         boto3, the AWS CLI and the JavaScript SDK against the local stack; a table
clients: .venv/ready .venv-aws/ready
	.venv/bin/python -m tests.clients.run

## make bench-engine    accuracy and speed of the engine beside live trackers, on the data in TRACKING_DATA
bench-engine: .venv/ready
	.venv/bin/python -m benchmarks.engine

.venv/ready: requirements/uv.txt requirements/dev.txt pyproject.toml
	@echo 'making .venv: the engine, the functions and the checks'
	@test -x .venv/bin/uv || $(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --require-hashes -r requirements/dev.txt
	@.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --editable .
	@touch $@

.venv-aws/ready: .venv/ready requirements/aws.txt
	@echo 'making .venv-aws: the local stack, SAM and cfn-lint'
	@test -x .venv-aws/bin/python || $(PYTHON) -m venv --without-pip .venv-aws
	@.venv/bin/uv pip install --quiet --python .venv-aws/bin/python --no-deps --require-hashes -r requirements/aws.txt
	@touch $@

.venv-checkov/ready: .venv/ready requirements/checkov.txt
	@echo 'making .venv-checkov'
	@test -x .venv-checkov/bin/python || $(PYTHON) -m venv --without-pip .venv-checkov
	@.venv/bin/uv pip install --quiet --python .venv-checkov/bin/python --no-deps --require-hashes -r requirements/checkov.txt
	@touch $@

## make lock            resolve the requirements anew (requirements/*.in → locks with hashes)
LOCK = cd requirements && ../.venv/bin/uv pip compile --quiet --upgrade --universal --fork-strategy fewest \
	--python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command 'make lock'
lock: .venv/ready
	$(LOCK) uv.in -o uv.txt
	$(LOCK) --override overrides.txt functions.in -o ../functions/requirements.txt
	$(LOCK) --override overrides.txt worker.in -o ../functions/people_pathing/service/worker-requirements.txt
	$(LOCK) --override overrides.txt dev.in -o dev.txt
	$(LOCK) aws.in -o aws.txt
	$(LOCK) checkov.in -o checkov.txt

## make clean           remove what the commands above made
clean:
	rm -rf .venv .venv-aws .venv-checkov .build .aws-sam .mypy_cache .pytest_cache .ruff_cache people_pathing.egg-info
