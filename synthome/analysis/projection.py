"""Samples of another source in the space of principal components that a first set of samples spans."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.analysis.normalisation import FloatArray
from synthome.analysis.principal_components import PCA

__all__ = ["Projection", "project", "split"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Projection:
    """Two sets of samples, n and m, in one space.

    Attributes
    ----------
    space : PCA
        The axes; its scores are those of the first set.
    scores : float array, m x k
        The second set's.
    n_missing : int
        Genes of the space that the second set lacks: they add nothing to its scores.
    together : bool
        Whether both sets made the axes, rather than the first alone.
    """

    space: PCA
    scores: Array
    n_missing: int = 0
    together: bool = False

    def coordinates(self, component: int) -> Array:
        """The second set's scores of one component, counted from 1; zero where that does not exist."""
        if component <= self.space.n_components:
            return self.scores[:, component - 1]
        return np.zeros(len(self.scores))


def project(
    components: PCA, reference: FloatArray, reference_genes: pd.Index, log_expression: FloatArray, genes: pd.Index
) -> Projection:
    """Scores of other samples on components that were found without them.

    Each gene is centred by its mean in the samples that made the components, then weighed by its loadings (as
    ``transform`` of scikit-learn's ``PCA`` does). A gene that the others lack is taken to be at that mean.

    Parameters
    ----------
    components : PCA of the reference, its genes not scaled
    reference : float32 array, n x genes, in log2(CPM + 1)
        The samples that the components were found in; ``reference_genes`` are the Ensembl ids of its columns.
    log_expression : float32 array, m x genes, in log2(CPM + 1)
        The samples to project; ``genes`` are the Ensembl ids of its columns, in any order.
    """
    place = genes.get_indexer(components.genes)
    given = np.flatnonzero(place >= 0)
    columns = reference_genes.get_indexer(components.genes[given])
    means = reference[:, columns].mean(axis=0, dtype=np.float64)
    centred = log_expression[:, place[given]].astype(np.float64) - means
    return Projection(components, centred @ components.loadings[given], len(place) - len(given))


def split(components: PCA, n_first: int) -> Projection:
    """Components that both sets made, the first set's ``n_first`` samples being the first rows."""
    first = replace(components, scores=components.scores[:n_first])
    return Projection(first, components.scores[n_first:], together=True)
