"""The ZIP with everything: every file opens, and all say the same."""

from __future__ import annotations

import io
import json
import pickle
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from synthome.analysis import log_cpm, pca
from synthome.analysis.differential import comparison_between, welch
from synthome.export.archive import archive
from synthome.export.takeaway import Takeaway
from synthome.models import embedded_model
from synthome.prediction import Prediction
from synthome.query import read_query
from tests.predictions import make_prediction

LIVER, HEART = "UBERON:0002107", "UBERON:0000948"
QUERY = read_query(
    {
        "sampling_strategy": "sample generation",
        "seed": 3,
        "inputs": [
            {"metadata": {"tissue_ontology_id": tissue, "sex": "male"}, "num_samples": 3} for tissue in (LIVER, HEART)
        ],
    }
)


@pytest.fixture(scope="module")
def made() -> Prediction:
    answer = embedded_model("gem-1-bulk").predict(QUERY)
    return replace(answer, condition_names=("Liver", "=Heart"), sample_names=())


@pytest.fixture(scope="module")
def folder(made: Prediction, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ZIP, unpacked."""
    folder = tmp_path_factory.mktemp("all")
    packed = zipfile.ZipFile(io.BytesIO(archive(Takeaway("Liver and heart", QUERY, made, {LIVER: "liver"}))))
    assert packed.testzip() is None
    packed.extractall(folder)
    return folder


def test_the_readme_names_every_file(folder: Path) -> None:
    readme = (folder / "README.txt").read_text()
    assert "This is synthetic data" in readme
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"README.txt"}
    assert {line.strip() for line in readme.splitlines()} >= files
    assert len(files) >= 20


def test_the_counts_are_the_same_in_every_format(folder: Path, made: Prediction) -> None:
    counts = made.expression.to_numpy()
    csv = pd.read_csv(folder / "expression.csv", index_col=0)
    assert (csv.to_numpy() == counts).all()
    assert list(csv.columns) == list(made.genes.index)
    assert (counts == pq.read_table(folder / "expression.parquet").to_pandas().iloc[:, 2:].to_numpy().T).all()
    data = anndata.read_h5ad(folder / "results.h5ad")
    assert (data.layers["counts"] == counts).all()
    assert list(data.obs["tissue"]) == ["liver"] * 3 + [HEART] * 3
    with (folder / "results.pkl").open("rb") as file:
        results = pickle.load(file)  # noqa: S301 - made above
    assert (results["expression"].to_numpy() == counts).all()
    gct = (folder / "log-cpm.gct").read_text().splitlines()
    n_genes, n_samples, _, n_keys = map(int, gct[1].split("\t"))
    levels = np.array([[float(cell) for cell in line.split("\t")[4:]] for line in gct[3 + n_keys :]])
    assert levels.shape == (n_genes, n_samples) == counts.T.shape
    np.testing.assert_allclose(levels, log_cpm(made.expression).T, atol=1e-4)


def test_samples_are_told_apart_alike_in_every_table(folder: Path, made: Prediction) -> None:
    metadata = pd.read_csv(folder / "metadata.csv")
    assert list(metadata["sample"]) == [f"Liver 0{i}" for i in (1, 2, 3)] + [f"'=Heart 0{i}" for i in (1, 2, 3)]
    for name in ("quality.csv", "latents.csv", "pca-coordinates.csv"):
        assert list(pd.read_csv(folder / name)["sample"]) == list(metadata["sample"]), name
    latents = pd.read_csv(folder / "latents.csv").filter(like="biological_").to_numpy()
    np.testing.assert_allclose(latents, np.array(made.latents["biological"].tolist()))
    assert list(pd.read_csv(folder / "genes.csv")["gene_id"]) == list(made.genes.index)


def test_the_analyses_are_those_of_the_figures(folder: Path, made: Prediction) -> None:
    levels = log_cpm(made.expression)
    components = pca(levels, made.genes.index, library_size=1e7)
    np.testing.assert_allclose(pd.read_csv(folder / "pca-coordinates.csv")["PC1"], components.scores[:, 0], rtol=1e-5)
    assert list(pd.read_csv(folder / "pca-loadings.csv")["gene_id"]) == list(components.genes)
    table = welch(levels, made.genes, comparison_between(list(made.conditions), "=Heart", "Liver"))
    differential = pd.read_csv(folder / "differential.csv").set_index("gene_id")
    expected = table.rows.loc[differential.index, "log2_fold_change"]
    np.testing.assert_allclose(differential["log2_fold_change"], expected)


def test_the_query_can_be_asked_again(folder: Path) -> None:
    assert read_query(json.loads((folder / "query.json").read_text())) == QUERY
    assert "pysynthbio" in (folder / "query.py").read_text()
    assert "rsynthbio" in (folder / "query.R").read_text()


def test_figures_share_one_plotly_and_texts_are_there(folder: Path) -> None:
    for name in ("quality", "pca", "heatmap", "differential"):
        text = (folder / "figures" / f"{name}.html").read_text()
        assert 'src="plotly.min.js"' in text
        assert len(text) < 1_000_000
    assert (folder / "figures" / "plotly.min.js").stat().st_size > 1_000_000
    assert "Welch" in (folder / "methods.txt").read_text()
    assert "Liver and heart" in (folder / "report.html").read_text()


@pytest.mark.parametrize("name", ["pca", "heatmap", "differential"])
def test_each_script_runs_where_it_lies(folder: Path, name: str) -> None:
    subprocess.run([sys.executable, "-I", f"redraw-{name}.py"], cwd=folder, check=True, capture_output=True)
    assert "plotly" in (folder / f"{name}.html").read_text().lower()


def test_real_samples_told_what_they_are_bring_their_probabilities_and_a_short_script() -> None:
    made = make_prediction([1], n_genes=50)
    told = replace(made, classifier_probs=pd.DataFrame({"sex": [{"male": 0.9, "female": 0.1}]}))
    query = read_query({"inputs": [{"counts": [1] * 18_000}]}, "gem-1-bulk_predict-metadata")
    packed = zipfile.ZipFile(io.BytesIO(archive(Takeaway("Told", query, told))))
    assert "male" in packed.read("probabilities.csv").decode()
    assert 'open("query.json")' in packed.read("query.py").decode()
    assert 'read_json("query.json"' in packed.read("query.R").decode()
    assert len(json.loads(packed.read("query.json"))["inputs"][0]["counts"]) == 18_000
    assert "told" in packed.read("methods.txt").decode()
