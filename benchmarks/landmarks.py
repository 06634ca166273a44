"""What every landmark reaches on the data it is natural for, beside a baseline.

`make landmarks`, table in docs/space.md. One training of 1,000 steps each, as `penchant evaluate DATA --architecture
NAME --seeds 1` does it.
"""

from __future__ import annotations

from rich.console import Console

from search.evaluation import evaluate
from spaces import LANDMARKS, landmark
from spaces.landmarks import IMAGE, SEQUENCE, VECTOR, described
from workers.datasets import load_dataset

DATA = {IMAGE: ("digits", "shifted_digits"), SEQUENCE: ("waveforms", "recall"), VECTOR: ("teacher",)}


def main() -> None:
    """Prints a row a landmark and data set."""
    print("| data | baseline | landmark | score | parameters | training |\n|---|---|---|---|---|---|")
    for rank, names in DATA.items():
        for name in names:
            dataset = load_dataset(name)
            for candidate in (known for known in LANDMARKS if rank in described(known).natural):
                architecture = landmark(candidate, dataset.task)
                found = evaluate(architecture, dataset, seeds=1, progress=Console(quiet=True))
                scores = f"{found.baseline_mean:.3f} | {candidate} | {found.mean:.3f}"
                print(f"| {name} | {scores} | {found.parameters:,} | {found.seconds[0]:.1f} s |", flush=True)


if __name__ == "__main__":
    main()
