"""The volcano and the MA plot: every called gene is a point, in the colour of the group where it is higher."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from synthome.analysis import log_cpm
from synthome.analysis.differential import choose, comparison_between, welch
from synthome.analysis.figures.volcano import describe_comparison, volcano_figure
from synthome.analysis.views import DifferentialView
from synthome.export.differential import differential_csv
from tests.predictions import make_prediction

MADE = make_prediction([8, 8], names=["Healthy", "Tumour"])
TABLE = welch(log_cpm(MADE.expression), MADE.genes, comparison_between(MADE.conditions, "Tumour", "Healthy"))


@pytest.mark.parametrize("plot", ["volcano", "MA"])
def test_every_called_gene_is_drawn_on_its_side(plot: Literal["volcano", "MA"]) -> None:
    others, higher, lower = volcano_figure(TABLE, DifferentialView(plot)).data
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


def test_stricter_thresholds_of_the_view_call_fewer_genes() -> None:
    strict = DifferentialView(most_adjusted_p=1e-6, least_log2_fold_change=3)
    _, higher, lower = volcano_figure(TABLE, strict).data
    chosen = choose(TABLE, most_adjusted_p=1e-6, least_log2_fold_change=3)
    assert 0 < len(chosen) < len(choose(TABLE))
    assert set(higher.customdata) | set(lower.customdata) == set(chosen.index)
    assert "adjusted p at most 1e-06, at least 8-fold" in describe_comparison(TABLE, strict)


def test_genes_asked_for_are_ringed_and_named_whether_they_are_called_or_not() -> None:
    called, plain = str(choose(TABLE).index[40]), str(TABLE.sorted_rows.index[-1])
    figure = volcano_figure(TABLE, DifferentialView(named=(called, plain, "ENSG_of_nobody")))
    rings = figure.data[-1]
    assert set(rings.customdata) == {called, plain}
    assert rings.marker.symbol == "circle-open"
    names = [note.text for note in figure.layout.annotations]
    symbols = TABLE.rows["symbol"]
    assert {f"<b>{symbols[called]}</b>", f"<b>{symbols[plain]}</b>"} <= set(names)


def test_no_name_lies_on_another() -> None:
    notes = volcano_figure(TABLE).layout.annotations
    width, height = np.ptp(TABLE.rows["log2_fold_change"]), np.ptp(-np.log10(TABLE.rows["p_value"]))
    places = [(note.x / width, note.y / height) for note in notes]
    assert len(places) >= 6
    for row, (x, y) in enumerate(places):
        assert all(abs(x - a) >= 0.1 or abs(y - b) >= 0.045 for a, b in places[:row])


def test_where_nothing_can_be_tested_the_sentence_says_why() -> None:
    untested = replace(TABLE, rows=TABLE.rows.assign(p_value=np.nan, adjusted_p_value=np.nan))
    assert describe_comparison(untested).startswith("No gene can be tested: within each group the samples do not vary")
    assert volcano_figure(untested).data[0].customdata is not None


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
