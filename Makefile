# The daily commands. Each target first makes the virtual environment .venv, if need be, and installs
# what it needs into it; `make` alone lists them. All paths are relative, so any folder name works.

PYTHON := .venv/bin/python
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help demo test lab labs site figures results bench student-zip lint lock clean setup setup-demo

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## */\1\t/' | expand -t 14

demo: setup-demo  ## grade a sample class: gradebook, feedback pages, class table
	$(PYTHON) -m autograder.demo

test: setup  ## run all tests
	OMP_NUM_THREADS=1 $(PYTHON) -m pytest -n 2 --dist loadfile

lab: setup-demo  ## copy the notebooks out and open JupyterLab
	$(PYTHON) -m autograder start

labs: setup  ## build the notebooks under course/ from solutions/
	$(PYTHON) -m solutions.build

site: setup  ## build the site into build/site
	$(PYTHON) -m mkdocs build --strict --quiet -f site/mkdocs.yml
	@echo "The site is in build/site; to look at it: $(PYTHON) -m http.server -d build/site"

figures: setup  ## make the figures and numbers of the site's chapters anew
	$(PYTHON) site/figures.py

results: setup  ## train all models at full length over seeds, measure them, make the results' page; hours, resumable
	$(PYTHON) -m solutions.make_results

bench: setup  ## measure the cost of grading, and the full AE run against a DataLoader
	$(PYTHON) -m solutions.bench_grading
	$(PYTHON) -m solutions.bench_ae

student-zip: setup-demo  ## what students get as one file: build/genlab-student.zip
	$(PYTHON) .ci/student_zip.py

lint: setup  ## lint, format check and types
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

lock: setup  ## write requirements.lock from what .venv holds now
	$(PYTHON) .ci/lock.py

clean:  ## remove what was built; .venv and the classroom stay
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

setup:
	@sh .ci/setup test

setup-demo:
	@sh .ci/setup grade,site
