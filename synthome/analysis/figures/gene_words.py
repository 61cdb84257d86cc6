"""What a figure of gene levels shows, in a sentence: where each gene is highest."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synthome.analysis.figures.words import shorten
from synthome.analysis.gene_levels import GeneLevels
from synthome.analysis.views import GenesView, Scale
from synthome.wording import counted

__all__ = ["describe_genes"]

_SAME: dict[Scale, float] = {"log CPM": 0.05, "counts": 0.5}
"""Difference below which two levels are told as the same: they would be written alike."""
_NAMED_GROUPS = 4
_NAMED_GENES = 4
_UNITS: dict[Scale, str] = {"log CPM": "log2 CPM", "counts": "counts"}


def describe_genes(levels: GeneLevels, view: GenesView) -> str:
    """Which group each gene is highest in; of a single gene also how high, and where it is lowest."""
    if not levels.genes:
        return "No gene is chosen."
    if len(levels.genes) == 1:
        return _one(levels, view)
    if len(levels.groups) == 1:
        return f"{counted(len(levels.genes), 'gene')} in {counted(len(levels.samples), 'sample')} of one group."
    return _several(levels, view)


def _one(levels: GeneLevels, view: GenesView) -> str:
    symbol = levels.symbols[0]
    if not levels.counts.any():
        return f"{symbol} has no count in any sample."
    middle, word = _middles(levels, view)
    values = middle[:, 0]
    unit = _UNITS[_scale(view)]
    if len(values) == 1:
        return f"{symbol} has a {word} of {_number(values[0], view)} {unit} in {_name(levels, 0)}."
    high, low = int(values.argmax()), int(values.argmin())
    if values[high] - values[low] < _SAME[_scale(view)]:
        return f"{symbol} is about as high in every group ({word} {_number(values[high], view)} {unit})."
    return (
        f"{symbol} is highest in {_name(levels, high)} ({word} {_number(values[high], view)} {unit}), "
        f"lowest in {_name(levels, low)} ({_number(values[low], view)})."
    )


def _several(levels: GeneLevels, view: GenesView) -> str:
    middle, word = _middles(levels, view)
    level = middle.max(axis=0) - middle.min(axis=0) >= _SAME[_scale(view)]
    best = np.where(level, middle.argmax(axis=0), -1)
    peaks = [(group, np.flatnonzero(best == group)) for group in range(len(levels.groups))]
    peaks = sorted((peak for peak in peaks if len(peak[1])), key=lambda peak: -len(peak[1]))
    parts = [f"in {_name(levels, group)}: {_symbols(levels, columns)}" for group, columns in peaks[:_NAMED_GROUPS]]
    if len(peaks) > _NAMED_GROUPS:
        parts.append(f"and others in {counted(len(peaks) - _NAMED_GROUPS, 'more group')}")
    alike = np.flatnonzero(best < 0)
    sentence = f"Highest by {word} {'; '.join(parts)}." if parts else ""
    if len(alike):
        sentence = f"{sentence} About as high in every group: {_symbols(levels, alike)}.".strip()
    return sentence


def _middles(levels: GeneLevels, view: GenesView) -> tuple[npt.NDArray[np.float64], str]:
    """The median of each group; the mean where that is what is drawn, or where medians say nothing, as in sparse
    cells."""
    medians = levels.medians(_scale(view))
    if view.kind == "dot plot" or not medians.any():
        return levels.means(_scale(view)), "mean"
    return medians, "median"


def _scale(view: GenesView) -> Scale:
    return "log CPM" if view.kind == "dot plot" else view.scale


def _number(value: float, view: GenesView) -> str:
    return f"{value:.1f}" if _scale(view) == "log CPM" else f"{value:,.0f}"


def _name(levels: GeneLevels, group: int) -> str:
    return shorten(levels.groups[group], 60)


def _symbols(levels: GeneLevels, columns: npt.NDArray[np.intp]) -> str:
    named = [levels.symbols[column] for column in columns[:_NAMED_GENES]]
    more = len(columns) - len(named)
    return f"{', '.join(named)} and {more} more" if more else ", ".join(named)
