# The interface of the house: people and CI call the same targets.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules --no-print-directory

GO ?= go
NPM ?= npm
NODE ?= node
# What the tests are called with; `make test TEST=./impl/stream/...` for less.
TEST ?= ./...
TEST_TIMEOUT ?= 10m

LINT := $(GO) tool -modfile=tools/go.mod golangci-lint
REDOCLY := tools/spec/node_modules/.bin/redocly

.PHONY: help
help: ## List the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: generate
generate: ## Generate gen/ and clients/go from the documents in spec/
	$(GO) run ./cmd/tbgen generate

.PHONY: check-generate
check-generate: ## Fail, showing the difference, if generated code is not current
	$(GO) run ./cmd/tbgen generate --check

.PHONY: build
build: ## Build the commands into bin/
	$(GO) build -trimpath -o bin/ ./cmd/...

.PHONY: test
test: ## Run all tests with the race detector on
	$(GO) test -race -shuffle=on -timeout=$(TEST_TIMEOUT) $(TEST)

.PHONY: lint
lint: check-generate ## Check the code: generated code current, go vet, golangci-lint
	$(GO) vet ./...
	$(LINT) run

.PHONY: lint-spec
lint-spec: $(REDOCLY) ## Check the documents in spec/ with public validators
	REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(REDOCLY) lint spec/openapi.yaml
	$(NODE) tools/spec/lint.mjs

$(REDOCLY): tools/spec/package.json tools/spec/package-lock.json
	cd tools/spec && $(NPM) ci --ignore-scripts --no-audit --no-fund
	touch $@

.PHONY: demo
demo: ## Show the whole way: server, client, two cuts, an answer, the contract check
	@$(GO) build -o bin/ ./cmd/tbgen
	@$(GO) run ./cmd/taskbridge/demo -tbgen bin/tbgen -report build/contract.html

.PHONY: ci
ci: test lint lint-spec demo ## Everything that must pass before a change lands

.PHONY: clean
clean: ## Remove what the other targets made
	rm -rf bin build tools/spec/node_modules
