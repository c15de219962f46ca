# The verbs people expect. Each does its own set-up: on a bare machine `make demo` is enough.
.PHONY: demo test test-editors build fmt lint install clean

# Optimised: what users run. `tml` must start in about a millisecond.
build: setup
	cargo build --release -p client -p server
	@cd vscode-extension && ./package

setup:
	@.ci/setup
.PHONY: setup

# The main job from a bare machine: a workspace is created, checked, built, run, edited, rebuilt.
demo: setup
	cargo build --release -p client -p server
	@tests/demo target/release

test: setup
	cargo fmt --all --check
	cargo build -p client -p server
	cargo nextest run --workspace --no-fail-fast

# Real editors: VS Code's server build in Chromium, and Neovim.
test-editors: setup
	@.ci/setup editors
	cargo build -p client -p server
	cd tests/editors && npm test --silent

fmt:
	cargo fmt --all

lint:
	cargo clippy --workspace --all-targets

# Copies both binaries to PREFIX/bin (default ~/.local).
PREFIX ?= $(HOME)/.local
install: build
	install -D -t $(PREFIX)/bin target/release/tml target/release/tmld

clean:
	cargo clean
	rm -rf tests/editors/node_modules tests/editors/.venv tests/editors/shots vscode-extension/node_modules vscode-extension/out vscode-extension/*.vsix
