# rustup's directory, for shells that do not have it yet.
export PATH := $(PATH):/usr/sbin:$(or $(CARGO_HOME),$(HOME)/.cargo)/bin

.PHONY: run demo test lint ci

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

ci: ## what has to pass before a change lands
	@.ci/run
