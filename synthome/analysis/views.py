"""What is looked at, and how: the choices behind each figure, handed on whole to what draws it, redraws it or files it.

A view names samples' keys and genes, never data; with a prediction it determines its figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "CONDITION",
    "DifferentialView",
    "GenesView",
    "HeatmapView",
    "Linkage",
    "Metric",
    "PCAView",
    "SampleOrder",
    "Scale",
    "Values",
]

CONDITION = "condition"
"""Stands for the samples' condition where a metadata key is asked for."""
Metric = Literal["correlation", "euclidean"]
Linkage = Literal["average", "complete", "single", "ward"]
Scale = Literal["log CPM", "counts"]
SampleOrder = Literal["clustered", "by condition"]
Values = Literal["z-score", "log CPM"]


@dataclass(frozen=True, slots=True)
class PCAView:
    """Samples in the plane, or with three ``components`` in the space, of principal components (counted from 1).

    ``scaled`` divides each of the ``n_genes`` most variable genes by its standard deviation. ``symbol_by`` is empty
    where the symbols follow the colours. ``arrows`` genes with the largest loadings are drawn as a biplot; none in the
    space.
    """

    n_genes: int = 2000
    scaled: bool = False
    components: tuple[int, ...] = (1, 2)
    colour_by: str = CONDITION
    symbol_by: str = ""
    ellipses: bool = False
    arrows: int = 0


@dataclass(frozen=True, slots=True)
class HeatmapView:
    """The ``genes`` (Ensembl ids) in all samples. ``source`` says in words which genes they are: "the 50 most
    variable genes".

    ``samples`` says how columns are ordered: clustered, or by condition as they were asked for. ``tracks`` are the keys
    of the strips above. With ``clusters`` of two or more the genes' tree is cut into that many.
    """

    genes: tuple[str, ...]
    source: str
    values: Values = "z-score"
    metric: Metric = "correlation"
    linkage: Linkage = "average"
    samples: SampleOrder = "clustered"
    dendrograms: bool = True
    tracks: tuple[str, ...] = (CONDITION,)
    clusters: int = 0


@dataclass(frozen=True, slots=True)
class GenesView:
    """The levels of ``genes`` (Ensembl ids) in groups of samples made ``by`` a key."""

    genes: tuple[str, ...]
    by: str = CONDITION
    kind: Literal["box", "violin", "points", "dot plot"] = "box"
    scale: Scale = "log CPM"


@dataclass(frozen=True, slots=True)
class DifferentialView:
    """A comparison drawn as a volcano or an MA plot, with the thresholds at which a gene is called."""

    plot: Literal["volcano", "MA"] = "volcano"
    most_adjusted_p: float = 0.05
    least_log2_fold_change: float = 1.0
