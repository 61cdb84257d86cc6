"""The methods text: what was done, nothing that was not, and what it cites."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version

import numpy as np
import pandas as pd
import pytest

from synthome.analysis.differential import Comparison
from synthome.analysis.views import DifferentialView, GenesView, HeatmapView, PCAView
from synthome.export.methods import Analyses, Compared, methods
from synthome.export.takeaway import Takeaway
from synthome.prediction import Provenance
from synthome.query import read_query
from tests.predictions import make_prediction

LIVER, BRAIN = "UBERON:0002107", "UBERON:0000955"
QUERY = read_query(
    {
        "sampling_strategy": "sample generation",
        "seed": 7,
        "inputs": [
            {"metadata": {"tissue_ontology_id": LIVER, "sex": "male"}, "num_samples": 3},
            {"metadata": {"tissue_ontology_id": BRAIN, "disease_ontology_id": "MONDO:0005148"}, "num_samples": 2},
        ],
    }
)
METADATA = pd.DataFrame(
    {
        "tissue_ontology_id": [LIVER] * 3 + [BRAIN] * 2,
        "disease_ontology_id": [None] * 3 + ["MONDO:0005148"] * 2,
    }
)
MADE = make_prediction([3, 2], n_genes=200, names=["Liver", "Brain *x*"], metadata=METADATA)
TAKEN = Takeaway("Title", QUERY, MADE, {LIVER: "liver"}, {"UBERON": "2026-04-01", "CL": "1", "MONDO": "2"})
COMPARISON = Comparison(np.arange(3), np.arange(3, 5), "Liver", "Brain")


def test_it_says_that_data_are_synthetic_and_how_they_were_made() -> None:
    text = methods(TAKEN).to_text()
    assert text.startswith("Synthetic samples\nAll expression data described here are synthetic")
    assert "5 samples of 2 conditions were made by the model gem-1-bulk that is embedded in Synthome" in text
    assert "version 1.0" in text
    assert "random seed was 7" in text
    assert "sample generation" in text
    assert f"median library size was {np.median(MADE.expression.sum(axis=1)):,.0f} counts over 200 genes" in text
    assert f"Liver: 3 samples (tissue liver [{LIVER}], sex male)." in text
    assert f"tissue {BRAIN}" in text


def test_it_names_the_ontologies_whose_terms_were_used_with_their_versions() -> None:
    text = methods(TAKEN).to_text()
    assert "UBERON 2026-04-01 (Mungall et al. 2012)" in text
    assert "MONDO 2 (Vasilevsky et al. 2022)" in text
    assert "CL 1" not in text
    assert "Diehl" not in text


def test_analyses_that_were_not_used_are_not_told() -> None:
    text = methods(TAKEN).to_text()
    for word in ("Principal", "heatmap", "Welch", "DESeq2", "Benjamini", "Normalisation", "pydeseq2"):
        assert word not in text


@pytest.mark.parametrize(
    ("analyses", "said", "cited"),
    [
        (Analyses(pca=PCAView(n_genes=500)), "500 most variable genes", "10.12688/f1000research.9501.2"),
        (Analyses(pca=PCAView(scaled=True)), "scaled to unit variance", "10.12688/f1000research.9501.2"),
        (
            Analyses(heatmap=HeatmapView(("a", "b"), "a list of mine", linkage="ward", metric="euclidean")),
            "of a list of mine. Genes and samples were clustered hierarchically by Euclidean distance with Ward",
            "10.1093/bioinformatics/17.suppl_1.S22",
        ),
        (Analyses(genes=GenesView((str(MADE.genes.index[1]),))), "The levels of G1 are shown", ""),
        (
            Analyses(compared=(Compared(COMPARISON, "welch", DifferentialView("volcano", 0.01, 2.0)),)),
            "Liver (3 samples) against Brain (2 samples) was tested by Welch's t-test",
            "10.1093/biomet/34.1-2.28",
        ),
        (Analyses(compared=(Compared(COMPARISON, "deseq2"),)), f"pydeseq2 {version('pydeseq2')}", "10.1186/s13059-014"),
    ],
)
def test_analyses_that_were_used_are_told_with_their_sources(analyses: Analyses, said: str, cited: str) -> None:
    text = methods(TAKEN, analyses).to_text()
    assert said in text
    assert cited in text
    assert "log2(CPM + 1)" in text


def test_every_work_that_the_text_mentions_is_in_the_list_once() -> None:
    everything = Analyses(
        PCAView(), HeatmapView(("a",), ""), None, (Compared(COMPARISON), Compared(COMPARISON, "deseq2"))
    )
    made = methods(TAKEN, everything)
    body = " ".join(paragraph for _, paragraph in made.sections)
    assert len({work.doi for work in made.citations}) == len(made.citations) >= 9
    assert all(work.short in body for work in made.citations)


@pytest.mark.parametrize(
    ("answered_by", "words"),
    [("hosted", "Synthesize Bio's hosted model"), ("self-hosted", "in a self-hosted container")],
)
def test_who_answered_is_told_and_the_embedded_models_sources_only_where_it_did(answered_by: str, words: str) -> None:
    provenance = Provenance("gem-1-bulk", "9", answered_by, None)  # type: ignore[arg-type]
    text = methods(replace_prediction(provenance)).to_text()
    assert words in text
    assert "GTEx" not in text
    assert "seed" not in text
    assert "GTEx" in methods(TAKEN).to_text()


def replace_prediction(provenance: Provenance) -> Takeaway:
    return Takeaway("Title", QUERY, replace(MADE, provenance=provenance))


def test_markdown_shows_names_as_they_are() -> None:
    text = methods(TAKEN).to_markdown()
    assert "## Synthetic samples\n" in text
    assert r"Brain \*x\*: 2 samples" in text
    assert "<https://doi.org/10.1038/s41586-020-2649-2>" in text


def test_versions_are_those_installed() -> None:
    text = methods(TAKEN).to_text()
    for package in ("numpy", "pandas", "scipy", "plotly"):
        assert f"{package} {version(package)}" in text
