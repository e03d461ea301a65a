# Needs git, make and Python 3.11 or newer; everything else is installed into .venv.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

BIN := .venv/bin
READY := .venv/ready

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(READY) ## start the dashboard; ARGS="sessions --json" runs a command
	@$(BIN)/mi6-tui $(ARGS)

test: lint types layers check ## everything that must pass

lint: $(READY) ## style and format
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .

types: $(READY) ## static types
	@$(BIN)/mypy --no-error-summary

layers: $(READY) ## who may import whom
	@$(BIN)/lint-imports --no-cache > .venv/layers.log || { cat .venv/layers.log; exit 1; }

check: $(READY) tools ## the tests; ARGS="tests/report -k table" runs some
	@PYTHONDONTWRITEBYTECODE= $(BIN)/pytest --quiet -n 3 $(ARGS)

tools: ## programs that the tests drive
	@PATH="$$PATH:/usr/sbin"; missing=""; \
	for tool in tmux git chromium strace openssl busybox dash ssh:openssh-client sshd:openssh-server; do \
	  command -v $${tool%:*} > /dev/null || missing="$$missing $${tool#*:}"; \
	done; \
	if [ -z "$$missing" ]; then :; \
	elif command -v apt-get > /dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing > /dev/null; \
	else \
	  echo "the tests need more programs; install first:$$missing" >&2; exit 1; \
	fi

PEER := $(CURDIR)/.venv/peer/node_modules/.bin

peer: $(READY) ## what bench is held against, where there is npm
	@if command -v npm > /dev/null; then \
	  test -x $(PEER)/ccusage || npm install --silent --no-audit --no-fund --prefix .venv/peer ccusage@20.0.24; \
	fi

bench: peer ## measure, beside what it is held against
	@PATH="$(PEER):$$PATH" $(BIN)/mi6-tui bench $(ARGS)

fleet: $(READY) ## machines push while all is killed; ARGS="--events 1000000 --kills 100"
	@nice -n 10 $(BIN)/python -m tests.fleet --machines 3 --events 20000 --kills 30 $(ARGS)

soak: $(READY) ## a long run must not grow; ARGS="--minutes 5"
	@$(BIN)/python -m mi6_tui.bench.soak $(ARGS)

torture: $(READY) ## kill it a thousand times, and at each point; 25 minutes at most
	@nice -n 10 $(BIN)/python -m tests.torture --rounds 1000 --each --minutes 25 $(ARGS)

fuzz: $(READY) tools ## hostile input for a good while; FUZZ_EXAMPLES=8000 tries more
	@$(BIN)/pytest --quiet -n 2 --hypothesis-profile fuzz -o timeout=3600 tests/hostile tests/hostile/growth.py

compare: peer ## count your transcripts beside what ccusage counts
	@PATH="$(PEER):$$PATH" $(BIN)/mi6-tui bench --peer $(ARGS)

pictures: $(READY) ## redraw screenshots/*.svg from the demo store
	@$(BIN)/pytest --quiet tests/pictures --update-screenshots

dist: $(READY) ## build the wheel and the source archive into dist/
	@rm -rf dist
	@$(BIN)/python -m hatchling build

clean: ## remove everything that was built
	@rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The build backend comes first, so that its version is a pinned one too.
$(READY): pyproject.toml constraints.txt
	@python=$$(for name in python3.14 python3.13 python3.12 python3.11 python3; do \
	  "$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  && echo "$$name" && break; done); \
	if [ -z "$$python" ]; then \
	  echo "mi6-tui needs Python 3.11 or newer, with its venv module; none is on the PATH" >&2; exit 1; \
	fi; \
	echo "installing into .venv with $$python" >&2; \
	"$$python" -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt hatchling
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt \
	  --no-build-isolation --editable '.[dev]'
	@touch $(READY)

.PHONY: help run test lint types layers check tools peer bench fleet soak torture fuzz compare pictures dist clean
