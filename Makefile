# Needs only make and Python 3.11 or later with pip. `make` lists the targets.

PYTHON ?= python3
# The folder of corpora/, whose pages train and evaluate read. It is not part of this repository.
DATA ?= ../shared

# How much fuzz and soak do. SECONDS instead of CASES bounds the time of fuzz.
CASES ?= 10000
SEED ?= 1
PAGES ?= 20000
JOBS ?= 2

UV_VERSION = 0.13.9
DEMO_PAGE = seeds/pages/autoblog_twin_en.html

# The caller's own environment must not mix its packages with ours.
unexport PYTHONHOME PYTHONPATH VIRTUAL_ENV

# A stamp is newer than the files that say what to install. Another Python is another stamp.
MINOR := $(shell "$(PYTHON)" -c "import sys; print('%d.%d' % sys.version_info[:2])" 2>/dev/null)
DEV = .venv/.installed-$(MINOR)
DEMO = .venv-demo/.installed-$(MINOR)
BENCH = .venv-bench/.installed-$(MINOR)
AUDIT = .venv-audit/.installed-$(MINOR)
BROWSER = .venv-browser/.installed-$(MINOR)
# The checker of accessibility; only the tests use it, and only from this folder.
AXE_VERSION = 4.14.1
AXE = build/axe-$(AXE_VERSION)/package/axe.min.js
RUN = .venv/bin/python -m
LOCKED = pyproject.toml constraints.txt
PACKAGE = $(wildcard noisefilter/*.* noisefilter/*/*.* noisefilter/*/*/*.* noisefilter/*/*/*/*.*)

# pip builds a package in an environment of its own, which -c does not reach. These variables do: the
# first with pip before 25.3, the second since. Relative paths, because pip splits them at blanks.
PIN = PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt
# Errors only: pip before 23.3 warns of an extra that lxml does have.
INSTALL = -m pip -qq --no-input --disable-pip-version-check install

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-browser screenshot lint format types train evaluate bench bench-service bench-hostile \
	fuzz soak audit corpus-check corpus-fetch corpus-manifest lock clean \
	check-python check-data

help:
	@echo 'make demo      clean a page and show what was dropped, and why'
	@echo 'make test      everything that continuous integration checks'
	@echo 'make test-browser  the page in Chromium: apt-get install chromium, or CHROMIUM=/path/to/it'
	@echo 'make screenshot    docs/page.png anew, from the page in Chromium'
	@echo 'make lint      ruff: rules and layout'
	@echo 'make format    ruff: repair what it can'
	@echo 'make types     mypy, strict'
	@echo 'make train     train the model on the pages in DATA/corpora'
	@echo 'make evaluate  measure the model on the pages in DATA/corpora'
	@echo 'make bench     compare speed, size and quality with other tools, on the same pages'
	@echo 'make bench-service  load on the HTTP service: cost, delays, what is lost, memory'
	@echo 'make bench-hostile  cost of input made to be slow, by shape'
	@echo 'make fuzz      CASES mutated pages and texts, and what must hold of each'
	@echo 'make soak      PAGES pages through one process and a pool: does anything grow?'
	@echo 'make audit     known vulnerabilities of what is depended on, and its licences'
	@echo 'make corpus-check     compare the pages in DATA/corpora with the manifest'
	@echo 'make corpus-fetch     download the labelled pages that DATA/corpora lacks'
	@echo 'make corpus-manifest  make the manifest anew, after the labels changed'
	@echo 'make lock      make constraints.txt anew from pyproject.toml'
	@echo 'make clean     remove virtual environments, caches and builds'
	@echo
	@echo 'Variables: PYTHON=$(PYTHON) DATA=$(DATA)'
	@echo '           of fuzz: CASES=$(CASES) SECONDS= SEED=$(SEED) JOBS=$(JOBS); of soak: PAGES=$(PAGES) JOBS=$(JOBS)'
	@echo '           fuzz and soak take their pages from seeds/ where there is no DATA'

# The package as its users get it: built, not linked to these sources.
demo: $(DEMO)
	.venv-demo/bin/noisefilter clean --explain $(DEMO_PAGE)

test: $(DEV)
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy --strict
	$(RUN) pytest
	.venv/bin/python tools/check_wheel.py
	$(RUN) tools.check_dockerfile

# Without Chromium, and for its part without axe-core, it says so and skips.
test-browser: $(BROWSER)
	@test -f $(AXE) || { mkdir -p build/axe-$(AXE_VERSION) && cd build/axe-$(AXE_VERSION) \
		&& npm pack --silent axe-core@$(AXE_VERSION) >/dev/null && tar xzf axe-core-$(AXE_VERSION).tgz; } \
		|| echo 'axe-core cannot be fetched with npm: its tests are skipped' >&2
	AXE_CORE=$(AXE) .venv-browser/bin/python -m pytest -rs tests/browser

screenshot: $(BROWSER)
	PYTHONPATH=tests .venv-browser/bin/python -m browser.screenshot docs/page.png

lint: $(DEV)
	$(RUN) ruff check .
	$(RUN) ruff format --check .

format: $(DEV)
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

types: $(DEV)
	$(RUN) mypy --strict

train: check-data $(DEV)
	$(RUN) training.train --data "$(DATA)"

evaluate: check-data $(DEV)
	$(RUN) training.evaluate --data "$(DATA)" --plot docs/reliability.svg

bench: check-data $(BENCH)
	.venv-bench/bin/python -m benchmarks --data "$(DATA)"

corpus-check: check-data $(DEV)
	$(RUN) training.manifest check --data "$(DATA)"

bench-service: check-data $(DEV)
	$(RUN) benchmarks.service --data "$(DATA)"

bench-hostile: $(DEV)
	$(RUN) benchmarks.hostile

# The pages of DATA where there are some, else those of seeds/.
WITH_DATA = $(if $(wildcard $(DATA)/corpora/*.jsonl.gz),--data "$(DATA)")

fuzz: $(DEV)
	$(RUN) tools.fuzz $(if $(SECONDS),--seconds $(SECONDS),--cases $(CASES)) --seed $(SEED) --jobs $(JOBS) $(WITH_DATA)

soak: $(DEV)
	$(RUN) tools.soak --pages $(PAGES) --jobs $(JOBS) $(WITH_DATA)

# Of the pinned versions, and the licences of all that the extras install.
audit: $(AUDIT)
	.venv-audit/bin/python -m tools.audit

# Makes the folder itself, where there is none.
corpus-fetch: $(DEV)
	$(RUN) training.manifest fetch --data "$(DATA)"

corpus-manifest: check-data $(DEV)
	$(RUN) training.manifest make --data "$(DATA)"

# For every Python that pyproject.toml allows and every platform; wheels only.
lock: check-python
	"$(PYTHON)" -m venv --clear .venv-lock
	.venv-lock/bin/python $(INSTALL) uv==$(UV_VERSION)
	.venv-lock/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--fork-strategy fewest --all-extras --strip-extras --no-build \
		--custom-compile-command 'make lock' --output-file constraints.txt pyproject.toml
	rm -rf .venv-lock

clean:
	rm -rf .venv .venv-audit .venv-bench .venv-browser .venv-demo .venv-lock build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(DEV): $(LOCKED) | check-python
	@echo 'Installing the development tools into .venv …'
	@"$(PYTHON)" -m venv --clear .venv
	@$(PIN) .venv/bin/python $(INSTALL) -c constraints.txt -e '.[dev]'
	@touch $@

$(DEMO): $(LOCKED) $(PACKAGE) | check-python
	@echo 'Installing noisefilter into .venv-demo …'
	@test -f $@ || "$(PYTHON)" -m venv --clear .venv-demo
	@$(PIN) .venv-demo/bin/python $(INSTALL) -c constraints.txt .
	@touch $@

# uv, because pip before 23.3 fails on an extra of lxml that two of these tools name differently.
$(BENCH): $(LOCKED) | check-python
	@echo 'Installing the tools to compare with into .venv-bench …'
	@"$(PYTHON)" -m venv --clear .venv-bench
	@.venv-bench/bin/python $(INSTALL) uv==$(UV_VERSION)
	@.venv-bench/bin/uv pip install --quiet --python .venv-bench/bin/python -c constraints.txt \
		--build-constraints constraints.txt -e '.[bench,dev]'
	@touch $@

$(AUDIT): $(LOCKED) | check-python
	@echo 'Installing all that is depended on, and pip-audit, into .venv-audit …'
	@"$(PYTHON)" -m venv --clear .venv-audit
	@.venv-audit/bin/python $(INSTALL) uv==$(UV_VERSION)
	@.venv-audit/bin/uv pip install --quiet --python .venv-audit/bin/python -c constraints.txt \
		--build-constraints constraints.txt -e '.[audit,bench,browser,dev]'
	@touch $@

$(BROWSER): $(LOCKED) | check-python
	@echo 'Installing what drives a browser into .venv-browser …'
	@"$(PYTHON)" -m venv --clear .venv-browser
	@$(PIN) .venv-browser/bin/python $(INSTALL) -c constraints.txt -e '.[browser,dev]'
	@touch $@

check-python:
	@command -v "$(PYTHON)" >/dev/null || { echo 'No Python at "$(PYTHON)". Name one: make PYTHON=python3.12 …' >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
		'noisefilter needs Python 3.11 or later; "$(PYTHON)" is $(MINOR). Name another: make PYTHON=python3.12 …' \
		>&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' || { echo \
		'"$(PYTHON)" cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv' \
		>&2; exit 1; }

check-data:
	@test -d "$(DATA)/corpora" || { echo \
		'No folder "$(DATA)/corpora". Name the one that holds corpora/: make train DATA=… (see CONTRIBUTING.md)' \
		>&2; exit 1; }
