"""Quality of samples as people look at it first: depth, genes seen, mitochondrial and top genes, likeness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.analysis.likeness import likeness
from synthome.analysis.normalisation import FloatArray, library_sizes, log_cpm
from synthome.prediction import Prediction

__all__ = ["FEWEST_JUDGED", "MEASURES", "Measure", "Quality", "quality", "unusual_samples"]

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

TOP_GENES = 50
"""How many of a sample's most abundant genes are summed."""
FEWEST_JUDGED = 4
"""Samples of one condition from which one of them can be called unusual."""
_FAR = 5.0
"""Median absolute deviations beyond which one of many samples is unusual."""
_FEW, _FEW_POWER = 40, 1.8
"""Of n samples it is ``5 (1 + 40 / n^1.8)`` deviations, for few samples estimate a deviation badly: five alone would
call one in nine conditions of five samples unusual, and this about one in a hundred (fitted to Normal samples)."""
_LEAST_SPREAD = 0.02
"""Smallest deviation, as a share of the median, that is worth a word: samples that hardly differ have no outliers."""
_SCALE = 1.4826
"""Makes a median absolute deviation the standard deviation of a Normal."""


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """One value a sample, n long each.

    Attributes
    ----------
    library_size : int array
        Counts altogether.
    detected : int array
        Genes with a count.
    mitochondrial, top : float arrays
        Shares, 0 to 1, of counts in genes of the mitochondrial genome, and in the sample's 50 most abundant genes. The
        first is NaN where no gene is known to be of that genome.
    likeness : float array
        Correlation, -1 to 1, with the other samples of the condition (see :mod:`synthome.analysis.likeness`); NaN for
        the only sample of one.
    """

    library_size: npt.NDArray[np.int64]
    detected: npt.NDArray[np.int64]
    mitochondrial: Array
    top: Array
    likeness: Array

    def table(self, sample_names: Sequence[str]) -> pd.DataFrame:
        """One row a sample, for people and for files."""
        return pd.DataFrame(
            {
                "library_size": self.library_size,
                "genes_detected": self.detected,
                "mitochondrial_share": self.mitochondrial,
                "top_50_share": self.top,
                "correlation_with_condition": self.likeness,
            },
            index=pd.Index(sample_names, name="sample"),
        )


@dataclass(frozen=True, slots=True)
class Measure:
    """One of the values that :class:`Quality` holds, and how it is told.

    ``axis`` is the title of its axis; ``digits`` stand behind the decimal point. ``per_unit`` turns what is held into
    what is shown: 100 for a share shown in percent.
    """

    attribute: str
    name: str
    axis: str
    unit: str
    digits: int = 0
    per_unit: float = 1.0

    def shown(self, found: Quality) -> Array:
        """The values in the unit of the axis, n long."""
        values: Array = np.asarray(getattr(found, self.attribute), dtype=np.float64) * self.per_unit
        return values

    def worded(self, *values: float) -> str:
        """A value with its unit, or a range of two.

        >>> MEASURES[0].worded(17031), MEASURES[1].worded(8.21, 9.5)
        ('17,031 genes', '8.2 to 9.5 %')
        """
        return f"{' to '.join(f'{value:,.{self.digits}f}' for value in values)} {self.unit}".rstrip()


MEASURES = (
    Measure("detected", "genes detected", "Genes with a count", "genes"),
    Measure("mitochondrial", "mitochondrial share", "Counts in mitochondrial genes (%)", "%", 1, 100),
    Measure(
        "top",
        f"share of the {TOP_GENES} most abundant genes",
        f"Counts in the sample's {TOP_GENES} most abundant genes (%)",
        "%",
        1,
        100,
    ),
    Measure(
        "likeness",
        "correlation with its condition",
        "Pearson r with the mean of the condition's other samples",
        "",
        3,
    ),
    Measure("library_size", "library size", "Counts", "counts"),
)


def quality(prediction: Prediction, log_expression: FloatArray | None = None) -> Quality:
    """Depth, composition and likeness of every sample; its log2(CPM + 1) is computed where it is not given."""
    counts = prediction.expression.to_numpy()
    sizes = library_sizes(prediction.expression)
    mitochondrial = _is_mitochondrial(prediction.genes)
    share = np.full(len(counts), np.nan)
    if mitochondrial.any():
        share = _share(counts[:, mitochondrial].sum(axis=1, dtype=np.int64), sizes)
    return Quality(
        sizes,
        np.count_nonzero(counts, axis=1).astype(np.int64),
        share,
        _share(_highest(counts), sizes),
        likeness(log_cpm(prediction.expression) if log_expression is None else log_expression, prediction.condition),
    )


def unusual_samples(found: Quality, sample_names: Sequence[str], condition: Rows | None = None) -> list[str]:
    """What stands out, a sentence each, sample by sample; empty where nothing does.

    A sample is unusual where it lies five median absolute deviations from the median of its condition, depth on a log
    scale (the rule of scater's ``isOutlier``; McCarthy et al., Bioinformatics 2017, 33:1179), more where the condition
    has few samples, and by at least 2 %; in likeness only below. Conditions of fewer than four samples are not judged.
    Without ``condition``, an int array n long, all samples are of one.
    """
    groups = np.zeros(len(sample_names), dtype=np.intp) if condition is None else condition
    sentences: list[tuple[int, str]] = []
    for measure in MEASURES:
        shown = measure.shown(found)
        scale = np.log(np.maximum(shown, 1)) if measure.attribute == "library_size" else shown
        for index in np.unique(groups):
            rows = np.flatnonzero((groups == index) & ~np.isnan(shown))
            usual = measure.worded(float(np.median(shown[rows]))) if len(rows) else ""
            for row in rows[_outlying(scale[rows])]:
                high = scale[row] > np.median(scale[rows])
                if high and measure.attribute == "likeness":
                    continue
                told = f"{measure.name} is {'high' if high else 'low'}, {measure.worded(shown[row])}"
                sentences.append((int(row), f"{sample_names[row]}: {told} where {usual} is usual."))
    return [sentence for _, sentence in sorted(sentences, key=lambda pair: pair[0])]


def _highest(counts: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Counts in each sample's most abundant genes."""
    rest = counts.shape[1] - TOP_GENES
    if rest <= 0:
        return np.asarray(counts.sum(axis=1, dtype=np.int64))
    return np.array([np.partition(row, rest)[rest:].sum(dtype=np.int64) for row in counts], dtype=np.int64)


def _outlying(values: Array) -> npt.NDArray[np.bool_]:
    if len(values) < FEWEST_JUDGED:
        return np.zeros(len(values), dtype=bool)
    centre = np.median(values)
    spread = max(_SCALE * float(np.median(np.abs(values - centre))), _LEAST_SPREAD * abs(float(centre)) / _FAR)
    if spread == 0:
        return np.zeros(len(values), dtype=bool)
    far: npt.NDArray[np.bool_] = np.abs(values - centre) > _FAR * (1 + _FEW / len(values) ** _FEW_POWER) * spread
    return far


def _is_mitochondrial(genes: pd.DataFrame) -> npt.NDArray[np.bool_]:
    by_place = genes["chromosome"].isin(["MT", "M", "chrM"])
    by_name = genes["symbol"].str.startswith("MT-")
    return (by_place | by_name).to_numpy(dtype=bool)


def _share(part: npt.NDArray[np.int64], whole: npt.NDArray[np.int64]) -> Array:
    share: Array = np.divide(part, whole, out=np.zeros(len(whole)), where=whole > 0)
    return share
