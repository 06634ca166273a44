"""Mutation testing of the verdict: how many small changes to search/verdict make a test fail.

Run: python -m benchmarks.mutants [--max-children 1]; arguments go to mutmut, which makes the mutants. [tool.mutmut] in
pyproject.toml says of what and for which tests. It changes what stands in functions, one number, word, operator or
argument at a time, and nothing in constants and properties; so some breakages are named here and made by hand. Exit
code 1: fewer than nine tenths of the mutants were killed, or a named breakage was not. `mutmut show NAME` shows one.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = Path(sys.executable).parent
MUTANTS = Path("mutants")
LEAST_KILLED = 0.9
PLUGINS_OF_TESTS = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # none is needed, and loading them is most of a short run


@dataclass(frozen=True)
class Breakage:
    """A wrong verdict.

    Attributes:
        name: what is wrong.
        module: of search/verdict.
        right: what stands there, once.
        wrong: what stands there instead.
    """

    name: str
    module: str
    right: str
    wrong: str


BREAKAGES = (
    Breakage(
        "labels swapped: the worst family leads",
        "families",
        "(-estimates[census.family], census.family)",
        "(estimates[census.family], census.family)",
    ),
    Breakage(
        "labels swapped: with the component and without",
        "contrasts",
        "self.scores[0] - self.scores[1]",
        "self.scores[1] - self.scores[0]",
    ),
    Breakage(
        "labels swapped: of the search score alone",
        "permutation",
        "(np.where(swapped, both[1, k], both[0, k]) for k in (0, 1))",
        "(np.where(swapped & (k == 0), both[1, k], both[0, k]) for k in (0, 1))",
    ),
    Breakage(
        "E_m off by one: of one try more",
        "expected_best",
        "best_of_weights(search.shape[-1], best_of)",
        "best_of_weights(search.shape[-1], min(best_of + 1, search.shape[-1]))",
    ),
    Breakage(
        "E_m off by one: the curve begins at two",
        "expected_best",
        "for best_of in range(1, trials + 1)]",
        "for best_of in [*range(2, trials + 1), trials]]",
    ),
    Breakage(
        "E_m off by one: ranks counted from one",
        "expected_best",
        "_log_binomial(rank - 1, best_of - 1)",
        "_log_binomial(rank, best_of - 1)",
    ),
    Breakage(
        "unpaired seeds: of the arms of a contrast",
        "contrasts",
        "self.scores[0] - self.scores[1]",
        "self.scores[0] - np.roll(self.scores[1], 1, axis=1)",
    ),
    Breakage(
        "unpaired seeds: of the families in an interval",
        "bootstrap",
        "(second, tries[1])",
        "(tuple(np.roll(scores, 1) for scores in second), tries[1])",
    ),
    Breakage(
        "unpaired seeds: of the families in a test",
        "permutation",
        "np.array([first, second], float)",
        "np.array([first, np.roll(second, 1, axis=1)], float)",
    ),
)


def main() -> int:
    """Runs all mutants and all breakages and prints a row a module; 0 if the tests notice enough of them."""
    shutil.rmtree(MUTANTS, ignore_errors=True)
    subprocess.run(
        [PROGRAMS / "mutmut", "run", *sys.argv[1:]], check=True, env=os.environ | PLUGINS_OF_TESTS, stdout=sys.stderr
    )
    share = report(outcomes())
    noticed = [is_noticed(breakage) for breakage in BREAKAGES]
    return int(share < LEAST_KILLED or not all(noticed))


def outcomes() -> dict[str, str]:
    """What became of each mutant: `killed`, `survived`, `timeout`, ..."""
    told = subprocess.run([PROGRAMS / "mutmut", "results", "--all", "true"], check=True, capture_output=True, text=True)
    return dict(re.findall(r"^ +(\S+): (.+)$", told.stdout, re.MULTILINE))


def report(found: dict[str, str]) -> float:
    """Prints the mutants killed and made of each module, and who survived; returns the share that was killed.

    A mutant that never ends is noticed by whoever waits for it, and counts as killed.
    """
    made, killed, survivors = Counter[str](), Counter[str](), []
    for mutant, outcome in found.items():
        module = mutant.split(".")[2]
        made[module] += 1
        if outcome in ("killed", "timeout"):
            killed[module] += 1
        else:
            survivors.append(f"{mutant}: {outcome}")
    print(*survivors, "", sep="\n")
    for module in sorted(made):
        print(f"{module:22} {killed[module]:5} of {made[module]:5}")
    share = killed.total() / made.total()
    print(f"{'all':22} {killed.total():5} of {made.total():5} killed: {share:.1%}")
    return share


def is_noticed(breakage: Breakage) -> bool:
    """Breaks the verdict in the folder of the mutants, prints and returns whether a test fails."""
    broken = MUTANTS / "search" / "verdict" / f"{breakage.module}.py"
    source, mutated = Path("search", "verdict", broken.name).read_text(), broken.read_text()
    assert source.count(breakage.right) == 1, f"{breakage.right} stands {source.count(breakage.right)} times"
    broken.write_text(source.replace(breakage.right, breakage.wrong))
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "tests/search/verdict"]
    env = os.environ | PLUGINS_OF_TESTS | {"PYTHONPATH": str(MUTANTS.absolute())}
    done = subprocess.run(command, cwd=MUTANTS, env=env, capture_output=True, text=True)
    broken.write_text(mutated)
    failed = re.search(r"^FAILED ([^\s\[]+)", done.stdout, re.MULTILINE)
    print(f"{breakage.name}: {f'noticed by {failed[1]}' if failed else 'NOT NOTICED'}")
    return failed is not None


if __name__ == "__main__":
    sys.exit(main())
