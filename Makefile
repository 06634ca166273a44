# make demo   create the environment and find out which biases win on digits (five minutes)
# make test   install what the tests need and run them all
# make check  lint, format and types
# make bench  what a study costs beside the training, and the training loop beside a bare one (ten minutes)
# make proposals  what a proposal costs, by strategy and number of known trials (three minutes)
# make efficiency FOLDER=...  evaluations to a good network, by strategy, on tables of benchmarks (an hour)
# make targets FOLDER=...  the default's evaluations beside the best listed ones, with intervals (ten minutes)
# make contest FOLDER=...  the default beside other strategies on real training, two minutes each (an hour)
# make outage  MLflow away for a whole study, and killed while it catches up (two minutes)
# make faults  kill, stop and starve every part of a service while studies run on it (forty minutes; needs root and a C compiler)
# make pages  the service's pages with 1,000 studies and 100,000 trials, on both databases (some minutes; needs root)
# make driver-scale  one driver and a thousand simulated workers (a quarter of an hour)
# make load   200 clients at a service while a study runs (five minutes)
# make scale   two thousand trials in one MLflow experiment, and its page in a browser (four minutes)
# make mlflow-pictures  a small study in MLflow's own UI, checked in Chromium and kept as pictures (three minutes)
# make bare  champions of every kind of data, loaded from MLflow where nothing of ours is installed (five minutes)
# make space  build and run 20,000 sampled networks for each kind of data (seven minutes)
# make formats  every operation and landmark as ONNX and for torch.export, compared with the network (an hour)
# make planted  studies of tasks whose winner is known; TASKS=motifs,recall SEEDS=1 FIRST=10 runs some (three hours)
# make live-nulls  studies in which no family is better than another (twenty minutes, half with two at a time)
# make training-length DATA=...  whether a short study excludes what a longer one finds good (an hour a set)
# make image  the steps of the Dockerfile in a chroot, without an engine; as root, with debootstrap (five minutes)
# make mutants  how many small changes to the verdict make a test fail (40 minutes)
# make fuzz   2,000 made-up requests to the service (four minutes)
# make exports  write 500 sampled networks as Python, run them where nothing of ours is (a quarter of an hour)
# make landmarks  what the hand-designed networks reach on data natural for them (four minutes)
# make pictures NAME=...  the pictures of the documents, from a finished study (needs chromium)

PYTHON ?= python3
PIP = .venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
.PHONY: demo test check bench proposals efficiency targets contest outage faults pages load driver-scale scale mlflow-pictures bare space exports formats landmarks fuzz image planted live-nulls training-length mutants pictures clean

demo: .venv/installed
	PYTHONDONTWRITEBYTECODE= .venv/bin/penchant run digits  # a second start then takes half as long

test: .venv/installed-dev
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 .venv/bin/python -m pytest -n 2 --dist loadgroup \
	    --max-worker-restart 0  # after a restart xdist 3.8 waits forever

check: .venv/installed-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

bench: .venv/installed
	.venv/bin/python benchmarks/trainer.py
	.venv/bin/python benchmarks/overhead.py

proposals: .venv/installed
	.venv/bin/python benchmarks/proposal_cost.py

efficiency: .venv/installed
	.venv/bin/python benchmarks/search_efficiency.py $(FOLDER)

targets: .venv/installed
	.venv/bin/python benchmarks/search_targets.py $(FOLDER)

contest: .venv/installed
	.venv/bin/python benchmarks/search_on_data.py $(FOLDER)

outage: .venv/installed-dev
	.venv/bin/python -m benchmarks.mlflow_outage

faults: .venv/installed-dev
	.venv/bin/python -m benchmarks.faults

pages: .venv/installed-dev
	.venv/bin/python -m benchmarks.service_pages

load: .venv/installed-dev
	.venv/bin/python -m benchmarks.service_load

driver-scale: .venv/installed-dev
	.venv/bin/python -m benchmarks.driver_scale

scale: .venv/installed-dev
	.venv/bin/python -m benchmarks.mlflow_scale

mlflow-pictures: .venv/installed-dev
	.venv/bin/python -m docs.mlflow_pictures

bare: .venv/installed-dev
	.venv/bin/python -m benchmarks.bare_champions

space: .venv/installed
	.venv/bin/python benchmarks/space.py

exports: .venv/installed-dev
	.venv/bin/python -m benchmarks.exports

formats: .venv/installed-dev
	.venv/bin/python benchmarks/formats.py

landmarks: .venv/installed
	.venv/bin/python benchmarks/landmarks.py

fuzz: .venv/installed-dev
	.venv/bin/python benchmarks/fuzz.py

planted: .venv/installed-dev
	.venv/bin/python -m benchmarks.planted $(if $(TASKS),--tasks $(TASKS)) $(if $(SEEDS),--seeds $(SEEDS)) $(if $(FIRST),--first $(FIRST))

live-nulls: .venv/installed-dev
	.venv/bin/python -m benchmarks.live_nulls

training-length: .venv/installed
	.venv/bin/python -m benchmarks.training_length $(DATA)

image: .venv/installed-dev
	.venv/bin/python benchmarks/build_image.py $(IMAGE_OPTIONS)

mutants: .venv/installed-dev
	$(PIP) mutmut
	.venv/bin/python -m benchmarks.mutants

pictures: .venv/installed-dev
	.venv/bin/python docs/picture.py $(NAME) docs/verdict.svg
	.venv/bin/python -m docs.report_pictures $(NAME) docs

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	@echo "installing PyTorch, Ray, Optuna and MLflow into .venv (a minute or two)"
	$(PIP) torch
	$(PIP) --editable .
	touch $@

# in one go; what the tests import is compiled as they run, all the rest never: that halves the time
.venv/installed-dev: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(PIP) --no-compile torch
	$(PIP) --no-compile --editable '.[dev]'
	touch .venv/installed $@

clean:
	rm -rf .venv
