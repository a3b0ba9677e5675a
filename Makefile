# `make book` and `make test` do all the set-up they need; `make help` lists the rest.
#
#   PYTHON=/path/to/python3.13   the Python to make the environment with (3.11 to 3.13; default: python3)
#   TEST_PYTHON=python3.13       the Python that check-dist, test-oldest, test-newest and test-colab try, beside that environment
#   VENV=.venv                   where that environment is
#   PORT=8000                    where `make serve` answers
#   TORCH=torch==2.13.0          what `make test-backends` and `make check-dist` install PyTorch from

PYTHON ?=
TEST_PYTHON ?=
VENV ?= .venv
PORT ?= 8000
TORCH ?= torch==2.13.0
RUN := $(VENV)/bin/python
STEP := @sh tools/step.sh
SHOWN := @LOGS= sh tools/step.sh
# They take half of the time of all tests, so they run beside the rest.
SECOND_HALF := tests/lab/peers tests/lab/tasks tests/lab/live tests/pages
LIBRARY_TESTS := tests/test_gate.py tests/test_reference.py tests/engines tests/layers tests/streaming tests/data tests/estimators

.DEFAULT_GOAL := help
.PHONY: help environment book pdf epub test test-fast coverage test-backends lint serve dist check-dist address audit test-faults test-oldest test-newest test-colab check-links lint-workflows lock clean distclean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

environment: ## make the virtual environment, or bring it up to date
	$(STEP) "setting up the environment in $(VENV)" "Put right what stands above, then run the same command again." \
	    sh tools/environment.sh "$(VENV)" "$(PYTHON)"

book: environment ## execute every notebook and build the book in _build/html
	$(STEP) "building the book" "The warnings above say which page and line. A notebook's traceback stands there too; \
	to work on it: $(VENV)/bin/jupyter lab book/" sh tools/book.sh "$(RUN)"
	@"$(RUN)" tools/chapter_times.py _build/logs/building-the-book.log
	@echo "Open $(CURDIR)/_build/html/index.html, or see it at http://localhost:$(PORT) with: make serve"

lint: environment ## look for errors, formatting and spelling without running anything
	$(STEP) "ruff check" "Many are repaired by: $(VENV)/bin/ruff check --fix" "$(RUN)" -m ruff check --quiet
	$(STEP) "ruff format" "Repaired by: $(VENV)/bin/ruff format" "$(RUN)" -m ruff format --check --quiet
	$(STEP) "import-linter" "A room imports only those below it: ARCHITECTURE.md, and pyproject.toml, [tool.importlinter]." \
	    "$(VENV)/bin/lint-imports" --no-cache
	$(STEP) "pyright" "The message names the file and the line; the rules are in pyproject.toml, [tool.pyright]." \
	    "$(VENV)/bin/pyright" --pythonpath "$(VENV)/bin/python"
	$(STEP) "codespell" "Put the spelling right, or name the word in pyproject.toml, [tool.codespell]." "$(RUN)" -m codespell_lib
	$(STEP) "eslint" "Some are repaired by: sh tools/javascript.sh $(RUN) eslint --fix" \
	    sh tools/javascript.sh "$(RUN)" eslint
	$(STEP) "tsc" "The types are in tools/live.d.ts, and in the comments of the live figures." sh tools/javascript.sh "$(RUN)" tsc

test-fast: environment ## the library's quick tests, without a browser: for every save
	@"$(RUN)" -m pytest --quiet -m "not slow" $(LIBRARY_TESTS)

coverage: environment ## all tests of the library, and which lines of the library none of them reaches (pages: _build/coverage)
	@"$(RUN)" -m pytest --quiet --cov --cov-report=term --cov-report=html $(LIBRARY_TESTS)

test: lint book ## run every test: package, notebooks, and all pages in a real browser
	$(STEP) "finding a browser for the page tests" "Install Chromium or Chrome, then run make test again." \
	    sh -c '"$(RUN)" tools/browser.py >"$(VENV)/.browser"'
	@echo "One test alone: $(VENV)/bin/python -m pytest tests/...::test_..."
	@PLSTM_BROWSER="$$(cat "$(VENV)/.browser")" sh tools/both.sh \
	    '"$(RUN)" -m pytest $(SECOND_HALF:%=--ignore=%)' '"$(RUN)" -m pytest $(SECOND_HALF)'

test-backends: environment ## the core's tests on JAX and PyTorch (CPU builds, in .venv-backends)
	$(SHOWN) "testing on JAX and PyTorch" "On Linux, plain torch brings CUDA: name a CPU build with TORCH=..." \
	    sh tools/backends.sh "$(RUN)" .venv-backends "$(TORCH)"

pdf: book ## print the whole book into _build/pdf/phased-lstm.pdf
	$(STEP) "finding a browser to print with" "Install Chromium or Chrome, then run make pdf again." \
	    sh -c '"$(RUN)" tools/browser.py >"$(VENV)/.browser"'
	$(SHOWN) "printing the book" "The message above is the browser's, or Sphinx'." \
	    sh -c '"$(RUN)" tools/pdf.py "$$(cat "$(VENV)/.browser")"'

epub: book ## make the whole book _build/epub/phased-lstm.epub, for reading devices
	$(SHOWN) "making the EPUB" "The message above names the page, or is Sphinx'." "$(RUN)" tools/epub.py

serve: book ## build the book and show it at http://localhost:PORT
	@"$(RUN)" -m http.server "$(PORT)" --bind 127.0.0.1 --directory _build/html

dist: environment ## build the wheel and the source archive in dist/
	$(STEP) "building the wheel" "The message above is setuptools'." "$(RUN)" tools/dist.py

check-dist: dist ## install the wheel alone in an empty environment, use it as README does, remove it again
	$(SHOWN) "checking the wheel" "Its environment is left for a look: .venv-dist-*" \
	    sh tools/check_dist.sh "$(or $(TEST_PYTHON),$(RUN))" "$(TORCH)"

address: ## show the repository's address, or put another one everywhere: make address URL=https://github.com/OWNER/NAME
	@$(if $(PYTHON),$(PYTHON),python3) tools/address.py $(URL)

audit: environment ## look the pinned packages up among the known vulnerabilities (asks PyPI)
	$(SHOWN) "auditing the requirements" "Take newer versions with: make lock" "$(RUN)" tools/audit.py .venv-audit

test-oldest: environment ## the core's tests with the lowest versions that pyproject.toml allows (Python 3.11, .venv-oldest)
	$(SHOWN) "testing the lowest versions" "Raise the bound in pyproject.toml of what fails, then: make lock" \
	    sh tools/versions.sh lowest "$(or $(TEST_PYTHON),python3.11)" .venv-oldest

test-newest: environment ## the core's tests with the newest versions there are (.venv-newest)
	$(SHOWN) "testing the newest versions" "Their changelogs say what to do; until then, pins keep the book right." \
	    sh tools/versions.sh newest "$(or $(TEST_PYTHON),$(RUN))" .venv-newest

test-colab: environment ## run every notebook alone in an empty folder with the newest versions, as Colab does (.venv-newest)
	$(STEP) "installing the newest versions" "The message above is pip's." \
	    sh tools/versions.sh newest "$(or $(TEST_PYTHON),$(RUN))" .venv-newest only-install
	$(SHOWN) "running the notebooks as Colab does" "One of them: .venv-newest/bin/python tools/colab.py book/NAME.ipynb" \
	    .venv-newest/bin/python tools/colab.py

test-faults: environment ## build a small book without network, disk space, compiler, ..., stopped by Ctrl-C, and then again
	$(SHOWN) "building while something is wrong" "Some of them: $(RUN) tools/faults.py WORD..." "$(RUN)" tools/faults.py

check-links: environment ## ask every address on other sites that the texts name whether it still answers
	$(SHOWN) "checking the links" "Above: the addresses that did not answer, and the files that name them." \
	    "$(RUN)" tools/links.py

lint-workflows: environment ## look for errors and dangers in GitHub's workflows (.venv-workflows)
	$(SHOWN) "looking at the workflows" "The messages above name line and rule." \
	    sh tools/lint_workflows.sh "$(RUN)" .venv-workflows

lock: environment ## pin the newest versions of everything in requirements.txt
	$(STEP) "locking the requirements" "The message above names the versions that do not fit together." sh tools/lock.sh "$(RUN)"

clean: ## remove what was built
	rm -rf _build test-artifacts dist

distclean: clean ## remove what was built, the virtual environment and node_modules
	rm -rf "$(VENV)" node_modules
