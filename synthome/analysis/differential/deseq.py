"""DESeq2's model of counts, as PyDESeq2 fits it, with progress and a way to stop.

M. I. Love, W. Huber and S. Anders, Genome Biology 2014, 15:550; B. Muzellec et al., Bioinformatics 2023, 39:btad547.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.analysis.differential.comparison import Comparison, ComparisonError, DifferentialTable
from synthome.errors import PredictionCancelled
from synthome.prediction import Prediction

__all__ = ["Fraction", "deseq"]

Fraction = Callable[[float, str], None]
"""Told how much is done, 0 to 1, and what is being done."""
Array = npt.NDArray[Any]

_CHUNK = 512
"""Genes fitted between two looks at whether to stop: well under half a second."""
_WORKERS = 2
_PASSES = 5
"""Over all genes: means, variation, variation drawn towards its trend, fold changes, tests."""
_SUBJECT = {"lin_reg_mu": "means", "irls": "fold changes", "alpha_mle": "how much genes vary", "wald_test": "p-values"}
_CUT = {
    "lin_reg_mu": {"counts": 1},
    "irls": {"counts": 1, "disp": 0},
    "alpha_mle": {"counts": 1, "mu": 1, "alpha_hat": 0},
    "wald_test": {"mu": 1, "disp": 0, "lfc": 0},
}
"""The arguments of each step that hold one value a gene, and along which axis."""
_JOINED = {"lin_reg_mu": (1,), "irls": (0, 1, 1, 0), "alpha_mle": (0, 0), "wald_test": (0, 0, 0)}
"""The axis of genes of each result."""


def _no_progress(fraction: float, activity: str) -> None:
    """Ignore progress."""


def _never() -> bool:
    return False


def deseq(
    prediction: Prediction,
    comparison: Comparison,
    *,
    progress: Fraction = _no_progress,
    cancelled: Callable[[], bool] = _never,
) -> DifferentialTable:
    """Compare two groups by negative binomial regression of counts on the group (Wald test).

    Parameters
    ----------
    prediction : Prediction
        Whose counts are compared, over all genes that have any in the samples compared.
    progress, cancelled
        Called, and asked, several times a second.

    Returns
    -------
    DifferentialTable
        ``base_mean`` is the mean of counts over size factors. Genes without counts have no values; a gene with an
        outlying sample (Cook's distance) has no p-value, one of low mean no adjusted one (independent filtering), as
        in DESeq2.

    Raises
    ------
    ComparisonError
        No gene has counts in every sample, so that no size factors can be had.
    PredictionCancelled
        When ``cancelled`` said so.
    """
    # Read only here: PyDESeq2 takes two seconds to import.
    from pydeseq2.dds import DeseqDataSet
    from pydeseq2.ds import DeseqStats

    counts = _counts(prediction, comparison)
    inference = _watched(progress, cancelled)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its own dependencies, and that a trend was fitted as a mean
        data = DeseqDataSet(
            counts=counts,
            metadata=_groups(comparison, counts.index),
            design="~group",
            refit_cooks=True,
            inference=inference,
            quiet=True,
        )
        data.deseq2()
        test = DeseqStats(data, contrast=["group", "b", "a"], inference=inference, quiet=True)
        test.summary()
    progress(1.0, "done")
    return DifferentialTable(_rows(prediction, test.results_df), comparison, "deseq2")


def _counts(prediction: Prediction, comparison: Comparison) -> pd.DataFrame:
    """Counts of the samples compared: samples x genes that have any."""
    counts = prediction.expression.to_numpy()[comparison.samples]
    columns = np.flatnonzero(counts.any(axis=0))
    if not (counts > 0).all(axis=0).any():
        message = (
            "No gene has counts in every sample compared, so their depth cannot be told apart from their biology. "
            "Use the quick look, or ask for larger libraries."
        )
        raise ComparisonError(message)
    names = [f"s{row}" for row in range(len(counts))]
    return pd.DataFrame(counts[:, columns], index=names, columns=prediction.genes.index[columns])


def _groups(comparison: Comparison, names: pd.Index) -> pd.DataFrame:
    """``a`` is the reference: PyDESeq2 takes the first in the alphabet for it."""
    labels = ["a"] * len(comparison.reference) + ["b"] * len(comparison.group)
    return pd.DataFrame({"group": labels}, index=names)


def _rows(prediction: Prediction, results: pd.DataFrame) -> pd.DataFrame:
    """The results of the genes tested among all genes."""
    names = {
        "baseMean": "base_mean",
        "log2FoldChange": "log2_fold_change",
        "lfcSE": "standard_error",
        "stat": "statistic",
        "pvalue": "p_value",
        "padj": "adjusted_p_value",
    }
    tested = results.rename(columns=names)[list(names.values())].reindex(prediction.genes.index)
    tested.loc[:, "base_mean"] = tested["base_mean"].fillna(0.0)
    tested.insert(0, "symbol", prediction.genes["symbol"])
    return tested


def _watched(progress: Fraction, cancelled: Callable[[], bool]) -> Any:
    """PyDESeq2's fitting, cut into chunks of genes, with a look at ``cancelled`` before each."""
    from pydeseq2.default_inference import DefaultInference

    class Watched(DefaultInference):  # type: ignore[misc]
        """Two worker processes do the work, so that the thread that waits leaves the interpreter to others."""

        def __init__(self) -> None:
            super().__init__(n_cpus=_WORKERS, batch_size=_CHUNK // _WORKERS)
            self._passes = 0

        def lin_reg_mu(self, **given: Any) -> Array:
            return self._in_chunks("lin_reg_mu", given)[0]

        def irls(self, **given: Any) -> tuple[Array, ...]:
            return self._in_chunks("irls", given)

        def alpha_mle(self, **given: Any) -> tuple[Array, ...]:
            return self._in_chunks("alpha_mle", given)

        def wald_test(self, **given: Any) -> tuple[Array, ...]:
            return self._in_chunks("wald_test", given)

        def _in_chunks(self, step: str, given: dict[str, Any]) -> tuple[Array, ...]:
            work, cut = getattr(super(), step), _CUT[step]
            n_genes = np.shape(given[next(iter(cut))])[cut[next(iter(cut))]]
            parts = []
            for start in range(0, n_genes, _CHUNK):
                if cancelled():
                    message = "The comparison was cancelled."
                    raise PredictionCancelled(message)
                progress(min((self._passes + start / n_genes) / _PASSES, 0.99), f"estimating {_SUBJECT[step]}")
                genes = slice(start, start + _CHUNK)
                chunk = {name: _cut(given[name], axis, genes) for name, axis in cut.items()}
                out = work(**given | chunk)
                parts.append(out if isinstance(out, tuple) else (out,))
            self._passes += 1
            return tuple(
                np.concatenate(column, axis=axis)
                for column, axis in zip(zip(*parts, strict=True), _JOINED[step], strict=True)
            )

    return Watched()


def _cut(values: Any, axis: int, genes: slice) -> Array:
    array = np.asarray(values)
    return array[genes] if axis == 0 else array[:, genes]
