"""Coordinates and loadings as files that a spreadsheet or a script reads back."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd

from synthome.analysis import log_cpm, pca
from synthome.export.components import coordinates_csv, loadings_csv
from tests.predictions import make_prediction

MADE = make_prediction([6, 5], names=["=Healthy", "Tumour"])
COMPONENTS = pca(log_cpm(MADE.expression), MADE.genes.index, 300)


def read(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), keep_default_na=False)


def test_coordinates_name_each_sample_with_its_condition_and_metadata() -> None:
    table = read(coordinates_csv(COMPONENTS, MADE))
    assert list(table.columns) == [
        "sample", "condition", "tissue_ontology_id", "sex", "age_years", *(f"PC{i}" for i in range(1, 11)),
    ]  # fmt: skip
    np.testing.assert_allclose(table.filter(like="PC"), COMPONENTS.scores, rtol=1e-7, atol=1e-12)
    assert list(table["sex"][:3]) == ["female", "male", ""]
    assert table["condition"][0] == "'=Healthy", "no cell starts a formula"


def test_loadings_list_exactly_the_genes_used_in_their_order() -> None:
    table = read(loadings_csv(COMPONENTS, MADE))
    assert list(table["gene_id"]) == list(COMPONENTS.genes)
    assert list(table["symbol"]) == list(MADE.genes["symbol"].reindex(COMPONENTS.genes))
    np.testing.assert_allclose(table.filter(like="PC"), COMPONENTS.loadings, rtol=1e-7, atol=1e-12)


def test_a_sample_alone_has_no_components_and_still_a_row() -> None:
    alone = make_prediction([1])
    components = pca(log_cpm(alone.expression), alone.genes.index)
    assert len(read(coordinates_csv(components, alone))) == 1
    assert read(loadings_csv(components, alone)).empty
