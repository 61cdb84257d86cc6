"""The figures that stand in a report and in the ZIP: the first look at any run, drawn for paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import plotly.graph_objects as go

from synthome.analysis import PCA, Heatmap, describe_heatmap, describe_pca, heatmap, pca, variable_genes
from synthome.analysis.differential import Comparison, DifferentialTable, comparison_between, welch
from synthome.analysis.differential.comparison import ComparisonError
from synthome.analysis.figures import heatmap_figure, pca_figure
from synthome.analysis.figures.quality import describe_measure, quality_figure
from synthome.analysis.figures.volcano import describe_comparison, volcano_figure
from synthome.analysis.quality import MEASURES, Quality, quality
from synthome.analysis.views import DifferentialView, HeatmapView, PCAView
from synthome.export.methods import Analyses, Compared
from synthome.export.redraw import redraw_differential, redraw_heatmap, redraw_pca
from synthome.export.takeaway import Takeaway

__all__ = ["FirstLook", "StandardFigure", "first_look"]

_HEATMAP_GENES = 50


@dataclass(frozen=True, slots=True, eq=False)
class StandardFigure:
    """A figure with its heading, the sentence that says what it shows, and the Python that draws it again, if any."""

    name: str
    heading: str
    chart: go.Figure
    sentence: str
    script: str = ""


@dataclass(frozen=True, eq=False)
class FirstLook:
    """What is computed of every run: the quality of its samples, principal components, the genes that vary most, and
    the first two conditions compared where each has two samples or more."""

    taken: Takeaway
    found: Quality
    components: PCA
    cells: Heatmap
    table: DifferentialTable | None

    @property
    def pca_view(self) -> PCAView:
        """As on the page when it is opened; of fewer genes where fewer vary."""
        return PCAView(n_genes=len(self.components.genes))

    @property
    def heatmap_view(self) -> HeatmapView:
        """The most variable genes."""
        genes = tuple(str(self.taken.prediction.genes.index[column]) for column in np.sort(self.cells.genes))
        return HeatmapView(genes, f"the {len(genes)} most variable genes")

    @property
    def analyses(self) -> Analyses:
        """What was done, for the methods text."""
        compared = () if self.table is None else (Compared(self.table.comparison),)
        shown = len(self.cells.genes) > 0
        return Analyses(
            pca=self.pca_view if self.components.n_components else None,
            heatmap=self.heatmap_view if shown else None,
            compared=compared,
        )

    @cached_property
    def figures(self) -> tuple[StandardFigure, ...]:
        """The figures that the run gives; those that would show nothing are left out."""
        return tuple(self._drawn())

    def _drawn(self) -> Iterator[StandardFigure]:
        prediction, labels = self.taken.prediction, self.taken.labels
        detected = MEASURES[0]
        yield StandardFigure(
            "quality",
            f"Quality: {detected.name}",
            quality_figure(self.found, prediction, detected),
            describe_measure(self.found, prediction, detected),
        )
        if self.components.n_components:
            yield StandardFigure(
                "pca",
                "Principal components",
                pca_figure(self.components, prediction, labels=labels),
                describe_pca(self.components, prediction),
                redraw_pca(self.pca_view),
            )
        if len(self.cells.genes):
            symbols = dict(zip(prediction.genes.index, prediction.symbols(), strict=True))
            yield StandardFigure(
                "heatmap",
                "Most variable genes",
                heatmap_figure(self.cells, prediction, self.heatmap_view, labels=labels),
                describe_heatmap(self.cells, prediction, self.heatmap_view),
                redraw_heatmap(self.heatmap_view, symbols),
            )
        if self.table is not None:
            comparison, view = self.table.comparison, DifferentialView()
            yield StandardFigure(
                "differential",
                f"Differential expression: {comparison.sentence}",
                volcano_figure(self.table),
                describe_comparison(self.table),
                redraw_differential(view, comparison.group_name, comparison.reference_name),
            )


def first_look(taken: Takeaway) -> FirstLook:
    """Compute it."""
    prediction, levels = taken.prediction, taken.log_expression
    size = float(np.median(prediction.expression.to_numpy().sum(axis=1, dtype=np.int64))) if len(levels) else None
    comparison = None if taken.told else _first_two(taken)
    return FirstLook(
        taken,
        quality(prediction, levels),
        pca(levels, prediction.genes.index, PCAView().n_genes, library_size=size),
        heatmap(levels, variable_genes(levels, _HEATMAP_GENES, size)),
        None if comparison is None else welch(levels, prediction.genes, comparison),
    )


def _first_two(taken: Takeaway) -> Comparison | None:
    """The second condition against the first."""
    prediction = taken.prediction
    if len(prediction.condition_names) < 2:
        return None
    names = dict(zip(("0", "1"), prediction.condition_names[:2], strict=True))  # two conditions may be called the same
    try:
        return comparison_between([str(place) for place in prediction.condition], "1", "0", names)
    except ComparisonError:
        return None
