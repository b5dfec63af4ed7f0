# rustup's directory, for shells that do not have it yet.
export PATH := $(PATH):/usr/sbin:$(or $(CARGO_HOME),$(HOME)/.cargo)/bin

.PHONY: run demo test lint tour ci

run: ## builds and serves
	@.ci/setup run
	cargo run --release --locked

demo: ## the same with an example account, an example API and traffic
	@.ci/setup run
	cargo run --release --locked -- demo

test: ## all tests, those in a real browser included
	@.ci/setup test
	cargo test --locked

lint: ## formatting and clippy
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings

tour: ## docs/tour.md and its pictures, from the demo
	@.ci/setup test
	cargo build --locked
	cargo run --locked --example tour

ci: ## what has to pass before a change lands
	@.ci/run
