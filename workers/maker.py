"""Maker: what trained a network, told so that an equal training by an equal maker need not be done again."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from pathlib import Path

import torch

import spaces
import workers
from workers.device import training_device


@cache
def maker() -> str:
    """Sixteen hexadecimal digits: the sources that build and train, torch, the machine, its device and threads.

    Equal ones train the same candidate, seed and division to the same numbers; any other may round differently.
    """
    told = hashlib.sha256()
    for package in (spaces, workers):
        assert package.__file__ is not None
        for source in sorted(Path(package.__file__).parent.rglob("*.py")):
            told.update(source.read_bytes())
    for fact in (torch.__version__, platform.node(), training_device().type, str(torch.get_num_threads())):
        told.update(fact.encode())
    return told.hexdigest()[:16]
