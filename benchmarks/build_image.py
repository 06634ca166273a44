"""Runs the Dockerfile's steps where there is no container engine: `sudo make image` (five minutes, 4 GB).

Each step runs in a chroot, as the user and with the environment that the file has set by then. The base image is made
by debootstrap from Debian 12, whose Python is the 3.11 of the image. At the end stands what the image is for: its
command, and a study as its user. Nothing is shown of health checks and networks; docs/cluster.md says what runs those.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).parents[1]
BASES = {"python:3.11-slim": "bookworm"}
"""Debian's release with the same Python as an image."""
PACKAGES = "python3,python3-pip,python3-venv,ca-certificates"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
STUDY = "penchant run iris --trials 8 --epochs 2 --workers 1 --name image"


class Image:
    """A folder that becomes the image's file system.

    Args:
        folder: an empty one.
        arguments: build arguments by name, in place of the file's defaults.
    """

    def __init__(self, folder: Path, arguments: dict[str, str]) -> None:
        self._folder = folder
        self._arguments = arguments
        self._environment: dict[str, str] = {}
        self._directory, self._user = "/", "root"
        self._command: list[str] = []

    def step(self, instruction: str, value: str) -> None:
        """Does what one line of the Dockerfile says.

        Raises:
            ValueError: nobody taught this class the instruction.
            subprocess.CalledProcessError: a command failed.
        """
        match instruction:
            case "FROM":
                self._bootstrap(BASES[value])
            case "ARG":
                name, _, default = value.partition("=")
                self._environment[name] = self._arguments.get(name, default)
            case "ENV":
                name, _, given = value.partition("=")
                self._environment[name] = given
            case "WORKDIR":
                self._directory = value
                self._inside(value).mkdir(parents=True, exist_ok=True)
            case "COPY":
                self._copy(*shlex.split(value))
            case "RUN":
                self.run(value)
            case "USER":
                self._user = value
            case "CMD":
                self._command = json.loads(value)
            case _:
                raise ValueError(f"Dockerfile: found {instruction}, which this script does not know")

    def run(self, script: str) -> None:
        """Runs a shell script in the image, as its user and in its folder."""
        home = "/root" if self._user == "root" else f"/home/{self._user}"
        environment = {"PATH": PATH, "HOME": home, **self._of_pip(), **self._environment}
        inside = f"cd {shlex.quote(self._directory)} && {script}"
        command = ["chroot", f"--userspec={self._user}:{self._user}", str(self._folder), "/bin/sh", "-c", inside]
        subprocess.run(command, check=True, env=environment)

    def start(self) -> None:
        """Runs the image's command."""
        self.run(shlex.join(self._command))

    def share(self, path: Path) -> None:
        """Copies a file or folder of this machine to the same place, such as a certificate or a folder of wheels."""
        target = self._inside(str(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", "--dereference", "--remove-destination", "-T", str(path), str(target)], check=True)

    @staticmethod
    def _of_pip() -> dict[str, str]:
        """Debian's pip leaves the system alone unless told otherwise; that of the base image does not."""
        own = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        return {"PIP_BREAK_SYSTEM_PACKAGES": "1", **own}

    def _bootstrap(self, release: str) -> None:
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", release, str(self._folder)]
        self._folder.chmod(0o755)  # of a temporary folder nobody but root sees anything
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for name in ("python", "pip"):
            self._inside(f"/usr/local/bin/{name}").symlink_to(f"/usr/bin/{name}3")
        self.share(Path("/etc/resolv.conf"))
        for device in ("null", "zero", "random", "urandom"):
            self._inside(f"/dev/{device}").chmod(0o666)
        self._inside("/dev/shm").mkdir(exist_ok=True)
        self._inside("/dev/shm").chmod(0o1777)

    def _copy(self, *paths: str) -> None:
        *sources, target = paths
        to = self._inside(os.path.join(self._directory, target))
        for name in sources:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, to, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, to / name if to.is_dir() else to)

    def _inside(self, path: str) -> Path:
        return self._folder / path.lstrip("/")


def main() -> None:
    """Builds the image step by step, telling what each took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-arg", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--share", action="append", default=[], type=Path, metavar="PATH", help="of this machine")
    asked = parser.parse_args()
    if os.geteuid() or not shutil.which("debootstrap"):
        sys.exit("a chroot is made by root, with Debian's debootstrap installed")
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        image = Image(Path(folder), dict(argument.split("=", 1) for argument in asked.build_arg))
        subprocess.run(["mount", "--bind", folder, folder], check=True)  # all that is mounted in it ends with it
        try:
            build(image, Path(folder), asked.share)
        finally:
            subprocess.run(["umount", "--recursive", folder], check=True)


def build(image: Image, folder: Path, shared: list[Path]) -> None:
    """All steps, then the image's command and a study."""
    for step in DockerfileParser(str(ROOT / "Dockerfile")).structure:
        if step["instruction"] == "COMMENT":
            continue
        began = time.monotonic()
        image.step(step["instruction"], step["value"])
        if step["instruction"] == "FROM":
            subprocess.run(["mount", "-t", "proc", "proc", str(folder / "proc")], check=True)  # Ray reads it
            for path in shared:
                image.share(path)
        print(f"{time.monotonic() - began:6.1f} s  {step['instruction']} {step['value']}", flush=True)
    for name, act in (("CMD", image.start), (STUDY, lambda: image.run(f"cd ~ && {STUDY}"))):
        began = time.monotonic()
        act()
        print(f"{time.monotonic() - began:6.1f} s  {name}", flush=True)


if __name__ == "__main__":
    main()
