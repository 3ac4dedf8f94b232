# Each target makes the environment that it needs, once; remove .venv or .venv-test to start anew.
PYTHON ?= python3
CONSTRAINTS ?= constraints.txt
WORKERS ?= 2
SIZE ?= quick
MINUTES ?= 0

DEMO := .venv
TEST := .venv-test
OLD := .venv-minimums
BACKBONES := .venv-backbones
BENCH := .venv-bench
PEERS := .venv-peers
# quickest first; the rows of the studies take a day, MINUTES at a time
PAGES := showers data closure photon_response leaks
STUDIES := higgs_diphoton top_tagging electron_photon top_objects rpv_multijet
INSTALL := -m pip install --quiet --disable-pip-version-check
# processes run side by side here, so each takes one thread
ONE_THREAD := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1
# the tests and the doctests of the installed package, in one run with one summary
PYTEST := $(ONE_THREAD) $(TEST)/bin/python -P -m pytest -n $(WORKERS) --dist loadfile \
	--doctest-modules tests --pyargs hepvision

.DEFAULT_GOAL := help
.PHONY: help demo test slow lint docs bench validate minimums backbones wheel pin clean

help:
	@echo "make demo      install, simulate, train and write a report (H to two photons)"
	@echo "make test      lint, types, documentation, then the tests against the built wheel"
	@echo "make slow      the tests that take minutes"
	@echo "make lint      ruff and mypy"
	@echo "make docs      build the documentation, warnings are errors"
	@echo "make bench     benchmarks, on an idle machine, into docs/performance.md; NAMES=\"loader …\""
	@echo "make validate  remake the pages of validation/; MINUTES=600 goes on with the studies' rows"
	@echo "make minimums  the tests with the oldest versions that pyproject.toml allows"
	@echo "make backbones the tests that need torchvision and timm"

$(DEMO)/.installed: pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python $(INSTALL) -c $(CONSTRAINTS) -e '.[all]'
	touch $@

$(TEST)/.installed: pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -m venv $(TEST)
	$(TEST)/bin/python $(INSTALL) -c $(CONSTRAINTS) '.[all,dev]'
	touch $@

# torchvision works only beside the torch that it was made for: 5.7 GB, with CUDA libraries.
$(BACKBONES)/.installed: pyproject.toml constraints-backbones.txt
	$(PYTHON) -m venv $(BACKBONES)
	$(BACKBONES)/bin/python $(INSTALL) -c constraints-backbones.txt \
		'.[simulate,trees,classical,cluster,backbones]' \
		hypothesis pytest pytest-timeout pytest-xdist
	touch $@

$(BENCH)/.installed: pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/python $(INSTALL) -c $(CONSTRAINTS) -e '.[all,bench]'
	touch $@

# These need a numpy and a pyarrow of the year before last.
$(PEERS)/.installed: Makefile
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python $(INSTALL) energyflow==1.4.0 jetnet==0.2.5 'pyarrow<22'
	touch $@

demo: $(DEMO)/.installed
	$(DEMO)/bin/hepvision run higgs_diphoton --size $(SIZE) --workers $(WORKERS) \
		-o runs/higgs_diphoton
	@echo "Open runs/higgs_diphoton/report.html in a browser."

# The wheel, not the source tree, is what a user gets, so it is what is tested.
wheel: $(TEST)/.installed
	rm -rf dist build
	$(TEST)/bin/python -m build --quiet --wheel
	$(TEST)/bin/python $(INSTALL) --force-reinstall --no-deps dist/*.whl

lint: $(TEST)/.installed
	$(TEST)/bin/ruff check .
	$(TEST)/bin/ruff format --check .
	$(TEST)/bin/mypy

docs: wheel
	NO_MKDOCS_2_WARNING=1 $(TEST)/bin/mkdocs build --quiet --strict

test: lint docs
	$(PYTEST) -m "not slow and not backbones"

slow: wheel
	$(PYTEST) -m "slow and not backbones" --timeout 3600

bench: $(BENCH)/.installed $(PEERS)/.installed
	HEPVISION_PEERS=$(PEERS)/bin/python KERAS_BACKEND=jax \
		$(BENCH)/bin/python benchmarks/_page.py $(NAMES)

validate: $(DEMO)/.installed
	@for file in $(PAGES); do echo "== $$file"; $(DEMO)/bin/python validation/$$file.py || exit 1; done
	@for file in $(STUDIES); do $(DEMO)/bin/python validation/$$file.py --minutes $(MINUTES) || exit 1; done

# torch stays at the tested version: the old Linux builds bring 3 GB of CUDA libraries.
minimums:
	rm -rf $(OLD)
	$(PYTHON) -m venv $(OLD)
	$(OLD)/bin/python .ci/minimums.py --keep torch $(CONSTRAINTS) > $(OLD)/constraints.txt
	$(OLD)/bin/python $(INSTALL) -c $(OLD)/constraints.txt \
		'.[simulate,train,trees,classical,cluster,files]' hypothesis pytest pytest-timeout pytest-xdist
	$(ONE_THREAD) $(OLD)/bin/python -P -m pytest -n $(WORKERS) --dist loadfile tests \
		-W default -m "not slow and not backbones"

# What the environment has of the library is installed anew, as the tests are of this tree. Only
# files with such tests are collected: importing the others takes longer than these tests.
backbones: $(BACKBONES)/.installed
	$(BACKBONES)/bin/python $(INSTALL) --force-reinstall --no-deps .
	$(ONE_THREAD) $(BACKBONES)/bin/python -P -m pytest -m backbones \
		$$(grep -rl --include='test_*.py' 'mark\.backbones' tests)

# After `make test` and `make bench` without constraints (CONSTRAINTS=/dev/null): what they ran with.
pin:
	{ echo "# What the tests run with: Linux x86-64, Python 3.11. Made by \`make pin\`."; \
	  for made in $(TEST) $(BENCH); do $$made/bin/python -m pip freeze --exclude hepvision; done \
	  | sed -e 's/+cpu//' -e '/@/d' | sort -fu; } > constraints.txt

clean:
	rm -rf $(DEMO) $(TEST) $(OLD) $(BACKBONES) $(BENCH) $(PEERS) build dist site .mypy_cache .ruff_cache .pytest_cache
