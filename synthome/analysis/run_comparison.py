"""Two sets of samples beside each other: the genes of both, one scale for them, and which conditions are alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.analysis.normalisation import FloatArray, log_cpm

__all__ = [
    "Likeness",
    "SampleSet",
    "SharedGenes",
    "beside",
    "groups_by_name",
    "likeness",
    "match",
    "share_of_counts",
    "shared_genes",
]

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class SharedGenes:
    """The genes of two sets, by Ensembl id, in the order of the first.

    ``first`` and ``second`` are their columns in each set; ``only_first`` and ``only_second`` count the genes left out.
    """

    ids: pd.Index
    first: Places
    second: Places
    only_first: int
    only_second: int

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class SampleSet:
    """One of two sets that are compared: n samples over the genes of both.

    Attributes
    ----------
    letter, title : str
        What it is called in figures, ``A`` or ``B``, and in sentences.
    log_expression : float32 array, n x genes, in log2(CPM + 1)
    groups : tuple of str
        Names of its conditions, or of other groups.
    group : int array, n
        The group of each sample, -1 for one in none.
    """

    letter: str
    title: str
    log_expression: FloatArray
    groups: tuple[str, ...]
    group: Places

    @classmethod
    def of(
        cls, letter: str, title: str, log_expression: FloatArray, labels: Sequence[str], order: Sequence[str] = ()
    ) -> SampleSet:
        """Samples grouped by one label each, empty for none; groups stand in ``order``, then as they first appear."""
        given = {label for label in labels if label}
        groups = tuple(dict.fromkeys(name for name in (*order, *labels) if name in given))
        place = {name: index for index, name in enumerate(groups)}
        group = np.array([place.get(label, -1) for label in labels], dtype=np.intp)
        return cls(letter, title, log_expression, groups, group)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Samples of each group."""
        return tuple(int((self.group == index).sum()) for index in range(len(self.groups)))

    def rows(self, group: str) -> Places:
        """The samples of a group."""
        return np.flatnonzero(self.group == self.groups.index(group))

    def mean(self, group: str) -> Array:
        """Mean log2(CPM + 1) of each gene in a group."""
        mean: Array = self.log_expression[self.rows(group)].mean(axis=0, dtype=np.float64)
        return mean


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """How alike the groups of two sets are.

    ``correlation`` holds Pearson's r of the mean log2(CPM + 1) of every two groups over ``n_genes`` genes, a row for
    each of the second set's groups and a column for each of the first's; NaN where one of them does not vary.
    """

    correlation: pd.DataFrame
    n_genes: int

    def nearest(self) -> pd.DataFrame:
        """For each group of the second set the first's most like it, and the next: ``nearest``, ``correlation``,
        ``next``, ``next_correlation``; empty and NaN where there is none."""
        rows = []
        for group, values in self.correlation.iterrows():
            ordered = values.dropna().sort_values(ascending=False, kind="stable")
            names = [*ordered.index[:2], "", ""][:2]
            numbers = [*ordered.to_numpy()[:2], np.nan, np.nan][:2]
            rows.append((group, names[0], numbers[0], names[1], numbers[1]))
        columns = ["group", "nearest", "correlation", "next", "next_correlation"]
        return pd.DataFrame(rows, columns=columns).set_index("group")

    def most_like(self, group: str) -> str | None:
        """The second set's group that is most like ``group`` of the first; ``None`` where none can be told."""
        values = self.correlation[group].dropna()
        return None if values.empty else str(values.idxmax())


def shared_genes(first: pd.Index, second: pd.Index) -> SharedGenes:
    """Genes that stand in both, by Ensembl id.

    >>> shared = shared_genes(pd.Index(["a", "b", "c"]), pd.Index(["c", "d", "a"]))
    >>> list(shared.ids), shared.second.tolist(), shared.only_first, shared.only_second
    (['a', 'c'], [2, 0], 1, 1)
    """
    place = second.get_indexer(first)
    columns = np.flatnonzero(place >= 0)
    n = len(columns)
    return SharedGenes(first[columns], columns, place[columns], len(first) - n, len(second) - n)


def share_of_counts(expression: pd.DataFrame, columns: Places) -> float:
    """Share, 0 to 1, of a typical sample's counts that stand in ``columns``; 1 where there are no counts."""
    counts = expression.to_numpy()
    totals = counts.sum(axis=1, dtype=np.int64)
    if len(columns) == counts.shape[1] or not totals.any():
        return 1.0
    inside = counts[:, columns].sum(axis=1, dtype=np.int64)
    return float(np.median(inside[totals > 0] / totals[totals > 0]))


def beside(expression: pd.DataFrame, columns: Places, share: float) -> FloatArray:
    """Log CPM of the genes in ``columns`` on the scale of samples in which they are ``share`` of all counts.

    A sample's depth is counted over the genes that both sets have: genes that one set lacks would otherwise raise all
    of its other genes.

    Returns
    -------
    float32 array, n x columns, in log2(CPM + 1)
    """
    scaled = log_cpm(expression.iloc[:, columns])
    if share == 1:
        return scaled
    return np.log2((np.exp2(scaled) - 1) * np.float32(share) + 1)


def groups_by_name(names: Sequence[str]) -> list[str]:
    """The group that each sample's name tells: what stands before the number at its end; the name itself for one alone.

    >>> groups_by_name(["liver_1", "liver 02", "WT-rep1", "WT-rep2", "HepG2", "7"])
    ['liver', 'liver', 'WT', 'WT', 'HepG2', '7']
    """
    bare = [_without_number(name) for name in names]
    return [short if bare.count(short) > 1 else name for short, name in zip(bare, names, strict=True)]


def _without_number(name: str) -> str:
    bare = name.rstrip("0123456789")
    if bare == name:
        return name
    bare = bare.rstrip(" _-.#(")
    for ending in ("replicate", "sample", "rep", "r", "s"):
        before = bare[: -len(ending)]
        if bare.lower().endswith(ending) and before[-1:] in ("_", "-", ".", " "):
            return before.rstrip(" _-.") or name
    return bare or name


def likeness(first: SampleSet, second: SampleSet, columns: Places) -> Likeness:
    """Correlation of every group of ``second`` with every group of ``first`` over the genes in ``columns``."""
    means = [np.array([part.mean(group)[columns] for group in part.groups]) for part in (second, first)]
    centred = [values - values.mean(axis=1, keepdims=True) for values in means]
    lengths = [np.linalg.norm(values, axis=1, keepdims=True) for values in centred]
    units = [
        np.divide(values, length, out=np.full(values.shape, np.nan), where=length > 0)
        for values, length in zip(centred, lengths, strict=True)
    ]
    found = np.clip(units[0] @ units[1].T, -1.0, 1.0)
    return Likeness(pd.DataFrame(found, index=list(second.groups), columns=list(first.groups)), len(columns))


def match(group: str, second: SampleSet, alike: Likeness) -> str:
    """The group of ``second`` to set beside ``group`` of the first: of the same name, or else the most alike."""
    same = {name.casefold(): name for name in second.groups}
    return same.get(group.casefold()) or alike.most_like(group) or second.groups[0]
