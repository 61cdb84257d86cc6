"""The volcano and the MA plot: every called gene is a point, in the colour of the group where it is higher."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from synthome.analysis import log_cpm
from synthome.analysis.differential import choose, comparison_between, welch
from synthome.analysis.figures.volcano import Plot, describe_comparison, volcano_figure
from synthome.export.differential import differential_csv
from tests.predictions import make_prediction

MADE = make_prediction([8, 8], names=["Healthy", "Tumour"])
TABLE = welch(log_cpm(MADE.expression), MADE.genes, comparison_between(MADE.conditions, "Tumour", "Healthy"))


@pytest.mark.parametrize("plot", ["volcano", "MA"])
def test_every_called_gene_is_drawn_on_its_side(plot: Plot) -> None:
    others, higher, lower = volcano_figure(TABLE, plot=plot).data
    called = choose(TABLE)
    assert set(higher.customdata) | set(lower.customdata) == set(called.index)
    assert set(higher.customdata) == set(called.index[called["log2_fold_change"] > 0])
    assert not set(others.customdata) & set(called.index)
    change = np.asarray(higher.x if plot == "volcano" else higher.y)
    assert (change >= 1).all()
    assert higher.name == f"higher in Tumour ({len(higher.customdata):,})"


def test_genes_that_are_not_called_are_thinned_and_called_ones_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("synthome.analysis.figures.volcano._MOST_OTHERS", 50)
    others, higher, lower = volcano_figure(TABLE).data
    assert len(others.customdata) == 50
    assert len(higher.customdata) + len(lower.customdata) == len(choose(TABLE))


def test_the_sentence_tells_numbers_and_thresholds() -> None:
    called = choose(TABLE)
    up, tested = int((called["log2_fold_change"] > 0).sum()), int(TABLE.rows["p_value"].notna().sum())
    assert describe_comparison(TABLE) == (
        f"{up} genes are higher in Tumour and {len(called) - up} in Healthy, of {tested:,} "
        "that could be tested (adjusted p at most 0.05, at least 2-fold)."
    )


def test_the_figure_of_twenty_thousand_genes_stays_small() -> None:
    many = make_prediction([4, 4], n_genes=20_000)
    table = welch(log_cpm(many.expression), many.genes, comparison_between(many.conditions, "Group 1", "Group 2"))
    assert len(json.dumps(volcano_figure(table).to_plotly_json(), default=str)) < 1_000_000


def test_the_file_holds_every_gene_the_smallest_p_value_first() -> None:
    rows = list(csv.DictReader(io.StringIO(differential_csv(TABLE).decode())))
    assert len(rows) == len(MADE.genes)
    assert rows[0]["gene_id"] == TABLE.sorted_rows.index[0]
    tested = [float(row["p_value"]) for row in rows if row["p_value"]]
    assert tested == sorted(tested)
