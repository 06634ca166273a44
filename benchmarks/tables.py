"""Tables of network benchmarks as domains that samplers search: the answers are looked up, not trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spaces.choices import Categorical, Choice, Choose, Integer, Value

NB201_OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
NB201_EDGES = ("1-0", "2-0", "2-1", "3-0", "3-1", "3-2")
MACRO_LAYERS = ("identity", "MB3_K3", "MB6_K5")


@dataclass(frozen=True)
class Row:
    """A row of a table."""

    codes: tuple[int, ...]
    names: tuple[str, ...]
    values: tuple[Value, ...]

    def __hash__(self) -> int:
        return hash(self.codes)

    def choices(self) -> Mapping[str, Value]:
        """See `search.samplers.domain.Proposal`."""
        return dict(zip(self.names, self.values, strict=True))


class Table:
    """A benchmark: a score for every row, several where it was trained with several seeds.

    Args:
        name: of the benchmark.
        columns: the choices.
        codes: of each row, the number of its option in each column; (rows, columns).
        scores: higher is better, nan where a seed is missing; (rows, seeds).
        early: scores of a shorter training; (rows,).
        seconds: that a training took; (rows,).
    """

    def __init__(
        self,
        name: str,
        columns: Mapping[str, Choice],
        codes: NDArray[np.int64],
        scores: NDArray[np.float64],
        early: NDArray[np.float64] | None = None,
        seconds: NDArray[np.float64] | None = None,
    ) -> None:
        self.name, self.columns, self.early, self.seconds = name, dict(columns), early, seconds
        self._strides = np.array(
            [int(np.prod([c.count for c in list(columns.values())[i + 1 :]])) for i in range(len(columns))]
        )
        self._index = np.empty(len(codes), dtype=int)
        self._index[codes @ self._strides] = np.arange(len(codes))
        self._seeds = [row[~np.isnan(row)] for row in scores]
        self.mean = np.nanmean(scores, axis=1)
        self.rank = np.empty(len(codes), dtype=int)
        self.rank[np.argsort(-self.mean, kind="stable")] = np.arange(len(codes))

    def __len__(self) -> int:
        return len(self.mean)

    def regret(self, number: int) -> float:
        """How far a row's mean lies below the best row's, where an average row is at 1."""
        best = float(self.mean.max())
        return (best - float(self.mean[number])) / (best - float(self.mean.mean()))

    def number(self, row: Row) -> int:
        """Where a row stands."""
        return int(self._index[int(np.dot(row.codes, self._strides))])

    def train(self, number: int, rng: np.random.Generator) -> float:
        """The score of one of the seeds that the row was trained with."""
        seeds = self._seeds[number]
        return float(seeds[int(rng.random() * len(seeds))])

    def decide(self, choose: Choose) -> Row:
        """See `search.samplers.domain.Domain`."""
        values = tuple(choose(name, choice) for name, choice in self.columns.items())
        codes = tuple(codes[value] for codes, value in zip(self._codes, values, strict=True))
        return Row(codes, self._names, values)

    def sketch(self, choose: Choose) -> dict[str, Value]:
        """See `search.samplers.domain.Domain`."""
        return {name: choose(name, choice) for name, choice in self.columns.items()}

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return tuple(self.columns)

    @cached_property
    def _codes(self) -> list[dict[Value, int]]:
        return [{option: n for n, option in enumerate(options(choice))} for choice in self.columns.values()]


def options(choice: Choice) -> Sequence[Value]:
    """What a column offers."""
    return choice.options if isinstance(choice, Categorical) else range(choice.low, choice.high + 1)  # type: ignore[union-attr,arg-type]


def load_tables(folder: Path) -> dict[str, Table]:
    """All tables by name; each folder's README says where they come from."""
    return {**nasbench201(folder), **nasbench_macro(folder), **fcnet(folder)}


def nasbench201(folder: Path) -> dict[str, Table]:
    """Cells of four nodes. Dong & Yang 2020."""
    data = np.load(folder / "nasbench201/nb201.npz")
    columns = {edge: Categorical(NB201_OPERATIONS) for edge in NB201_EDGES}
    tables = {}
    for name, key in (
        ("NB201 CIFAR-10", "cifar10"),
        ("NB201 CIFAR-100", "cifar100"),
        ("NB201 ImageNet16", "imagenet16"),
    ):
        scores, early = data[f"{key}_val200"].astype(float), data[f"{key}_val12"].astype(float)
        seconds = data[f"{key}_train_seconds"].astype(float)
        tables[name] = Table(name, columns, data["arch"].astype(int), scores, early, seconds)
    return tables


def nasbench_macro(folder: Path) -> dict[str, Table]:
    """Chains of eight layers. Su et al. 2021."""
    data = np.load(folder / "nasbench_macro/nbmacro.npz")
    columns = {f"layer{n}": Categorical(MACRO_LAYERS) for n in range(1, 9)}
    return {"NB-Macro": Table("NB-Macro", columns, data["arch"].astype(int), data["test_acc"].astype(float))}


def fcnet(folder: Path) -> dict[str, Table]:
    """Two hidden layers and how they are trained. Klein & Hutter 2019."""
    data = np.load(folder / "fcnet/fcnet.npz")
    columns: dict[str, Choice] = {
        "activation_fn_1": Categorical(("relu", "tanh")),
        "activation_fn_2": Categorical(("relu", "tanh")),
        "batch_size": Integer(0, 3),
        "dropout_1": Integer(0, 2),
        "dropout_2": Integer(0, 2),
        "init_lr": Integer(0, 5),
        "lr_schedule": Categorical(("cosine", "const")),
        "n_units_1": Integer(0, 5),
        "n_units_2": Integer(0, 5),
    }
    sets = ("naval_propulsion", "parkinsons_telemonitoring", "protein_structure", "slice_localization")
    return {
        f"FC-Net {name.partition('_')[0]}": Table(
            name,
            columns,
            data["config"].astype(int),
            -data[f"{name}_val_mse"].astype(float),
            seconds=data[f"{name}_seconds"].astype(float),
        )
        for name in sets
    }
