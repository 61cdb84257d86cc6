"""The tab on which samples are seen along principal components."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from synthome.query import read_query
from synthome.runs import Run, Runner, model_for
from synthome.runs.sample_groups import SampleGroups
from tests.pages.conftest import WORKSPACE

OpenPage = Callable[..., AppTest]

LIVER = {"tissue_ontology_id": "UBERON:0002107", "sex": "male", "age_years": "50"}
HEART = {"tissue_ontology_id": "UBERON:0000948", "sex": "female", "age_years": "60"}
LIVER_OF_A_WOMAN = {**LIVER, "sex": "female", "age_years": "40"}


def result(runner: Runner, *conditions: dict[str, str], num_samples: int = 4, **asked: Any) -> Run:
    """A finished run of those conditions."""
    body = {
        "sampling_strategy": "sample generation",
        "seed": 3,
        "inputs": [{"metadata": metadata, "num_samples": num_samples} for metadata in conditions],
        **asked,
    }
    names = tuple(f"Group {number}" for number in range(1, len(conditions) + 1))
    run = runner.submit(WORKSPACE, read_query(body), model_for("gem-1-bulk"), condition_names=names)
    return runner.wait(WORKSPACE, run.id, 60)


def opened(open_page: OpenPage, run: Run, tab: str = "PCA") -> AppTest:
    app = open_page()
    app.session_state["shown_run"] = run.id
    app.session_state["tab"] = tab
    app.switch_page("pages/results.py").run()
    assert not app.exception, app.exception
    return app


def charts(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def sentences(app: AppTest) -> str:
    return "\n".join(caption.value.replace("\\", "") for caption in app.caption)


def legend(chart: dict[str, Any]) -> list[str]:
    return [trace["name"] for trace in chart["data"] if trace.get("showlegend")]


def test_three_components_may_be_seen_at_once(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART))
    assert {trace["type"] for trace in charts(app)[0]["data"]} == {"scatter"}
    app.segmented_control(key="pca_dimensions").set_value("3-D").run()
    app.selectbox(key="pca_z").set_value(4).run()
    assert not app.exception
    (chart,) = charts(app)
    assert {trace["type"] for trace in chart["data"]} == {"scatter3d"}
    assert chart["layout"]["scene"]["zaxis"]["title"]["text"].startswith("PC4 (")
    assert "Samples are picked, and groups named, in 2-D" in sentences(app)
    assert "separate along PC1 (" in sentences(app)


def test_colour_and_symbol_follow_any_two_keys(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART, LIVER_OF_A_WOMAN))
    app.selectbox(key="pca_colour").set_value("tissue_ontology_id")
    app.selectbox(key="pca_symbol").set_value("sex").run()
    assert not app.exception
    assert legend(charts(app)[0]) == ["liver", "heart", "male", "female"]
    assert "The groups by tissue separate along PC1 (" in sentences(app)
    app.selectbox(key="pca_colour").set_value("age_years").run()
    assert "coloraxis" in charts(app)[0]["layout"]
    assert "Age goes with " in sentences(app)


def test_arrows_name_genes_and_scaling_and_all_genes_change_the_shares(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART))
    before = charts(app)[0]["layout"]["xaxis"]["title"]["text"]
    app.segmented_control(key="pca_arrows").set_value(5).run()
    assert len(charts(app)[0]["data"][-1]["text"]) == 5
    app.toggle(key="pca_scaled").set_value(True).run()
    scaled = charts(app)[0]["layout"]["xaxis"]["title"]["text"]
    app.select_slider(key="pca_genes").set_value(0).run()
    assert not app.exception
    assert len({before, scaled, charts(app)[0]["layout"]["xaxis"]["title"]["text"]}) == 3


def test_what_stands_behind_the_components_is_computed_when_it_is_opened(open_page: OpenPage, runner: Runner) -> None:
    heart_of_a_man = {**HEART, "sex": "male"}
    app = opened(open_page, result(runner, LIVER, HEART, LIVER_OF_A_WOMAN, heart_of_a_man, num_samples=6))
    assert len(charts(app)) == 1
    assert not app.dataframe
    for part in ("pca_scree", "pca_loadings", "pca_follows"):
        app.session_state[part] = True
    app.run()
    assert not app.exception, app.exception
    assert len(charts(app)) == 4
    assert "PC1 explains " in sentences(app)
    assert "PC1 follows tissue (" in sentences(app)
    assert "PC3 follows sex (" in sentences(app)
    table = app.dataframe[0].value
    assert "ALB" in set(table["Symbol"][:10])
    signs = table.set_index("Symbol")["Loading"]
    assert signs["ALB"] * signs["MYH6"] < 0, "high in liver or in heart"
    assert table["Loading"].abs().is_monotonic_decreasing
    assert table["Share"].sum() == pytest.approx(100, abs=0.1)
    app.selectbox(key="pca_loadings_of").set_value(3).run()
    assert {"XIST", "RPS4Y1"} <= set(app.dataframe[0].value["Symbol"][:40])


def test_it_is_said_where_the_components_can_follow_nothing(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER))
    app.session_state["pca_follows"] = True
    app.run()
    assert any("nothing to follow" in info.value for info in app.info)


def test_a_named_group_is_a_key_of_colours_comparisons_and_metadata(open_page: OpenPage, runner: Runner) -> None:
    run = result(runner, LIVER, HEART)
    runner.set_sample_groups(WORKSPACE, run.id, SampleGroups.none(8).named([0, 1, 4, 5], "Mine"))
    app = opened(open_page, run)
    app.selectbox(key="pca_colour").set_value("group").run()
    assert legend(charts(app)[0]) == ["Mine", "the others"]
    app = opened(open_page, run, "Differential expression")
    app.selectbox(key="de_by").set_value("group").run()
    assert not app.exception
    assert any("(4 samples) against" in text.value.replace("\\", "") for text in app.markdown)
    app = opened(open_page, run, "Data")
    assert list(app.dataframe[0].value["group"]) == ["Mine", "Mine", None, None, "Mine", "Mine", None, None]


def test_removing_the_group_that_colours_leaves_the_samples_in_the_colours_of_their_conditions(
    open_page: OpenPage, runner: Runner
) -> None:
    run = result(runner, LIVER, HEART)
    runner.set_sample_groups(WORKSPACE, run.id, SampleGroups.none(8).named([0, 1], "Mine"))
    app = opened(open_page, run)
    app.selectbox(key="pca_colour").set_value("group")
    app.selectbox(key="pca_symbol").set_value("group").run()
    app.button(key="pca_group_delete_0").click().run()
    assert not app.exception
    assert runner.sample_groups(WORKSPACE, run.id).names == ()
    assert legend(charts(app)[0]) == ["Group 1", "Group 2"]
    assert app.selectbox(key="pca_colour").value == "condition"


def test_choices_that_another_run_does_not_have_fall_back(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART))
    app.selectbox(key="pca_colour").set_value("age_years")
    app.selectbox(key="pca_symbol").set_value("sex")
    app.selectbox(key="pca_y").set_value(7).run()
    other = result(runner, {"tissue_ontology_id": "UBERON:0002107"}, num_samples=3)
    app.session_state["shown_run"] = other.id
    app.query_params["run"] = other.id
    app.run()
    assert not app.exception
    assert app.selectbox(key="pca_colour").value == "condition"
    assert charts(app)[0]["layout"]["yaxis"]["title"]["text"].startswith("PC2 (")


@pytest.mark.parametrize(
    ("conditions", "asked", "words"),
    [
        ((LIVER,), {"num_samples": 1}, "only one sample"),
        ((LIVER, HEART), {"num_samples": 1}, "only two samples"),
        (
            (LIVER,),
            {"num_samples": 4, "sampling_strategy": "mean estimation", "deterministic_latents": True},
            "identical",
        ),
    ],
)
@pytest.mark.parametrize("dimensions", ["2-D", "3-D"])
def test_what_cannot_be_shown_says_why(
    open_page: OpenPage,
    runner: Runner,
    conditions: tuple[dict[str, str], ...],
    asked: dict[str, Any],
    words: str,
    dimensions: str,
) -> None:
    app = opened(open_page, result(runner, *conditions, **asked))
    app.segmented_control(key="pca_dimensions").set_value(dimensions)
    app.segmented_control(key="pca_arrows").set_value(5)
    for part in ("pca_scree", "pca_loadings", "pca_follows"):
        app.session_state[part] = True
    app.run()
    assert not app.exception, app.exception
    assert words in sentences(app)
