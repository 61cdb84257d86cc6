"""Quality of a run's samples: a measure of each, the variance of genes, and how alike samples are."""

from __future__ import annotations

import streamlit as st

from components.analyses import correlations_of, mean_variance_of, prediction_of, quality_of
from components.figure import figure
from components.file_download import file_download
from components.session import screen_theme
from synthome.analysis.figures.mean_variance import describe_mean_variance, mean_variance_figure
from synthome.analysis.figures.quality import describe_measure, quality_figure
from synthome.analysis.figures.sample_correlation import correlation_figure, describe_correlations
from synthome.analysis.quality import MEASURES
from synthome.export.quality import quality_csv
from synthome.runs import Run

__all__ = ["quality_panel"]

_MEASURES = {measure.name: measure for measure in MEASURES}


def quality_panel(run: Run) -> None:
    """A row a condition with every sample in it; beneath, genes and samples against each other."""
    st.subheader("Quality of the samples", anchor=False)
    _samples(run)
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**How much genes vary over all samples**")
        _genes(run)
    with right:
        st.markdown("**How alike samples are**")
        _alike(run)


def _samples(run: Run) -> None:
    prediction, found = prediction_of(run), quality_of(run)
    name = st.segmented_control(
        "Measure",
        list(_MEASURES),
        default=next(iter(_MEASURES)),
        required=True,
        key="quality_measure",
        format_func=str.capitalize,
        bind="query-params",
    )
    measure = _MEASURES[name]
    figure(
        "quality",
        quality_figure(found, prediction, measure, theme=screen_theme()),
        describe_measure(found, prediction, measure),
        title=run.title,
        for_file=lambda: quality_figure(found, prediction, measure),
    )
    file_download(
        "Quality of each sample (CSV)",
        lambda: quality_csv(found, prediction),
        title=run.title,
        what="quality",
        key="quality_csv",
        help="One row a sample: library size, genes detected, shares from 0 to 1, correlation with its condition",
    )


def _genes(run: Run) -> None:
    trend, genes = mean_variance_of(run), prediction_of(run).genes
    counting_noise = run.query.sampling_strategy == "sample generation"
    figure(
        "mean_variance",
        mean_variance_figure(trend, genes, theme=screen_theme()),
        describe_mean_variance(trend, genes, counting_noise=counting_noise),
        title=run.title,
        for_file=lambda: mean_variance_figure(trend, genes),
    )


def _alike(run: Run) -> None:
    found, prediction = correlations_of(run), prediction_of(run)
    figure(
        "sample_correlation",
        correlation_figure(found, prediction, theme=screen_theme()),
        describe_correlations(found, prediction),
        title=run.title,
        for_file=lambda: correlation_figure(found, prediction),
    )
