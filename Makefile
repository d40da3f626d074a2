# `make demo` and `make test` need no other command first. Everything they create is in this folder: .venv*, .build,
# data and out.

PYTHON ?= python3
SAMPLE ?= data/vtest.avi
include functions/pip_settings.mk
# Makes uv trust the machine's own certificates, as pip and apt do.
export UV_SYSTEM_CERTS ?= 1
# Container images often set it. Each of the hundreds of processes that the tests start would then compile every
# module that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test lint unit page page-checks browser simulate e2e aws-beliefs faults clients wheel accuracy docs
.PHONY: image-check image-repository screenshots bench bench-short bench-engine bench-counting costs
.PHONY: lock clean

help:
	@sed -n 's/^## //p' Makefile

## make demo            track the people in a sample video with the whole stack; the results are in out/
demo: .venv/ready .venv-aws/ready
	@test -f "$(SAMPLE)" || .venv/bin/python -m devstack.samples "$(SAMPLE)"
	@.venv/bin/people-pathing run "$(SAMPLE)" --out out

## make test            run everything that CI runs
# The unit tests keep every core busy. The others often wait for a server or a download, so two of them run at
# once, and the output of each appears when it ends.
test: lint unit
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target e2e clients faults accuracy wheel browser page \
		bench-short

## make lint            check the code with ruff and mypy, and the template with sam, cfn-lint, checkov and parliament
lint: .venv/ready .venv-aws/ready .venv-checkov/ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv-aws/bin/sam validate --lint --template template.yaml --region us-east-1
	.venv-aws/bin/cfn-lint -a cfn_lint_serverless.rules -- template.yaml examples/worker_network.yaml \
		functions/worker/repository.yaml
	@mkdir -p .build
	.venv/bin/python -m tests.template.translated > .build/translated.json
	.venv-checkov/bin/checkov --skip-download --quiet --compact --file .build/translated.json
	.venv/bin/python -m tests.template.second_opinion .venv-checkov/bin/parliament

## make unit            run the tests that need no stack
# Where the trackers to compare with, or Google's client library, cannot be installed, their tests are skipped, or
# fail in CI.
unit: .venv/ready .venv-aws/ready
	-@$(MAKE) --no-print-directory .venv-peers/ready
	-@$(MAKE) --no-print-directory .venv-google/ready
	.venv/bin/pytest -q --numprocesses auto --dist worksteal \
		-m 'not (stack or faults or clients or wheel or accuracy or browser or image)'

## make page            check the types of the report page's JavaScript, and run its tests in Node.js
page:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory page-checks; \
	else echo 'npm is missing, so the report page is not checked'; test -z "$$CI"; fi

page-checks: .build/page-tools/ready
	.build/page-tools/node_modules/.bin/tsc --project functions/people_pathing/report/page
	node --test --test-reporter=dot $$(find tests/page -name '*.test.js' | sort)

.build/page-tools/ready: requirements/page/package.json requirements/page/package-lock.json
	@rm -rf $(@D) && mkdir -p $(@D) && cp $^ $(@D)/
	@cd $(@D) && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

## make browser         open the report in Chromium, which CHROMIUM may name, and use it
browser: .venv/ready
	.venv/bin/pytest -q -m browser tests/browser

## make simulate        run schedules with faults for SECONDS, from seed SEED on; see docs/simulation.md
SECONDS ?= 60
SEED ?= 1
simulate: .venv/ready
	.venv/bin/python -m tests.simulation --seconds $(SECONDS) --seed $(SEED)

## make e2e             run the tests against the template, deployed on this machine
e2e: .venv/ready .venv-aws/ready
	.venv/bin/pytest -q -m 'stack and not (faults or clients)'

## make aws-beliefs     replay in an AWS account what the code believes about AWS; see CONTRIBUTING.md
aws-beliefs: .venv/ready
	STACK_NAME="$(STACK_NAME)" ACCOUNT="$(ACCOUNT)" .venv/bin/python -m tests.aws_beliefs.replay

## make faults          inject faults and check that no upload is lost
faults: .venv/ready .venv-aws/ready
	.venv/bin/pytest -q -m faults

## make clients         call the local stack with old and new boto3, AWS CLI and SDKs; see CONTRIBUTING.md
clients: .venv/ready .venv-aws/ready
	.venv/bin/pytest -q -m clients tests/clients

## make wheel           install the wheel into empty environments and run its commands
wheel: .venv/ready
	.venv/bin/pytest -q -m wheel

## make image-check     build the worker's image with buildah, run a job in it, and inject faults into it
image-check: .venv/ready
	.venv/bin/python -m devstack.image_check
	.venv/bin/pytest -q -m image tests/image

## make image-repository  create the image's repository in your AWS account and name it in samconfig.toml
IMAGE_STACK = people-pathing-image
image-repository: .venv/ready .venv-aws/ready
	.venv/bin/aws cloudformation deploy --stack-name $(IMAGE_STACK) --no-fail-on-empty-changeset \
		--template-file functions/worker/repository.yaml
	PYTHONPATH=functions .venv-aws/bin/python -m devstack.image_repository "$$(.venv/bin/aws cloudformation \
		describe-stacks --stack-name $(IMAGE_STACK) --query 'Stacks[0].Outputs[0].OutputValue' --output text)"

## make accuracy        compare the tracks with the ground truth in the folder TRACKING_DATA, if it is set
accuracy: .venv/ready
	.venv/bin/pytest -q -m accuracy

## make docs            write the generated parts of docs/
docs: .venv/ready
	.venv/bin/python -m docs.generate

## make screenshots     take the pictures of the docs, in Chromium, which CHROMIUM may name; see docs/screenshots
screenshots: .venv/ready
	.venv/bin/python -m docs.screenshots

## make bench           run all benchmarks, for about an hour, and write their tables into docs/
# Where the other trackers cannot be installed, the rest is measured.
bench: .venv/ready .venv-aws/ready
	-@$(MAKE) --no-print-directory .venv-peers/ready
	.venv/bin/python -m benchmarks

## make bench-short     check in a minute or two that benchmarks run, whatever they measure
bench-short: .venv/ready
	.venv/bin/python -m benchmarks --short

## make costs           calculate docs/costs.md and docs/scaling.md from measured times, counted calls and prices
costs: .venv/ready
	.venv/bin/python -m benchmarks.scaling --write docs/scaling.md
	.venv/bin/python -m benchmarks.costs --write docs/costs.md

## make bench-engine    measure accuracy and cost of the engine, and of other trackers, on the data in TRACKING_DATA
# Where the other trackers cannot be installed, the rest is measured.
bench-engine: .venv/ready
	-@$(MAKE) --no-print-directory .venv-peers/ready
	.venv/bin/python -m benchmarks.engine

## make bench-counting  measure the error of counts, beside supervision's, on the data in TRACKING_DATA
bench-counting: .venv/ready
	-@$(MAKE) --no-print-directory .venv-peers/ready
	.venv/bin/python -m benchmarks.counting

.venv/ready: requirements/uv.txt requirements/dev.txt pyproject.toml
	@echo 'installing .venv: the engine, the functions and the checks'
	@test -x .venv/bin/uv || $(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --no-user --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --require-hashes -r requirements/dev.txt
	@.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --editable .
	@touch $@

.venv-aws/ready: .venv/ready requirements/aws.txt
	@echo 'installing .venv-aws: the local stack, SAM and cfn-lint'
	@test -x .venv-aws/bin/python || $(PYTHON) -m venv --without-pip .venv-aws
	@.venv/bin/uv pip install --quiet --python .venv-aws/bin/python --no-deps --require-hashes -r requirements/aws.txt
	@touch $@

.venv-checkov/ready: .venv/ready requirements/checkov.txt
	@echo 'installing .venv-checkov: checkov and parliament'
	@test -x .venv-checkov/bin/python || $(PYTHON) -m venv --without-pip .venv-checkov
	@.venv/bin/uv pip install --quiet --python .venv-checkov/bin/python --no-deps --require-hashes -r requirements/checkov.txt
	@touch $@

.venv-peers/ready: .venv/ready requirements/peers.txt
	@echo 'installing .venv-peers: trackers to compare with'
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv --without-pip .venv-peers
	@.venv/bin/uv pip install --quiet --python .venv-peers/bin/python --only-binary numpy --no-deps \
		--require-hashes -r requirements/peers.txt
	@touch $@

.venv-google/ready: .venv/ready requirements/google.txt
	@echo 'installing .venv-google: reads the export for Google Video Intelligence'
	@test -x .venv-google/bin/python || $(PYTHON) -m venv --without-pip .venv-google
	@.venv/bin/uv pip install --quiet --python .venv-google/bin/python --no-deps --require-hashes -r requirements/google.txt
	@touch $@

## make lock            resolve requirements/*.in again and write the lock files
LOCK = cd requirements && ../.venv/bin/uv pip compile --quiet --upgrade --universal --fork-strategy fewest \
	--python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command 'make lock'
lock: .venv/ready
	$(LOCK) uv.in -o uv.txt
	$(LOCK) --override overrides.txt functions.in -o ../functions/requirements.txt
	$(LOCK) --override overrides.txt worker.in -o ../functions/worker/requirements.txt
	$(LOCK) --override overrides.txt dev.in -o dev.txt
	$(LOCK) aws.in -o aws.txt
	$(LOCK) checkov.in -o checkov.txt
	$(LOCK) --override overrides.txt peers.in -o peers.txt
	$(LOCK) clients-boto3-oldest.in -o clients-boto3-oldest.txt
	$(LOCK) clients-boto3-newest.in -o clients-boto3-newest.txt
	$(LOCK) clients-aioboto3.in -o clients-aioboto3.txt
	$(LOCK) google.in -o google.txt
	$(LOCK) image-check.in -o image-check.txt

## make clean           remove the virtual environments, builds and caches
clean:
	rm -rf .venv .venv-aws .venv-checkov .venv-peers .venv-google .build .aws-sam build dist .mypy_cache \
		.pytest_cache .ruff_cache .hypothesis functions/people_pathing.egg-info
