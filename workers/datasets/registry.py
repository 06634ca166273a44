"""The registry of data sets: name -> function without arguments that returns the data set."""

from __future__ import annotations

from collections.abc import Callable

from spaces.registry import Registry
from workers.datasets.dataset import Dataset

DATASETS: Registry[Callable[[], Dataset]] = Registry("dataset", "workers.datasets")
