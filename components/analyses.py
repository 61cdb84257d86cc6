"""What has been computed of a run: kept for as long as it is looked at, so that a change of colour computes nothing.

A run never changes, and its id cannot be guessed; it is all that the caches need to know of it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from components.session import label_of, workspace
from synthome.analysis import PCA, Heatmap, heatmap, log_cpm, pca, variable_genes
from synthome.analysis.differential import Comparison, DifferentialTable, welch
from synthome.analysis.likeness import Correlations, correlations
from synthome.analysis.markers import Markers, markers
from synthome.analysis.mean_variance import MeanVariance, mean_variance
from synthome.analysis.normalisation import FloatArray
from synthome.analysis.quality import Quality, quality
from synthome.analysis.views import HeatmapView, Linkage, Metric, Values
from synthome.prediction import Prediction
from synthome.query.vocabulary import KEYS
from synthome.runs import Run, default_runner

__all__ = [
    "correlations_of",
    "heatmap_of",
    "library_size_of",
    "log_cpm_of",
    "markers_of",
    "mean_variance_of",
    "pca_of",
    "prediction_of",
    "quality_of",
    "term_labels",
    "variable_genes_of",
    "welch_of",
]

_TERM_KEYS = frozenset({key for key, spec in KEYS.items() if spec.ontology is not None} | {"perturbation_ontology_id"})
_KEPT = 8
"""Runs of which matrices are kept in memory, over all sessions."""


def prediction_of(run: Run) -> Prediction:
    """The run's prediction, from memory where it is; groups that the user has named are a metadata column of it."""
    runner = default_runner()
    return runner.sample_groups(workspace(), run.id).laid_over(runner.prediction(workspace(), run.id))


def log_cpm_of(run: Run) -> FloatArray:
    """log2(CPM + 1) of the run's samples, n x genes."""
    return _log_cpm(run.id, prediction_of(run))


def library_size_of(run: Run) -> float:
    """Median counts a sample."""
    return _library_size(prediction_of(run))


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _log_cpm(run_id: str, _prediction: Prediction) -> FloatArray:  # noqa: ARG001 - the id stands for the prediction
    return log_cpm(_prediction.expression)


@st.cache_resource(max_entries=4 * _KEPT, show_spinner=False)
def _pca(run_id: str, n_genes: int, _prediction: Prediction) -> PCA:
    genes = _prediction.genes.index
    return pca(_log_cpm(run_id, _prediction), genes, n_genes, library_size=_library_size(_prediction))


@st.cache_resource(max_entries=4 * _KEPT, show_spinner=False)
def _heatmap(
    run_id: str,
    genes: tuple[str, ...],
    values: Values,
    metric: Metric,
    linkage: Linkage,
    by_condition: bool,
    _prediction: Prediction,
) -> Heatmap:
    return heatmap(
        _log_cpm(run_id, _prediction),
        _prediction.genes.index.get_indexer(pd.Index(genes)),
        values=values,
        metric=metric,
        method=linkage,
        groups=_prediction.condition if by_condition else None,
    )


@st.cache_resource(max_entries=4 * _KEPT, show_spinner=False)
def _variable_genes(run_id: str, n_genes: int, _prediction: Prediction) -> tuple[str, ...]:
    columns = variable_genes(_log_cpm(run_id, _prediction), n_genes, _library_size(_prediction))
    return tuple(_prediction.genes.index[columns])


@st.cache_resource(max_entries=4 * _KEPT, show_spinner=False)
def _markers(run_id: str, group: bytes, per_group: int, _prediction: Prediction) -> Markers:
    return markers(_log_cpm(run_id, _prediction), np.frombuffer(group, dtype=np.intp), per_group)


def _library_size(prediction: Prediction) -> float:
    return float(np.median(prediction.expression.to_numpy().sum(axis=1)))


def pca_of(run: Run, n_genes: int) -> PCA:
    """Principal components of the run over its ``n_genes`` most variable genes."""
    return _pca(run.id, n_genes, prediction_of(run))


def heatmap_of(run: Run, view: HeatmapView) -> Heatmap:
    """The run's genes and samples clustered as ``view`` asks; its tracks and the like play no part."""
    by_condition = view.samples == "by condition"
    return _heatmap(run.id, view.genes, view.values, view.metric, view.linkage, by_condition, prediction_of(run))


def variable_genes_of(run: Run, n_genes: int) -> tuple[str, ...]:
    """Ensembl ids of the run's ``n_genes`` most variable genes, the most variable first."""
    return _variable_genes(run.id, n_genes, prediction_of(run))


def markers_of(run: Run, group: npt.NDArray[np.intp], per_group: int) -> Markers:
    """The ``per_group`` clearest markers of each group of the run's samples."""
    return _markers(run.id, group.astype(np.intp).tobytes(), per_group, prediction_of(run))


@st.cache_resource(max_entries=4 * _KEPT, show_spinner=False)
def _welch(
    run_id: str,
    samples: tuple[bytes, bytes],  # noqa: ARG001 - they stand for the comparison
    _comparison: Comparison,
    _prediction: Prediction,
) -> DifferentialTable:
    return welch(_log_cpm(run_id, _prediction), _prediction.genes, _comparison)


def welch_of(run: Run, comparison: Comparison) -> DifferentialTable:
    """Two groups of the run's samples compared by Welch's test."""
    samples = (comparison.group.tobytes(), comparison.reference.tobytes())
    found = _welch(run.id, samples, comparison, prediction_of(run))
    return replace(found, comparison=comparison)  # the same samples may be called otherwise


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _quality(run_id: str, _prediction: Prediction) -> Quality:
    return quality(_prediction, _log_cpm(run_id, _prediction))


def quality_of(run: Run) -> Quality:
    """Depth, composition and likeness of the run's samples."""
    return _quality(run.id, prediction_of(run))


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _mean_variance(run_id: str, _prediction: Prediction) -> MeanVariance:
    return mean_variance(_log_cpm(run_id, _prediction), _library_size(_prediction))


def mean_variance_of(run: Run) -> MeanVariance:
    """Mean and variance of the run's genes."""
    return _mean_variance(run.id, prediction_of(run))


@st.cache_resource(max_entries=_KEPT, show_spinner=False)
def _correlations(run_id: str, _prediction: Prediction) -> Correlations:
    return correlations(_log_cpm(run_id, _prediction), _prediction.condition)


def correlations_of(run: Run) -> Correlations:
    """Correlation of the run's samples."""
    return _correlations(run.id, prediction_of(run))


def term_labels(prediction: Prediction) -> dict[str, str]:
    """The label of every term id that the metadata hold."""
    columns = [key for key in prediction.metadata.columns if key in _TERM_KEYS]
    ids = {str(value) for key in columns for value in prediction.metadata[key].dropna().unique()}
    return {term_id: label for term_id in ids if (label := label_of(term_id))}
