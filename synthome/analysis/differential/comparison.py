"""What is compared, and what comes of it: two groups of samples, and one row a gene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.errors import SynthomeError

__all__ = ["ALL_OTHERS", "Comparison", "ComparisonError", "DifferentialTable", "choose", "comparison_between"]

Rows = npt.NDArray[np.intp]

_COLUMNS = ("base_mean", "log2_fold_change", "standard_error", "statistic", "p_value", "adjusted_p_value")


ALL_OTHERS = "all others"
"""The name of a reference that is every sample outside the group."""


class ComparisonError(SynthomeError):
    """Two groups that cannot be compared; the sentence says why, and what to do."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Samples of ``group`` beside those of ``reference``: rows of a prediction, and what people call the two.

    A positive fold change is higher in ``group``.
    """

    group: Rows
    reference: Rows
    group_name: str
    reference_name: str

    @property
    def samples(self) -> Rows:
        """All rows, the reference's first."""
        return np.concatenate([self.reference, self.group])

    @property
    def identity(self) -> tuple[bytes, bytes]:
        """Tells comparisons of a prediction's samples apart, whatever they are called."""
        return self.group.tobytes(), self.reference.tobytes()

    @property
    def sentence(self) -> str:
        """What is compared, in words.

        >>> Comparison(np.arange(3), np.arange(3, 5), "Tumour", "Healthy").sentence
        'Tumour (3 samples) against Healthy (2 samples)'
        """
        return f"{_counted(self.group_name, self.group)} against {_counted(self.reference_name, self.reference)}"


def comparison_between(
    labels: Sequence[str], group: str, reference: str | None, names: Mapping[str, str] | None = None
) -> Comparison:
    """The comparison of the samples labelled ``group`` with those labelled ``reference``, or with all others.

    Parameters
    ----------
    labels : sequence of str, n
        One label a sample: its condition, or the value of a metadata key; empty for a sample without one.
    reference : str or None
        ``None`` for every sample that is not of ``group``, those without a label among them.
    names : mapping, optional
        What people call a label.

    Raises
    ------
    ComparisonError
        The groups are the same, or one has fewer than two samples.
    """
    names = names or {}
    if group == reference:
        message = f"{names.get(group, group)} cannot be compared with itself; choose another group to compare it with."
        raise ComparisonError(message)
    given = np.asarray(labels, dtype=object)
    comparison = Comparison(
        np.flatnonzero(given == group),
        np.flatnonzero(given != group if reference is None else given == reference),
        names.get(group, group),
        ALL_OTHERS if reference is None else names.get(reference, reference),
    )
    for name, rows in (
        (comparison.group_name, comparison.group),
        (comparison.reference_name, comparison.reference),
    ):
        if len(rows) < 2:
            message = (
                f"{name} has {len(rows)} {'sample' if len(rows) == 1 else 'samples'}; how much a gene varies cannot be "
                "told from fewer than two. Ask for more samples of it."
            )
            raise ComparisonError(message)
    return comparison


@dataclass(frozen=True, slots=True, eq=False)
class DifferentialTable:
    """One row a gene that was tested, in the order of the genes.

    Attributes
    ----------
    rows : DataFrame, index: Ensembl id
        ``symbol``; ``base_mean``, mean normalised expression over all samples compared; ``log2_fold_change``;
        ``standard_error`` of that; ``statistic``; ``p_value``, NaN where the test does not apply to the gene;
        ``adjusted_p_value`` (Benjamini-Hochberg), NaN where the gene was left out of the adjustment.
    method : str
        ``"welch"`` or ``"deseq2"``.
    """

    rows: pd.DataFrame
    comparison: Comparison
    method: str

    def __post_init__(self) -> None:
        missing = {"symbol", *_COLUMNS} - set(self.rows.columns)
        if missing:
            message = f"columns are missing: {', '.join(sorted(missing))}"
            raise ValueError(message)

    def named_as(self, comparison: Comparison) -> DifferentialTable:
        """The same table under the names of ``comparison``, which is of the same samples."""
        return replace(self, comparison=comparison)

    @property
    def sorted_rows(self) -> pd.DataFrame:
        """The genes, the smallest p-value first; what was not tested stands last."""
        return self.rows.sort_values(
            ["p_value", "base_mean"], ascending=[True, False], na_position="last", kind="stable"
        )


def choose(
    table: DifferentialTable, *, most_adjusted_p: float = 0.05, least_log2_fold_change: float = 1.0
) -> pd.DataFrame:
    """The rows that pass both thresholds, the smallest p-value first."""
    rows = table.sorted_rows
    passes = (rows["adjusted_p_value"] <= most_adjusted_p) & (rows["log2_fold_change"].abs() >= least_log2_fold_change)
    return rows[passes]


def _counted(name: str, rows: Rows) -> str:
    return f"{name} ({len(rows):,} {'sample' if len(rows) == 1 else 'samples'})"
