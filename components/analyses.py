"""What has been computed of a run: kept for as long as it is looked at, so that a change of colour computes nothing.

A run never changes, and its id cannot be guessed; it is all that the caches need to know of it.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from components.session import label_of, workspace
from synthome.analysis import PCA, Heatmap, heatmap, log_cpm, pca, variable_genes
from synthome.analysis.differential import Comparison, DifferentialTable, welch
from synthome.analysis.normalisation import FloatArray
from synthome.prediction import Prediction
from synthome.query.vocabulary import KEYS
from synthome.runs import Run, default_runner

__all__ = [
    "heatmap_of",
    "library_size_of",
    "log_cpm_of",
    "pca_of",
    "prediction_of",
    "telling_genes_of",
    "term_labels",
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
def _heatmap(run_id: str, n_genes: int, _prediction: Prediction) -> Heatmap:
    log_expression = _log_cpm(run_id, _prediction)
    return heatmap(log_expression, variable_genes(log_expression, n_genes, _library_size(_prediction)))


def _library_size(prediction: Prediction) -> float:
    return float(np.median(prediction.expression.to_numpy().sum(axis=1)))


def pca_of(run: Run, n_genes: int) -> PCA:
    """Principal components of the run over its ``n_genes`` most variable genes."""
    return _pca(run.id, n_genes, prediction_of(run))


def heatmap_of(run: Run, n_genes: int) -> Heatmap:
    """Clustered z-scores of the run's ``n_genes`` most variable genes."""
    return _heatmap(run.id, n_genes, prediction_of(run))


@st.cache_resource(max_entries=4 * _KEPT, show_spinner=False)
def _telling_genes(run_id: str, number: int, _prediction: Prediction) -> tuple[str, ...]:
    columns = variable_genes(_log_cpm(run_id, _prediction), number, _library_size(_prediction))
    return tuple(map(str, _prediction.genes.index[columns]))


def telling_genes_of(run: Run, number: int) -> tuple[str, ...]:
    """Ensembl ids of the run's ``number`` most variable genes, the most variable first; fewer where fewer vary."""
    return _telling_genes(run.id, number, prediction_of(run))


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
    return _welch(run.id, comparison.identity, comparison, prediction_of(run)).named_as(comparison)


def term_labels(prediction: Prediction) -> dict[str, str]:
    """The label of every term id that the metadata hold."""
    columns = [key for key in prediction.metadata.columns if key in _TERM_KEYS]
    ids = {str(value) for key in columns for value in prediction.metadata[key].dropna().unique()}
    return {term_id: label for term_id in ids if (label := label_of(term_id))}
