"""Levels of a few genes in groups of samples: what is drawn, told and filed of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.analysis.differential.comparison import Comparison
from synthome.analysis.figures.colouring import Groups, group_samples, numbers
from synthome.analysis.normalisation import FloatArray
from synthome.analysis.views import CONDITION, Scale
from synthome.prediction import Prediction

__all__ = ["NOT_GIVEN_NAME", "GeneLevels", "compared_levels", "gene_levels"]

NOT_GIVEN_NAME = "not given"
"""The group of samples for which the key is not given."""
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class GeneLevels:
    """Levels of g genes in n samples that stand in k groups, none of them empty.

    Attributes
    ----------
    genes, symbols : tuple of str, g long
        Ensembl ids, and what people call them.
    groups : tuple of str, k long
    places : tuple of int, k long
        Each group's place among those that its colour is taken by; -1 for the samples that no value is given for.
    index : int array, n
        The group of each sample, 0 to k - 1.
    samples : tuple of str, n long
    counts : int array, n x g
    log_cpm : float32 array, n x g, in log2(CPM + 1)
    """

    genes: tuple[str, ...]
    symbols: tuple[str, ...]
    groups: tuple[str, ...]
    places: tuple[int, ...]
    index: npt.NDArray[np.intp]
    samples: tuple[str, ...]
    counts: npt.NDArray[np.int64]
    log_cpm: FloatArray

    def values(self, scale: Scale) -> Array:
        """Levels on that scale, n x g."""
        return (self.counts if scale == "counts" else self.log_cpm).astype(np.float64)

    def means(self, scale: Scale = "log CPM") -> Array:
        """Mean in each group, k x g."""
        return self._by_group(self.values(scale), "mean")

    def medians(self, scale: Scale = "log CPM") -> Array:
        """Median in each group, k x g."""
        return self._by_group(self.values(scale), "median")

    @property
    def shares(self) -> Array:
        """Share of a group's samples in which the gene has a count, k x g, 0 to 1."""
        return self._by_group(self.counts > 0, "mean")

    @property
    def sizes(self) -> npt.NDArray[np.intp]:
        """Samples in each group, k long."""
        return np.bincount(self.index, minlength=len(self.groups))

    def only(self, gene: str) -> GeneLevels:
        """One gene of these."""
        column = [self.genes.index(gene)]
        return GeneLevels(
            (gene,),
            (self.symbols[column[0]],),
            self.groups,
            self.places,
            self.index,
            self.samples,
            self.counts[:, column],
            self.log_cpm[:, column],
        )

    def _by_group(self, values: npt.NDArray[np.generic], how: str) -> Array:
        by_group = pd.DataFrame(values).groupby(self.index).agg(how)
        return np.asarray(by_group.to_numpy(dtype=np.float64))


def gene_levels(
    prediction: Prediction,
    log_expression: FloatArray,
    genes: Sequence[str],
    by: str = CONDITION,
    labels: Mapping[str, str] | None = None,
) -> GeneLevels:
    """Levels in all samples, in groups made ``by`` a key; samples without a value make a last group of their own.

    Parameters
    ----------
    prediction : Prediction of n samples
    log_expression : float32 array, n x all genes, in log2(CPM + 1)
    genes : sequence of str
        Ensembl ids; those that the prediction does not have are left out.
    by : "condition" or a metadata key
        Numbers stand in their order, everything else as :func:`~synthome.analysis.figures.colouring.group_samples`
        orders it.
    labels : mapping of term id to label, optional
    """
    groups = _groups(prediction, by, labels or {})
    names = [*groups.names, NOT_GIVEN_NAME]
    of_sample = np.where(groups.index < 0, len(groups.names), groups.index)
    present, index = np.unique(of_sample, return_inverse=True)
    places = tuple(-1 if place == len(groups.names) else int(place) for place in present)
    rows = np.arange(len(of_sample))
    return _taken(prediction, log_expression, genes, rows, tuple(names[place] for place in present), places, index)


def _groups(prediction: Prediction, by: str, labels: Mapping[str, str]) -> Groups:
    groups = group_samples(prediction, by, labels)
    if numbers(prediction, by) is None:
        return groups
    order = sorted(range(len(groups.names)), key=lambda place: float(groups.names[place]))
    place_of = np.argsort(order)
    index = np.where(groups.index < 0, -1, place_of[groups.index]).astype(np.intp)
    return Groups(tuple(groups.names[place] for place in order), index)


def compared_levels(
    prediction: Prediction, log_expression: FloatArray, genes: Sequence[str], comparison: Comparison
) -> GeneLevels:
    """Levels in the samples of a comparison alone, its reference before its group; otherwise as :func:`gene_levels`."""
    index = np.repeat([0, 1], [len(comparison.reference), len(comparison.group)])
    names = (comparison.reference_name, comparison.group_name)
    return _taken(prediction, log_expression, genes, comparison.samples, names, (0, 1), index)


def _taken(
    prediction: Prediction,
    log_expression: FloatArray,
    genes: Sequence[str],
    rows: npt.NDArray[np.intp],
    groups: tuple[str, ...],
    places: tuple[int, ...],
    index: npt.NDArray[np.intp],
) -> GeneLevels:
    columns = prediction.genes.index.get_indexer(pd.Index(genes, dtype=object))
    columns = columns[columns >= 0]
    found = prediction.genes.iloc[columns]
    return GeneLevels(
        genes=tuple(map(str, found.index)),
        symbols=tuple(str(symbol or gene) for gene, symbol in zip(found.index, found["symbol"], strict=True)),
        groups=groups,
        places=places,
        index=index.astype(np.intp),
        samples=tuple(prediction.sample_names[row] for row in rows),
        counts=prediction.expression.iloc[rows, columns].to_numpy(dtype=np.int64),
        log_cpm=log_expression[np.ix_(rows, columns)],
    )
