# `make help` lists the targets. What CI runs is `make check`.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: compose help tools build up demo test check bench fmt format-check lint docs proto deny

# An image of the published interfaces, made by `.tools/buf build -o` at each release.
BUF_BASELINE := proto/baseline.binpb

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-14s %s\n", $$1, $$2 }'

tools: ## install what is missing: nats-server, PostgreSQL, Chromium, buf
	@scripts/tools.sh

build: ## build everything, for development
	cargo build --workspace --all-targets --locked

up: ## an empty suite: gRPC on 127.0.0.1:7600, HTTP on 127.0.0.1:8080
	@scripts/tools.sh nats
	cargo run --release --locked -p weft -- up

demo: ## a synthetic county that lives, on http://127.0.0.1:8080
	@scripts/tools.sh nats
	cargo build --release --locked -p weft
	target/release/weft demo

test: tools ## run every test
	@if cargo nextest --version >/dev/null 2>&1; then \
	  set -x; cargo nextest run --workspace --locked --no-fail-fast; cargo test --workspace --locked --doc; \
	else \
	  set -x; cargo test --workspace --locked --no-fail-fast; \
	fi

check: tools format-check lint test docs proto compose deny ## what CI runs

bench: ## measure the log and the suite
	@scripts/tools.sh nats
	cargo build --release --locked -p weft -p bench
	target/release/bench

fmt: ## format the code
	cargo fmt --all

format-check:
	cargo fmt --all --check

lint:
	cargo clippy --workspace --all-targets --locked -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

proto: tools
	@if [[ -n "$$(find proto -name '*.proto' -print -quit)" ]]; then \
	  set -x; .tools/buf lint; \
	else \
	  echo "proto/ is empty: nothing to lint"; \
	fi
	@if [[ -e $(BUF_BASELINE) ]]; then \
	  set -x; .tools/buf breaking --against $(BUF_BASELINE); \
	else \
	  echo "$(BUF_BASELINE) is not there: nothing to compare with"; \
	fi

compose: tools
	.tools/compose-lint/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	.tools/compose-lint/bin/hadolint deploy/Dockerfile

deny:
	@if cargo deny --version >/dev/null 2>&1; then \
	  set -x; cargo deny --all-features check bans licenses sources; \
	else \
	  echo "cargo-deny is not installed: licences and bans not checked"; \
	fi
