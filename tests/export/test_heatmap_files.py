"""Files of a heatmap, read again by other code than that which wrote them."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from synthome.analysis import heatmap, log_cpm
from synthome.analysis.views import HeatmapView
from synthome.export.heatmap import cells_csv, cells_gct, cluster_table, clusters_csv
from tests.predictions import make_prediction

MADE = make_prediction([4, 3, 3], names=["Liver", "=cmd()", "Any, tissue"])
LOG_EXPRESSION = log_cpm(MADE.expression)
COLUMNS = np.r_[0:20, 30:50, 60:80]
VIEW = HeatmapView(tuple(MADE.genes.index[COLUMNS]), "60 genes", tracks=("condition", "sex", "age_years"), clusters=3)
CELLS = heatmap(LOG_EXPRESSION, COLUMNS)


def read_gct(content: bytes) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Values, what annotates the rows, and what annotates the columns, by the sizes on the format's second line."""
    version, sizes, _ = content.decode().split("\n", 2)
    assert version == "#1.3"
    rows, columns, about_rows, about_columns = map(int, sizes.split("\t"))
    table = pd.read_csv(io.BytesIO(content), sep="\t", skiprows=2, index_col=0, dtype=str, keep_default_na=False)
    assert table.shape == (rows + about_columns, columns + about_rows)
    values = table.iloc[about_columns:, about_rows:].astype(float)
    return values, table.iloc[about_columns:, :about_rows], table.iloc[:about_columns, about_rows:]


def test_gct_holds_what_is_shown_in_its_order() -> None:
    values, rows, columns = read_gct(cells_gct(CELLS, MADE, VIEW))
    np.testing.assert_allclose(values, CELLS.levels, atol=5e-5)
    assert list(values.index) == [MADE.genes.index[gene] for gene in CELLS.genes]
    assert list(rows["symbol"]) == list(MADE.genes["symbol"].iloc[CELLS.genes])
    assert rows["cluster"].astype(int).is_monotonic_increasing
    assert list(columns.index) == ["condition", "sex", "age_years"]
    expected = MADE.metadata["sex"].iloc[CELLS.samples].fillna("")
    assert list(columns.loc["sex"]) == list(expected)


def test_gct_holds_levels_where_those_are_shown() -> None:
    cells = heatmap(LOG_EXPRESSION, COLUMNS, values="log CPM", groups=MADE.condition)
    values, rows, _ = read_gct(cells_gct(cells, MADE, HeatmapView(VIEW.genes, "60 genes", values="log CPM")))
    np.testing.assert_allclose(values, LOG_EXPRESSION[:, cells.genes].T, atol=5e-5)
    assert "cluster" not in rows


def test_cells_are_a_row_a_gene_and_a_column_a_sample() -> None:
    table = pd.read_csv(io.BytesIO(cells_csv(CELLS, MADE)), index_col=0, keep_default_na=False)
    np.testing.assert_allclose(table.iloc[:, 1:], CELLS.levels, atol=5e-5)
    names = [name.removeprefix("'") for name in table.columns[1:]]
    assert names == [MADE.sample_names[row] for row in CELLS.samples]


def test_clusters_are_listed_from_top_to_bottom_with_the_means_of_each_condition() -> None:
    table = pd.read_csv(io.BytesIO(clusters_csv(cluster_table(CELLS, MADE, VIEW, LOG_EXPRESSION))))
    assert list(table.columns[:3]) == ["cluster", "gene_id", "symbol"]
    assert table["cluster"].unique().tolist() == [1, 2, 3]
    assert table["cluster"].is_monotonic_increasing
    by_gene = pd.DataFrame(LOG_EXPRESSION, columns=MADE.genes.index).astype(float)
    means = by_gene.groupby(list(MADE.conditions)).mean()
    for condition in MADE.condition_names:
        found = table.set_index("gene_id")[f"mean log2 CPM, {condition}"]
        assert found.to_dict() == pytest.approx(means.loc[condition, found.index].to_dict(), abs=1e-4)


def test_no_cell_of_a_file_starts_a_formula() -> None:
    for content, between in ((cells_csv(CELLS, MADE), ","), (cells_gct(CELLS, MADE, VIEW), "\t")):
        cells = [cell for line in content.decode().splitlines() for cell in line.split(between)]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]
