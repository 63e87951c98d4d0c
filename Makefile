# `make lab` and `make test` need Python 3.11, 3.12 or 3.13 and make, nothing else: the first run
# makes .venv and installs into it; later runs find the stamp that this left and start at once.

# The Python that .venv is made from. To choose one: make lab PYTHON=/path/to/python
PYTHON ?=

# What runs here runs in .venv, whatever else the shell is set up for; JupyterLab's terminal too.
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
unexport PYTHONHOME PYTHONPATH

.PHONY: help lab test test-oldest lint notebooks handout site clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

# On loopback, with a token; on the next free port if 8888 is taken. --allow-root, as root is who
# one is in a container. The open tabs are kept in .venv: those of the user's other projects would
# point at files that are not here.
lab: .venv/.notebooks-installed ## open the notebooks in JupyterLab
	$(BIN)/jupyter-lab --notebook-dir=notebooks --ip=127.0.0.1 --allow-root \
	    --LabApp.workspaces_dir=.venv/lab-workspaces

test: lint ## check style, then run every test and every notebook
	$(BIN)/python -m pytest

# Without what does not depend on the versions: the browser's tests, and test_setup.py, which installs
# the newest into environments of its own. And without the notebooks, whose stored outputs are those
# of the newest versions.
test-oldest: .venv-oldest/.tests-installed ## run the tests with the lowest versions of pyproject.toml
	.venv-oldest/bin/python -m pytest tests transconv \
	    --ignore=tests/test_browser.py --ignore=tests/test_explorer_page.py \
	    --ignore=tests/test_screenshots.py --ignore=tests/test_setup.py --ignore=tests/test_site.py

lint: .venv/.tests-installed ## check style (mend: .venv/bin/ruff check --fix; .venv/bin/ruff format)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

notebooks: .venv/.tests-installed ## execute the notebooks anew, in place
	$(BIN)/python -m tools.execute_notebooks notebooks/*.ipynb

handout: .venv/.notebooks-installed ## write the notebooks without solutions into handout/
	$(BIN)/python -m tools.handout notebooks/*.ipynb

site: .venv/.site-installed ## write the lessons as web pages into site/
	$(BIN)/python -m tools.site site

clean: ## remove the environments and the caches
	rm -rf .venv .venv-oldest .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

# .venv/.notebooks-installed and the like: this folder's package with that extra of pyproject.toml.
# More than one, so that a reader's `make lab` need not wait for the tests' tools.
# --python, lest uv installs into an environment that happens to be activated. The last
# lines spare the reader JupyterLab's question about news, and its look for updates.
LAB_SETTINGS := .venv/share/jupyter/lab/settings
.venv/.%-installed: pyproject.toml | $(BIN)/uv
	$(BIN)/uv pip install --python $(BIN)/python -e '.[$*]'
	@$(BIN)/python -c 'import matplotlib.font_manager' # lists the fonts once, which it says aloud
	@mkdir -p $(LAB_SETTINGS)
	@echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}' \
	    > $(LAB_SETTINGS)/overrides.json
	@touch $@

# lowest-direct: the lower bounds of pyproject.toml, and for what those need in turn the newest.
.venv-oldest/.tests-installed: pyproject.toml | $(BIN)/uv
	$(BIN)/uv venv --clear --python $(BIN)/python .venv-oldest
	$(BIN)/uv pip install --python .venv-oldest/bin/python --resolution lowest-direct -e '.[tests]'
	@touch $@

# uv installs in seconds what takes pip a minute or two. A Python will do if it is of a right
# version and can make an environment with pip in it, which Debian has in a package of its own.
# --clear, as a .venv without uv is one that was interrupted.
$(BIN)/uv:
	@for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
	    if "$$python" -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	        2>/dev/null && echo "making .venv with $$python" && "$$python" -m venv --clear .venv; \
	    then exec $(BIN)/python -m pip install --quiet --disable-pip-version-check uv; fi; \
	done; \
	echo 'No Python 3.11 to 3.13 that can make a virtual environment$(PYTHON:%= at %).' >&2; \
	echo 'Install one (Debian and Ubuntu: python3 and python3-venv), or name one:' >&2; \
	echo 'make lab PYTHON=/path/to/python' >&2; \
	exit 1
