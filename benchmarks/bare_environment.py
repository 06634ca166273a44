"""A new environment that holds some packages, in the versions installed here, and nothing of ours."""

from __future__ import annotations

import subprocess
import venv
from importlib.metadata import version
from pathlib import Path


def bare_python(folder: Path, *packages: str) -> Path:
    """The interpreter of the environment that is made in the folder.

    Args:
        folder: is not there yet.
        packages: what is installed, from wherever pip is set up to take it, with what they need themselves.
    """
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    # one at a time and in exact versions: a looser wish for torch brings gigabytes of CUDA
    for package in packages:
        wanted = f"{package}=={version(package).partition('+')[0]}"
        subprocess.run([python, "-m", "pip", "install", "--quiet", wanted], check=True)
    return python
