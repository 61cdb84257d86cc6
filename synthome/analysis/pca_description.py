"""What a PCA plot shows, put into a sentence: for captions, and for those who cannot see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import pearsonr

from synthome.analysis.description import separation, variance_between
from synthome.analysis.figures.colouring import CONDITION, group_samples, missing_name, numbers
from synthome.analysis.figures.words import key_label
from synthome.analysis.principal_components import PCA
from synthome.analysis.views import PCAView
from synthome.prediction import GROUP, Prediction
from synthome.wording import joined

__all__ = ["describe_pca"]

Array = npt.NDArray[np.float64]
Labels = npt.NDArray[np.intp]

_APART = 0.5
"""Silhouette from which a condition counts as standing apart: its samples are on average at least twice as far from
the nearest other condition as from their own."""
_SIGNIFICANCE = 0.01
_FIRST_LOOK = PCAView()


def describe_pca(
    pca: PCA, prediction: Prediction, view: PCAView = _FIRST_LOOK, labels: Mapping[str, str] | None = None
) -> str:
    """Say whether the groups by colour separate on the components shown, and along which.

    For a key of numbers it says along which component they change. ``labels`` name the terms.
    """
    if pca.n_components == 0:
        return pca.degenerate
    values = numbers(prediction, view.colour_by)
    if values is not None:
        said = _say_trend(pca, view, values)
    else:
        said = _say_separation(pca, view.components, _coloured(prediction, view.colour_by, labels or {}))
    return " ".join(part for part in (said, pca.degenerate) if part)


@dataclass(frozen=True, slots=True, eq=False)
class _Coloured:
    """The groups that samples are coloured by. ``one`` and ``many`` are what a group and all of them are called."""

    one: str
    many: str
    names: tuple[str, ...]
    index: Labels

    @property
    def alike(self) -> str:
        """That there is one group only."""
        which = "" if (self.index >= 0).all() else f" that have a {self.one}"
        return f"All samples{which} are of one {self.one}"


def _coloured(prediction: Prediction, key: str, labels: Mapping[str, str]) -> _Coloured:
    groups = group_samples(prediction, key, labels)
    if key == CONDITION:
        return _Coloured("condition", "conditions", groups.names, groups.index)
    word = key_label(key).lower()
    if key != GROUP:
        return _Coloured(word, f"groups by {word}", groups.names, groups.index)
    if len(groups.names) == 1 and (groups.index < 0).any():  # one group against the rest
        names = (*groups.names, missing_name(key))
        return _Coloured(word, f"samples in {names[0]} and the others", names, np.where(groups.index < 0, 1, 0))
    return _Coloured(word, "named groups", groups.names, groups.index)


def _say_separation(pca: PCA, components: tuple[int, ...], coloured: _Coloured) -> str:
    given = coloured.index >= 0
    groups = coloured.index[given]
    present, sizes = np.unique(groups, return_counts=True)
    shares = joined([_component(pca, c) for c in dict.fromkeys(components)])
    if len(present) == 1:
        return f"{coloured.alike}; the axes show how they vary: {shares}."
    if sizes.max() == 1:
        one = f"Each {coloured.one} has one sample"
        return f"{one}, so separation cannot be told from chance; shown are {shares}."
    along = _separating(pca, components, coloured.index)
    points = np.column_stack([pca.coordinates(c)[given] for c in components])
    apart = separation(points, groups)
    far = [coloured.names[group] for group, value in apart.items() if value >= _APART]
    which = f"The {coloured.many}"
    if along and len(far) == len(apart):
        if len(present) > 2:
            which = f"All {len(apart)} {coloured.many}"
        if len(apart) < len(present):
            which = f"{which} of two or more samples"
        return f"{which} separate along {joined([_component(pca, c) for c in along])}."
    if along and far:
        others = "the others overlap" if len(apart) - len(far) > 1 else "the other does not"
        return f"{_list(far)} {'stands' if len(far) == 1 else 'stand'} apart; {others} (shown are {shares})."
    if along:
        return f"{which} differ along {joined([_component(pca, c) for c in along])} but overlap."
    return f"{which} do not separate along {shares}."


def _say_trend(pca: PCA, view: PCAView, values: Array) -> str:
    """Along which of the components shown numbers rise or fall."""
    given = ~np.isnan(values)
    word = key_label(view.colour_by)
    shown = [c for c in dict.fromkeys(view.components) if c <= pca.n_components]
    shares = joined([_component(pca, c) for c in shown])
    if given.sum() < 3 or np.ptp(values[given]) == 0:
        return f"{word} takes too few values to say what it changes; shown are {shares}."
    found = {c: pearsonr(pca.coordinates(c)[given], values[given]) for c in shown}
    along = [c for c in shown if found[c].pvalue < _SIGNIFICANCE]
    if not along:
        return f"{word} goes with no component shown: {shares}."
    said = [f"{_component(pca, c)}, correlation {found[c].statistic:.2f}" for c in along]
    return f"{word} goes with {joined(said)}."


def _separating(pca: PCA, components: tuple[int, ...], index: Labels) -> list[int]:
    """The components shown of which the groups explain at least half, and more than chance would."""
    given = index >= 0
    found = []
    for component in sorted(set(components)):
        if component > pca.n_components:
            continue
        explained, p = variance_between(pca.coordinates(component)[given], index[given])
        if explained >= 0.5 and p < _SIGNIFICANCE:
            found.append(component)
    return found


def _component(pca: PCA, component: int) -> str:
    return f"PC{component} ({100 * pca.share(component):.0f} % of variance)"


def _list(names: Sequence[str]) -> str:
    """``A, B and C``, or the first three and how many more."""
    if len(names) > 3:
        return f"{', '.join(names[:3])} and {len(names) - 3} more"
    return joined(names)
