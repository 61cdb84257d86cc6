"""Files for other programs, read again by other code than that which wrote them."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from synthome.analysis import log_cpm
from synthome.export.matrices import expression_parquet, expression_tsv, gct, h5ad
from tests.predictions import make_prediction

METADATA = pd.DataFrame(
    {
        "tissue_ontology_id": ["UBERON:0002107"] * 3 + [None] * 2,
        "sex": ["male", "female", "male", "male", None],
        "genotype": ["=cmd()", "two\twords", "a\nb", None, "x"],
    },
    dtype=object,
)
MADE = make_prediction([3, 2], n_genes=120, names=["Liver", "Any, sample"], metadata=METADATA)
QUERY = {"sampling_strategy": "mean estimation", "inputs": [], "seed": 4}


def label_of(term: str) -> str | None:
    return {"UBERON:0002107": "liver"}.get(term)


def read_h5ad(tmp_path: Path, content: bytes) -> anndata.AnnData:
    path = tmp_path / "x.h5ad"
    path.write_bytes(content)
    return anndata.read_h5ad(path)


def test_tsv_has_genes_in_rows_and_samples_in_columns() -> None:
    table = pd.read_csv(io.BytesIO(expression_tsv(MADE)), sep="\t", index_col=0, keep_default_na=False)
    assert list(table.columns) == ["symbol", *MADE.sample_names]
    assert (table.drop(columns="symbol").to_numpy() == MADE.expression.to_numpy().T).all()


def test_parquet_keeps_whole_numbers() -> None:
    table = pq.read_table(io.BytesIO(expression_parquet(MADE))).to_pandas()
    assert list(table.columns) == ["gene_id", "symbol", *MADE.sample_names]
    assert list(table["gene_id"]) == list(MADE.genes.index)
    assert (MADE.expression.to_numpy() == table[list(MADE.sample_names)].to_numpy().T).all()
    assert {str(kind) for kind in table.dtypes[2:]} == {"int32"}


def test_gct_is_read_by_an_independent_parser() -> None:
    """Written from the format's description: sizes first, then names, annotations of columns, and rows."""
    lines = gct(MADE).decode().splitlines()
    assert lines[0] == "#1.3"
    n_rows, n_columns, row_annotations, column_annotations = map(int, lines[1].split("\t"))
    names = lines[2].split("\t")
    assert len(names) == 1 + row_annotations + n_columns
    above = [line.split("\t") for line in lines[3 : 3 + column_annotations]]
    rows = [line.split("\t") for line in lines[3 + column_annotations :]]
    assert len(rows) == n_rows == 120
    assert {len(cells) for cells in [*above, *rows]} == {len(names)}
    assert [cells[0] for cells in above] == ["condition", "tissue_ontology_id", "sex", "genotype"]
    values = np.array([[float(cell) for cell in cells[1 + row_annotations :]] for cells in rows])
    np.testing.assert_allclose(values, log_cpm(MADE.expression).T, atol=5e-5)
    assert names[1 + row_annotations :] == list(MADE.sample_names)


def test_no_cell_of_a_text_file_starts_a_formula() -> None:
    for content in (gct(MADE), expression_tsv(replace(MADE, sample_names=("=a", "+b", "@c", "-d", "e")))):
        cells = [cell for line in content.decode().splitlines() for cell in line.split("\t")]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_h5ad_is_valid_anndata_with_counts_labels_latents_and_provenance(tmp_path: Path) -> None:
    data = read_h5ad(tmp_path, h5ad(MADE, QUERY, label_of, "Liver and others"))
    assert data.shape == (5, 120)
    assert data.obs_names.is_unique
    assert data.var_names.is_unique
    assert (data.layers["counts"] == MADE.expression.to_numpy()).all()
    assert (MADE.expression.to_numpy() == data.X).all()
    np.testing.assert_allclose(data.layers["log_cpm"], log_cpm(MADE.expression))
    assert list(data.obs["tissue_ontology_term_id"]) == ["UBERON:0002107"] * 3 + ["unknown"] * 2
    assert list(data.obs["tissue"]) == ["liver"] * 3 + ["unknown"] * 2
    assert list(data.obs["sex"]) == ["male", "female", "male", "male", "unknown"]
    assert list(data.obs["sex_ontology_term_id"]) == [
        *("PATO:0000384", "PATO:0000383", "PATO:0000384", "PATO:0000384"),
        "unknown",
    ]
    assert list(data.obs["condition"]) == list(MADE.conditions)
    assert list(data.var["feature_name"]) == MADE.symbols()
    assert data.obsm["X_biological_latents"].shape == (5, 3)
    assert json.loads(data.uns["query"]) == QUERY
    assert "synthetic data" in data.uns["about"]
    assert bool(data.uns["synthetic"])
    assert data.uns["organism_ontology_term_id"] == "NCBITaxon:9606"
    assert set(data.layers) == {"counts", "log_cpm"}
    assert all(isinstance(kind, pd.CategoricalDtype) for kind in data.obs.dtypes)
    assert data.uns["title"] == "Liver and others"


def test_h5ad_tells_terms_from_words_where_a_key_takes_both(tmp_path: Path) -> None:
    metadata = pd.DataFrame({"developmental_stage": ["HsapDv:0000174", "adult", None, "adult", "adult"]})
    made = make_prediction([3, 2], n_genes=20, metadata=metadata)
    obs = read_h5ad(tmp_path, h5ad(made, QUERY, {"HsapDv:0000174": "1-month-old stage"}.get)).obs
    assert list(obs["development_stage_ontology_term_id"])[:3] == ["HsapDv:0000174", "unknown", "unknown"]
    assert list(obs["development_stage"])[:3] == ["1-month-old stage", "adult", "unknown"]


def test_a_whole_run_as_h5ad_can_be_grouped_and_written_again(tmp_path: Path) -> None:
    """Without a warning: those are errors here."""
    data = read_h5ad(tmp_path, h5ad(MADE, QUERY, label_of))
    liver = data[data.obs["tissue"] == "liver", ["ENSG00000000001", "ENSG00000000002"]].copy()
    liver.write_h5ad(tmp_path / "again.h5ad")
    assert anndata.read_h5ad(tmp_path / "again.h5ad").shape == (3, 2)


def test_h5ad_takes_samples_of_the_same_name(tmp_path: Path) -> None:
    twice = replace(MADE, sample_names=("a", "a", "a (2)", "b", "b"))
    assert list(read_h5ad(tmp_path, h5ad(twice, QUERY, label_of)).obs_names) == [
        "a",
        "a (2)",
        "a (2) (2)",
        "b",
        "b (2)",
    ]
