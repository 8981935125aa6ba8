# The commands for working on Lockstep. `make` lists them.
# Works with GNU make 3.81 (macOS) and newer. A new machine needs Python, make and git.

PYTHON = python3
VENV = .venv
BIN = $(VENV)/bin
# Newer than the lock file if the environment is up to date.
INSTALLED = $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help install run test test-browser drills timing lighthouse check lint types format lock sbom mine without update clean
# part: languages
.PHONY: translations
# end part: languages

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "  To use another Python: make check PYTHON=python3.13 VENV=.venv313"

install: $(INSTALLED) ## Create the environment in .venv from the lock file

# $(call install_into,ENVIRONMENT,LOCK): create the environment if it is missing or has another
# Python, install the packages of the lock file and uninstall all others. Packages that are installed
# already are kept, so that a new lock file costs only its changes. --clear is used only on a directory
# that is an environment.
VERSION_OF = -c 'import sys; print(sys.version_info[:2])'
LISTED = sed -n 's/^\([a-z0-9-]*\)==.*/\1/p'
define install_into
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; this is %d.%d. Name another: make install PYTHON=python3.13" % sys.version_info[:2])'
	@test ! -L $(1) || { echo "$(1) is a symbolic link, so other projects may use its target. Install by hand." >&2; exit 1; }
	@echo "Installing $(2) into $(1) (about a minute the first time)"
	@test "$$($(1)/bin/python $(VERSION_OF) 2>/dev/null)" = "$$($(PYTHON) $(VERSION_OF))" || \
		$(PYTHON) -m venv $$(test ! -e $(1)/pyvenv.cfg || echo --clear) $(1)
	@$(1)/bin/python -m pip install -qq --disable-pip-version-check --require-hashes -r $(2)
	@{ echo pip; echo setuptools; $(LISTED) $(2); } > $(1)/.listed
	@for other in $$($(1)/bin/python -m pip freeze --all --disable-pip-version-check | sed 's/[ =].*//' | tr 'A-Z_.' 'a-z--' | grep -vxF -f $(1)/.listed); do \
		$(1)/bin/python -m pip uninstall -qq --yes $$other; done
	@touch $@
endef

$(INSTALLED): requirements-dev.txt
	$(call install_into,$(VENV),requirements-dev.txt)

# The packages that the site needs; `make install` adds those of tests and checks.
RUNNABLE = $(if $(wildcard $(INSTALLED)),$(INSTALLED),$(VENV)/.runnable)
$(VENV)/.runnable: requirements.txt
	$(call install_into,$(VENV),requirements.txt)

PORT =
run: $(RUNNABLE) ## Serve the site on http://127.0.0.1:5000 (or PORT=5001), on SQLite unless DATABASE_URL is set
	@$(BIN)/flask db upgrade
	@$(if $(PORT),FLASK_RUN_PORT=$(PORT)) $(BIN)/flask run

# First what is fast.
check: lint types test

test: $(INSTALLED) ## Run the tests
	$(BIN)/pytest -q

# part: redis
# The tests that store something in the session, on one database: sessions, sign-in, accounts,
# preferences, saved forms, and the request contract (R6).
FRAMEWORK_TESTS = $(wildcard tests/framework/test_*.py)
STATELESS = $(foreach part,users audit mail jobs doctor framework/tools,--ignore=tests/$(part)) \
	$(addprefix --ignore=,$(filter-out tests/framework/test_s%,$(FRAMEWORK_TESTS))) \
	$(addprefix --ignore=,$(filter tests/framework/test_st%,$(FRAMEWORK_TESTS)))
.PHONY: test-redis
test-redis: $(INSTALLED) ## Run the tests of sessions and sign-in with SESSION_STORE=redis
	@echo "The tests of sessions and sign-in, with SESSION_STORE=redis"
	@TEST_SESSION_STORE=redis $(BIN)/pytest -q -k 'not postgresql' $(STATELESS)

check: test-redis
# end part: redis

timing: $(INSTALLED) ## Measure whether response times reveal accounts (docs/accounts.md)
	$(BIN)/pytest -q -o python_files='measure_*.py' tests/accounts

drills: $(INSTALLED) ## Cause every failure that docs/operations.md lists
	$(BIN)/pytest -q -o python_files='drill_*.py' tests/framework/drills

# part: starter
check: readme removals
# What each covers: tests/framework/tools/drill_*.py. The nightly one runs the whole suite.
TOOL_DRILLS = $(BIN)/pytest -q -o python_files='drill_*.py'
.PHONY: removals removals-full
removals: $(INSTALLED) ## Remove each part, and all; update a product; run selected tests
	$(TOOL_DRILLS) -n 2 tests/framework/tools/drill_removals.py tests/framework/tools/drill_update.py

removals-full: $(INSTALLED) ## The same with the whole suite, and make feature (nightly, hours)
	REMOVALS=full $(TOOL_DRILLS) -n 0 tests/framework/tools

.PHONY: readme
readme: $(INSTALLED) ## Run the checks on a copy of the project with the example of the README
	$(BIN)/pytest -q tests/framework/drill_readme.py
# end part: starter

# part: starter
# The nightly workflow runs it.
.PHONY: recipes
recipes: $(INSTALLED) ## Run the checks on a copy of the project with the recipes of docs/recipes
	$(BIN)/pytest -q -n0 tests/framework/drill_recipes.py
# end part: starter

# part: benchmarks
.PHONY: bench profile growth
# A separate environment, because it contains the frameworks to compare with.
BENCH = .venv-bench
$(BENCH)/.installed: benchmarks/requirements.txt
	$(call install_into,$(BENCH),benchmarks/requirements.txt)

bench: $(BENCH)/.installed ## Compare the cost of a request with other stacks (QUICK=1: in two minutes)
	$(BENCH)/bin/python -m benchmarks $(if $(QUICK),--quick)

profile: $(BENCH)/.installed ## Profile a signed-in page
	$(BENCH)/bin/python -m benchmarks.profile

# part: dev
growth: $(BENCH)/.installed ## Compare a site of a thousand users with one of two million
	$(BENCH)/bin/python -m benchmarks.growth
# end part: dev
# end part: benchmarks

# Validates the HTML of the pages in the browser tests, if Node is installed.
CHECKER = $(if $(shell which npm 2>/dev/null),tests/framework/browser/node_modules/.package-lock.json)
tests/framework/browser/node_modules/.package-lock.json: tests/framework/browser/package-lock.json
	npm ci --prefix tests/framework/browser --silent --ignore-scripts
	@touch $@

# Not part of `make test`, because they take a minute or two. They save screenshots of every page
# in screenshots/.
test-browser: $(INSTALLED) $(CHECKER) ## Run the tests in a real browser (Debian: apt install chromium)
	$(BIN)/pytest -q tests/framework/browser

# Separate, because it is by far the largest tool and only this target needs it.
tests/framework/lighthouse/node_modules/.package-lock.json: tests/framework/lighthouse/package-lock.json
	npm ci --prefix tests/framework/lighthouse --silent --ignore-scripts
	@touch $@

lighthouse: $(INSTALLED) tests/framework/lighthouse/node_modules/.package-lock.json ## Run Lighthouse on home, sign-in and account
	$(BIN)/pytest -q -o python_files='measure_*.py' tests/framework/browser

# part: starter
.PHONY: screenshots
# The screenshots that are committed, for README.md and docs/interface.md.
SHRINK = $(BIN)/python -m tests.framework.browser.shrink
screenshots: test-browser ## Update docs/screenshots/
	@mkdir -p docs/screenshots
	$(SHRINK) screenshots/pages-home-visitor-light-1280.png docs/screenshots/home-light.png
	$(SHRINK) screenshots/accounts-account-saved-dark-1280.png docs/screenshots/account-dark.png
	$(SHRINK) screenshots/auth-login-error-light-375.png docs/screenshots/login-phone-light.png
	$(SHRINK) screenshots/sessions-devices-filled-dark-375.png docs/screenshots/devices-phone-dark.png
# end part: starter

check: test-browser drills ## Run all checks of CI

lint: $(INSTALLED) ## Check formatting, lint rules and security rules
	@$(BIN)/python --version
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/bandit --quiet --recursive app migrations config.py gunicorn.conf.py wsgi.py
# part: containers
	$(BIN)/hadolint Dockerfile
# end part: containers

types: $(INSTALLED) ## Check the types
	$(BIN)/mypy

format: $(INSTALLED) ## Format the code and apply automatic lint fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# One lock file for all platforms and for Python 3.11 and newer, without registry URLs.
# Pins change only if pyproject.toml requires it; LOCK=--upgrade takes the newest releases.
LOCK =
# The optional dependencies of production, each with a lock file.
EXTRAS = $(filter-out dev,$(shell sed -n '/^\[project.optional/,/^\[tool/s/^\([a-z]*\) = \[$$/\1/p' pyproject.toml))
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links $(LOCK)

lock: $(INSTALLED) ## Update the lock files from pyproject.toml (LOCK=--upgrade for newer releases)
	$(COMPILE) pyproject.toml -o requirements.txt
	for extra in $(EXTRAS); do \
		$(COMPILE) pyproject.toml --extra $$extra -c requirements.txt -o requirements-$$extra.txt || exit; done
	$(COMPILE) pyproject.toml --all-extras -c requirements.txt -o requirements-dev.txt
# part: benchmarks
	$(COMPILE) pyproject.toml benchmarks/requirements.in -c requirements.txt -o benchmarks/requirements.txt
# end part: benchmarks

# With an extra: EXTRA=-NAME. Not committed: generate it for each release.
sbom: $(INSTALLED) ## Write sbom.json, the software bill of materials (CycloneDX)
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible \
		--output-file sbom.json requirements$(EXTRA).txt

# part: languages
# See docs/languages.md. The template is extracted, merged into each language and deleted. No
# line numbers and no fuzzy matches, so that a diff shows only the texts to translate. The .mo files
# are committed, so that a clone has all languages without another command.
WORDS = app/translations
POT = $(WORDS)/messages.pot

translations: $(INSTALLED) ## Extract the texts and compile the translations
	$(BIN)/pybabel -q extract -F pyproject.toml -k lazy_gettext --add-location=file --sort-by-file -w 99 -o $(POT) app
	$(BIN)/pybabel -q update -i $(POT) -d $(WORDS) -w 99 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@rm $(POT)
	$(BIN)/pybabel -q compile -d $(WORDS)
# end part: languages

# The variables given on the command line. Those of the environment mean something else: LANGUAGE
# is the language of its programs. They are passed on as typed, because make would expand a $ in them.
VARIABLES = NAME IDENTIFIER KEEP PART LANGUAGE TO FIELDS OWNER SINGULAR DRY TESTS
GIVEN = $(foreach name,$(VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
$(foreach name,$(GIVEN),$(eval unexport $(name))$(eval export GIVEN_$(name) := $$(value $(name))))

mine: ## Name the product: make mine NAME="Team Notes" (docs/make-it-yours.md)
	@$(PYTHON) -m tools.mine $(GIVEN)

without: ## Remove parts: make without PART="NAME NAME" or LANGUAGE=CODE; alone, list them
	@$(PYTHON) -m tools.without $(GIVEN)

update: ## Merge a later version of the starter: make update TO=v0.2.0
	@$(PYTHON) -m tools.update $(GIVEN)

feature: ## Write a feature: make feature NAME=notes FIELDS="title:str:120 text:text:5000" (docs/features.md)
	@$(PYTHON) -m tools.feature $(GIVEN)

clean: ## Remove the environment and caches, but not the database in instance/
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
