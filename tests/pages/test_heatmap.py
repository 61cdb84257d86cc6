"""The tab on which chosen genes are shown in all samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from components import analyses
from synthome.runs import Run, Runner
from tests.pages.conftest import WORKSPACE
from tests.pages.test_differential import HEART, LIVER, result

OpenPage = Callable[..., AppTest]


def opened(open_page: OpenPage, run: Run, **chosen: object) -> AppTest:
    app = open_page()
    app.session_state["shown_run"] = run.id
    app.session_state["tab"] = "Heatmap"
    for name, value in chosen.items():
        app.session_state[f"heatmap_{name}"] = value
    app.switch_page("pages/results.py").run()
    assert not app.exception, app.exception
    return app


def chart(app: AppTest) -> dict[str, Any]:
    return dict(json.loads(app.get("plotly_chart")[0].proto.spec))


def genes(app: AppTest) -> list[str]:
    return list(chart(app)["layout"]["yaxis"]["categoryarray"])


def captions(app: AppTest) -> str:
    return "\n".join(caption.value.replace("\\", "") for caption in app.caption)


def test_the_most_variable_genes_stand_there_first(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART))
    assert len(genes(app)) == 50
    assert "ALB" in genes(app)
    assert "z-scores of the 50 most variable genes in 6 samples. The samples cluster by condition." in captions(app)


def test_a_pasted_list_is_shown_and_what_is_not_known_is_named(open_page: OpenPage, runner: Runner) -> None:
    app = opened(
        open_page, result(runner, LIVER, HEART), source="list", list="ALB myh6\nCCDC132, GAPDHH;ENSG00000026025"
    )
    assert sorted(genes(app)) == ["ALB", "MYH6", "VIM", "VPS50"]
    assert "4 of 5 genes found. Not in the model: GAPDHH (GAPDH?)." in captions(app)
    assert "Read as former symbols: CCDC132 → VPS50." in captions(app)


@pytest.mark.parametrize(("text", "words"), [("", "Paste gene symbols"), ("qqqqqqq", "none of these genes")])
def test_a_list_without_genes_says_what_to_do(open_page: OpenPage, runner: Runner, text: str, words: str) -> None:
    app = opened(open_page, result(runner, LIVER, HEART), source="list", list=text)
    assert not app.get("plotly_chart")
    assert any(words in info.value for info in app.info)


def test_genes_that_differ_between_two_groups_of_any_key(open_page: OpenPage, runner: Runner) -> None:
    run = result(runner, LIVER, HEART, {**LIVER, "sex": "female"})
    app = opened(open_page, run, source="differential", by="sex", genes=30)
    assert "XIST" in genes(app)
    assert "that differ most between female and male (quick look by Welch's test" in captions(app)
    app.selectbox(key="heatmap_by").set_value("condition").run()
    assert not app.exception
    assert "between Group 2 and Group 1" in captions(app)
    app.selectbox(key="heatmap_reference").set_value("Group 2").run()
    assert any("itself" in info.value for info in app.info)


def test_markers_of_each_group_fall_into_clusters_of_their_own(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART), source="markers", markers=20, clusters=2)
    assert len(genes(app)) == 40
    assert "40 marker genes of 2 groups by condition" in captions(app)
    assert "cut into 2 clusters of 20 and 20, from top to bottom" in captions(app)


def test_the_genes_of_each_cluster_are_lists_to_copy(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART), source="list", list="ALB APOA1 MYH6 TNNT2", clusters=2)
    app.session_state["heatmap_lists"] = True
    app.run()
    assert sorted(tuple(sorted(code.value.split("\n"))) for code in app.code) == [("ALB", "APOA1"), ("MYH6", "TNNT2")]


@pytest.mark.parametrize("source", ["differential", "markers"])
def test_one_group_has_none_to_compare_with_and_says_so(open_page: OpenPage, runner: Runner, source: str) -> None:
    app = opened(open_page, result(runner, LIVER), source=source)
    assert any("one group" in info.value for info in app.info)


def test_single_samples_have_markers_by_fold_change(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART, num_samples=1), source="markers")
    assert len(genes(app)) == 20
    assert "by fold change alone" in captions(app)


def test_ward_uses_euclidean_distance_and_says_so(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART), linkage="ward", values="log CPM", samples="by condition")
    assert "Euclidean distance, which is used" in captions(app)
    assert "log2(CPM + 1) of the 50 most variable genes" in captions(app)
    names = chart(app)["layout"]["xaxis"]["categoryarray"]
    assert names == sorted(names)


def test_choices_of_another_run_give_way_to_what_this_one_has(open_page: OpenPage, runner: Runner) -> None:
    first, second = result(runner, LIVER, HEART), result(runner, {"sex": "male"}, {"sex": "female"})
    app = opened(
        open_page, first, source="markers", tracks=["condition", "tissue_ontology_id"], by="tissue_ontology_id"
    )
    assert "Tissue" in chart(app)["layout"]["yaxis2"]["categoryarray"]
    assert "groups by tissue" in captions(app)
    app.query_params["run"] = second.id
    app.run()
    assert not app.exception, app.exception
    assert chart(app)["layout"]["yaxis2"]["categoryarray"] == ["Condition"]
    assert "groups by condition" in captions(app)


def test_two_groups_that_do_not_differ_say_what_else_to_do(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, LIVER), source="differential")
    assert any("No gene differs between Group 2 and Group 1" in info.value for info in app.info)


def test_other_strips_cluster_nothing_again(
    open_page: OpenPage, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = opened(open_page, result(runner, LIVER, HEART), genes=75)
    calls: list[object] = []
    monkeypatch.setattr(analyses, "heatmap", lambda *given, **choices: calls.append(given))
    app.multiselect(key="heatmap_tracks").set_value(["condition", "sex"]).run()
    app.select_slider(key="heatmap_clusters").set_value(4).run()
    assert not app.exception
    assert not calls
    assert chart(app)["layout"]["yaxis2"]["categoryarray"] == ["Condition", "Sex"]


def test_groups_that_the_user_has_named_are_a_strip(open_page: OpenPage, runner: Runner) -> None:
    run = result(runner, LIVER, HEART)
    runner.set_sample_groups(WORKSPACE, run.id, runner.sample_groups(WORKSPACE, run.id).named([0, 4], "Odd ones"))
    app = opened(open_page, run, tracks=["condition", "group"])
    drawn = chart(app)
    assert drawn["layout"]["yaxis2"]["categoryarray"] == ["Condition", "Group"]
    assert pd.Series(drawn["data"][1]["text"][1]).value_counts().to_dict() == {"not given": 4, "Odd ones": 2}
