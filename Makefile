# The two commands are `make run` and `make test`; each sets up what it needs and asks nothing.
.PHONY: run test setup check debian bench clean

UV_VERSION := 0.13.8
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
SYNC := UV_PROJECT_ENVIRONMENT=.venv $(UV) sync --frozen --quiet
PYTEST ?= tests

run: .venv/.steward-ready
	@.venv/bin/steward

test: .venv/.steward-ready .venv/.dev-ready debian check
	.venv/bin/steward setup --with multilingual-e5-small --with en-core-web-sm
	.venv/bin/pytest $(PYTEST)

setup: .venv/.steward-ready

# What few need: `make extra-microphone`, `make extra-industry`, `make extra-train`, `make extra-redact`.
extra-%: .venv/.steward-ready
	$(SYNC) --no-dev --inexact --extra $*

check: .venv/.dev-ready
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

bench: .venv/.steward-ready .venv/.dev-ready
	.venv/bin/python bench/turn.py

clean:
	rm -rf .venv .uv .mypy_cache .ruff_cache .pytest_cache .hypothesis

.uv/bin/uv:
	python3 -m pip install --quiet --target .uv uv==$(UV_VERSION)

# `--inexact` keeps what the other target installed.
.venv/.steward-ready: pyproject.toml uv.lock src/steward/models/weights.toml | $(filter .uv/bin/uv,$(UV))
	$(SYNC) --no-dev --inexact
	.venv/bin/steward setup
	@touch $@

.venv/.dev-ready: pyproject.toml uv.lock | $(filter .uv/bin/uv,$(UV))
	$(SYNC) --inexact --extra train --extra industry --extra redact
	@touch $@

# What the tests need of Debian: the page's browser, an MQTT broker, and npm as one of the sources
# of weights.
debian:
	@missing=; for tool in chromium mosquitto npm; do \
	  PATH="$$PATH:/usr/sbin" command -v $$tool >/dev/null || missing="$$missing $$tool"; \
	done; \
	[ -z "$$missing" ] || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; \
	  else \
	    echo "make test needs$$missing; run: sudo apt-get install$$missing" >&2; exit 1; \
	  fi; }
