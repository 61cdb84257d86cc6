"""Scripts that draw figures again, run as a student runs them: beside the downloaded files, without Synthome."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from synthome.analysis import PCA, heatmap, log_cpm, pca, variable_genes
from synthome.analysis.differential import DifferentialTable, choose, comparison_between, welch
from synthome.analysis.figures.volcano import volcano_figure
from synthome.analysis.views import DifferentialView, GenesView, HeatmapView, PCAView
from synthome.export import expression_csv, metadata_csv
from synthome.export.components import loadings_csv
from synthome.export.differential import differential_csv
from synthome.export.redraw import redraw_differential, redraw_genes, redraw_heatmap, redraw_pca
from synthome.models import embedded_model
from synthome.prediction import Prediction
from synthome.query import read_query

NAMES = ("Liver, male", '=HYPERLINK("x")')
RUN = """
import runpy, sys
import numpy as np
found = runpy.run_path(sys.argv[1])
assert not [name for name in sys.modules if name.split(".")[0] in ("synthome", "streamlit", "components")]
arrays = {name: np.asarray(found[name]) for name in sys.argv[2:]}
np.savez("found.npz", **{name: a.astype(str) if a.dtype == object else a for name, a in arrays.items()})
"""


@pytest.fixture(scope="module")
def prediction() -> Prediction:
    tissues = ("UBERON:0002107", "UBERON:0000948")
    inputs = [{"metadata": {"tissue_ontology_id": t, "sex": "male"}, "num_samples": 4} for t in tissues]
    query = read_query({"sampling_strategy": "sample generation", "seed": 3, "inputs": inputs})
    made = embedded_model("gem-1-bulk").predict(query)
    return replace(made, condition_names=NAMES, sample_names=())


@pytest.fixture(scope="module")
def components(prediction: Prediction) -> PCA:
    return pca(log_cpm(prediction.expression), prediction.genes.index, 500, library_size=1e7)


@pytest.fixture(scope="module")
def table(prediction: Prediction) -> DifferentialTable:
    comparison = comparison_between(list(prediction.conditions), NAMES[1], NAMES[0])
    return welch(log_cpm(prediction.expression), prediction.genes, comparison)


@pytest.fixture(scope="module")
def folder(
    prediction: Prediction, components: PCA, table: DifferentialTable, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The files as they are in the ZIP."""
    folder = tmp_path_factory.mktemp("downloads")
    for name, content in {
        "expression.csv": expression_csv(prediction),
        "metadata.csv": metadata_csv(prediction),
        "pca-loadings.csv": loadings_csv(components, prediction),
        "differential.csv": differential_csv(table),
    }.items():
        (folder / name).write_bytes(content)
    return folder


def run(folder: Path, script: str, *wanted: str) -> dict[str, np.ndarray]:
    """What the script's variables of those names hold in the end."""
    (folder / "script.py").write_text(script)
    done = subprocess.run(
        [sys.executable, "-I", "-c", RUN, "script.py", *wanted], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    with np.load(folder / "found.npz", allow_pickle=False) as found:
        return dict(found)


@pytest.mark.parametrize("shown", [(1, 2), (1, 3, 2)])
def test_pca_gives_the_same_coordinates_and_shares_of_variance(
    folder: Path, components: PCA, shown: tuple[int, ...]
) -> None:
    found = run(folder, redraw_pca(PCAView(n_genes=500, components=shown)), "scores", "share", "axes")
    k = components.n_components
    np.testing.assert_allclose(found["scores"][:, :k], components.scores, atol=1e-3)
    np.testing.assert_allclose(found["share"][:k], components.variance_explained, rtol=1e-4)
    assert [axis.split(" ")[0] for axis in found["axes"]] == [f"PC{number}" for number in shown]
    assert "plotly" in (folder / "pca.html").read_text().lower()


def test_pca_of_scaled_genes_gives_each_gene_the_same_variance(folder: Path) -> None:
    values = run(folder, redraw_pca(PCAView(scaled=True, colour_by="sex")), "values")["values"]
    np.testing.assert_allclose(values.var(axis=0), 1)


def test_heatmap_gives_the_same_z_scores_in_the_same_order(folder: Path, prediction: Prediction) -> None:
    log_expression = log_cpm(prediction.expression)
    columns = variable_genes(log_expression, 40, 1e7)
    cells = heatmap(log_expression, columns)
    genes = tuple(prediction.genes.index[columns])
    symbols = dict(zip(prediction.genes.index, prediction.symbols(), strict=True))
    found = run(folder, redraw_heatmap(HeatmapView(genes, "most variable"), symbols), "shown", "genes", "samples")
    expected = pd.DataFrame(
        cells.levels,
        [prediction.symbols()[g] for g in cells.genes],
        [prediction.sample_names[s] for s in cells.samples],
    )
    drawn = pd.DataFrame(found["shown"], found["genes"], [name.removeprefix("'") for name in found["samples"]])
    assert list(drawn.index) in (list(expected.index), list(expected.index)[::-1])
    assert list(drawn.columns) in (list(expected.columns), list(expected.columns)[::-1])
    np.testing.assert_allclose(drawn.loc[expected.index, expected.columns], expected, atol=1e-3)
    assert "heatmap" in (folder / "heatmap.html").read_text()


def test_heatmap_by_condition_shows_levels_of_samples_as_they_were_asked_for(
    folder: Path, prediction: Prediction
) -> None:
    columns = variable_genes(log_cpm(prediction.expression), 10, 1e7)
    view = HeatmapView(
        tuple(prediction.genes.index[columns]), "", "log CPM", "euclidean", "ward", "by condition", tracks=()
    )
    found = run(folder, redraw_heatmap(view, {}), "shown", "samples", "genes")
    assert [name.removeprefix("'") for name in found["samples"]] == list(prediction.sample_names)
    expected = log_cpm(prediction.expression)[:, prediction.genes.index.get_indexer(found["genes"])].T
    np.testing.assert_allclose(found["shown"], expected, atol=1e-3)


@pytest.mark.parametrize("kind", ["box", "violin", "points", "dot plot"])
def test_genes_have_the_same_levels(folder: Path, prediction: Prediction, kind: str) -> None:
    rows = prediction.genes.index[prediction.genes["symbol"].isin(["ALB", "MYH6"])]
    symbols = dict(zip(prediction.genes.index, prediction.symbols(), strict=True))
    script = redraw_genes(GenesView(tuple(rows), kind=kind), symbols)  # type: ignore[arg-type]
    found = run(folder, script, "chosen")["chosen"]
    expected = log_cpm(prediction.expression)[:, prediction.genes.index.get_indexer(rows)]
    np.testing.assert_allclose(found, expected, atol=1e-3)
    assert "ALB" in (folder / "genes.html").read_text()


@pytest.mark.parametrize("plot", ["volcano", "MA"])
def test_volcano_and_ma_plot_call_the_same_genes_at_the_same_places(
    folder: Path, table: DifferentialTable, plot: str
) -> None:
    view = DifferentialView(plot, 0.01, 2.0)  # type: ignore[arg-type]
    script = redraw_differential(view, NAMES[1], NAMES[0])
    found = run(folder, script, "x", "y", "called", "names")
    called = choose(table, most_adjusted_p=0.01, least_log2_fold_change=2.0)
    assert len(called) > 100
    assert set(found["names"][found["called"]]) == {symbol or gene for gene, symbol in called["symbol"].items()}
    drawn = volcano_figure(table, view)
    for trace in drawn.data[1:]:
        for across, up, symbol in list(zip(trace.x, trace.y, trace.hovertext, strict=True))[:50]:
            near = np.flatnonzero(found["names"] == (symbol))
            assert any(np.allclose((found["x"][i], found["y"][i]), (across, up), rtol=1e-4) for i in near)
