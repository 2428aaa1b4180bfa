# `make help` lists the targets. What CI runs is `make check`.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: compose help tools build up demo test check bench fmt format-check lint docs proto deny sbom

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

# Where RustSec's database is out of reach, the weaknesses that it knows of are not checked, and the
# last line says so.
deny: ## check what the tree depends on: licences, bans, sources, known weaknesses
	@scripts/tools.sh deny
	.tools/cargo-deny/bin/cargo-deny --all-features check --hide-inclusion-graph bans licenses sources
	@if .tools/cargo-deny/bin/cargo-deny --log-level off fetch db 2>/dev/null; then \
	  set -x; .tools/cargo-deny/bin/cargo-deny --all-features check --hide-inclusion-graph advisories; \
	else \
	  echo "the database of known weaknesses (RustSec) cannot be reached: not checked"; \
	fi

sbom: ## the bill of materials of the binary, as in the image: target/weft.cdx.json
	@scripts/tools.sh sbom
	scripts/sbom.sh .tools/cargo-cyclonedx/bin/cargo-cyclonedx target/weft.cdx.json
