"""Python that draws a figure again from the downloaded files: short scripts to read, to run and to change.

They need numpy, pandas, scipy and plotly, and nothing of Synthome. What differs between two figures stands at the top
of each script, as parameters; the rest is :mod:`synthome.export.redraw_scripts`, word for word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pprint import pformat

from synthome.analysis.figures.palette import group_style
from synthome.analysis.views import DifferentialView, GenesView, HeatmapView, PCAView
from synthome.export import redraw_scripts as scripts
from synthome.export.names import file_name

__all__ = ["DataFiles", "redraw_differential", "redraw_genes", "redraw_heatmap", "redraw_pca"]

_COLOURS = 21
"""After as many groups the colours come again."""


@dataclass(frozen=True, slots=True)
class DataFiles:
    """What the files are called that a script reads; by default as in the ZIP."""

    expression: str = "expression.csv"
    metadata: str = "metadata.csv"
    loadings: str = "pca-loadings.csv"
    differential: str = "differential.csv"

    @classmethod
    def downloaded(cls, title: str, comparison: str = "differential") -> DataFiles:
        """As they are called when they are downloaded one by one; a file of a comparison is called by its groups."""
        names = ("expression", "metadata", "pca-loadings", comparison)
        return cls(*(file_name(title, name, "csv") for name in names))


def redraw_pca(view: PCAView, files: DataFiles | None = None) -> str:
    """The script of a PCA plot; the genes are those of the loadings."""
    files = files or DataFiles()
    return _script(
        "Draw the PCA plot again.",
        scripts.PCA,
        EXPRESSION=files.expression,
        METADATA=files.metadata,
        LOADINGS=files.loadings,
        OUTPUT="pca.html",
        COMPONENTS=list(view.components),
        SCALED=view.scaled,
        COLOUR_BY=view.colour_by,
        COLOURS=_colours(),
    )


def redraw_heatmap(view: HeatmapView, symbols: Mapping[str, str], files: DataFiles | None = None) -> str:
    """The script of a heatmap. ``symbols`` names its genes, by Ensembl id."""
    files = files or DataFiles()
    return _script(
        "Draw the heatmap again.",
        scripts.HEATMAP,
        EXPRESSION=files.expression,
        METADATA=files.metadata,
        OUTPUT="heatmap.html",
        VALUES=view.values,
        METRIC=view.metric,
        LINKAGE=view.linkage,
        SAMPLES=view.samples,
        TRACK=view.tracks[0] if view.tracks else "condition",
        COLOURS=_colours(),
        GENES={gene: symbols.get(gene) or gene for gene in view.genes},
    )


def redraw_genes(view: GenesView, symbols: Mapping[str, str], files: DataFiles | None = None) -> str:
    """The script of the levels of single genes. ``symbols`` names them, by Ensembl id."""
    files = files or DataFiles()
    return _script(
        "Draw the levels of genes in groups of samples again.",
        scripts.GENES,
        EXPRESSION=files.expression,
        METADATA=files.metadata,
        OUTPUT="genes.html",
        BY=view.by,
        KIND=view.kind,
        SCALE=view.scale,
        COLOURS=_colours(),
        GENES={gene: symbols.get(gene) or gene for gene in view.genes},
    )


def redraw_differential(view: DifferentialView, group: str, reference: str, files: DataFiles | None = None) -> str:
    """The script of a volcano or an MA plot of ``group`` against ``reference``."""
    files = files or DataFiles()
    return _script(
        f"Draw the {view.plot} plot again.",
        scripts.DIFFERENTIAL,
        DIFFERENTIAL=files.differential,
        OUTPUT="differential.html",
        PLOT=view.plot,
        GROUP=group,
        REFERENCE=reference,
        MOST_ADJUSTED_P=view.most_adjusted_p,
        LEAST_LOG2_FOLD_CHANGE=view.least_log2_fold_change,
    )


def _colours() -> list[str]:
    return [group_style(index).colour for index in range(_COLOURS)]


def _script(what: str, body: str, **parameters: object) -> str:
    needed = "numpy pandas scipy plotly" if "scipy" in body else "numpy pandas plotly"
    given = "\n".join(f"{name} = {_value(value)}" for name, value in parameters.items())
    imports, _, rest = body.partition("# ---")
    return f'"""{what} It needs: pip install {needed}"""\n\n{imports.strip()}\n\n{given}\n\n{rest.strip()}\n'


def _value(value: object) -> str:
    """A value as Python writes it, on lines that can be read."""
    return pformat(value, width=110, compact=True, sort_dicts=False)
