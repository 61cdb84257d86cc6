"""A run of real samples taken up again: its samples, their names and what was done with them."""

from __future__ import annotations

import numpy as np
import streamlit as st

from components.own_sample_draft import bring, forget, tell_fault
from components.own_sample_treatment import GivenSample, Treatment, samples_of, treatment_from_query
from components.session import label_of
from synthome.query import MetadataQuery, ReferenceQuery, base_model
from synthome.runs import Run, genes_of
from synthome.samples import FileContent

__all__ = ["OWN_SAMPLE_PAGE", "take_up_again"]

OWN_SAMPLE_PAGE = "pages/own_sample.py"


def take_up_again(run: Run) -> None:
    """Bring the samples of ``run`` again, as they were asked about, and go to their page."""
    samples, treated = _asked(run)
    model_id = base_model(run.model_id)
    genes = tuple(genes_of(model_id).index)
    if any(len(sample.counts) != len(genes) for sample in samples):
        forget()
        tell_fault("That run is of a model with other genes. Bring the file again to ask the present one.")
    else:
        values = np.array([sample.counts for sample in samples], dtype=np.int64)
        content = FileContent(genes, tuple(sample.name for sample in samples), values, "counts", (), {})
        bring(content, run.title, model_id=model_id, treated=treated)
    st.switch_page(OWN_SAMPLE_PAGE)


def _asked(run: Run) -> tuple[tuple[GivenSample, ...], Treatment | None]:
    query, names = run.query, run.condition_names
    if isinstance(query, ReferenceQuery):
        treated = treatment_from_query(query, run.model_id)
        return samples_of(query, names, treated.in_words(label_of)), treated
    assert isinstance(query, MetadataQuery)  # noqa: S101 - nothing else is asked of samples
    named = names or tuple(f"Sample {number + 1}" for number in range(len(query.inputs)))
    return tuple(GivenSample(name, sample.counts) for name, sample in zip(named, query.inputs, strict=True)), None
