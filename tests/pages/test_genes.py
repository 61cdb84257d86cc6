"""The tab on which genes are looked up by name."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from synthome.query import read_query
from synthome.runs import Run, Runner, model_for
from tests.pages.conftest import WORKSPACE
from tests.pages.test_differential import HEART, LIVER, captions, figure, result, texts

OpenPage = Callable[..., AppTest]
ALB, GFAP = "ENSG00000163631", "ENSG00000131095"


def opened(open_page: OpenPage, run: Run, **link: str) -> AppTest:
    app = open_page()
    app.session_state["shown_run"] = run.id
    for key, value in {"tab": "Genes", **link}.items():
        app.query_params[key] = value
    app.switch_page("pages/results.py").run()
    assert not app.exception, app.exception
    return app


def titles(app: AppTest) -> list[str]:
    notes = figure(app, "genes")["layout"]["annotations"]
    return [note["text"].removeprefix("<b>").removesuffix("</b>") for note in notes]


def cells(runner: Runner, number: int) -> Run:
    """A finished run of single cells of that many types."""
    types = ["CL:0000236", "CL:0000084", "CL:0000182", "CL:0000623", "CL:0000576", "CL:0000540"][:number]
    inputs = [{"metadata": {"cell_type_ontology_id": cell}, "num_samples": 4} for cell in types]
    query = read_query({"sampling_strategy": "mean estimation", "seed": 3, "inputs": inputs})
    names = tuple(f"Type {place}" for place in range(1, number + 1))
    run = runner.submit(WORKSPACE, query, model_for("gem-1-sc"), condition_names=names)
    return runner.wait(WORKSPACE, run.id, 60)


def test_it_begins_with_the_genes_that_vary_most_and_offers_more(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART))
    assert len(titles(app)) == 4
    offered = app.get("button_group")[0]
    assert len(offered.options) == 12
    assert not app.info


def test_genes_are_found_by_any_name_and_what_is_not_found_is_said(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART))
    app.text_area(key="genes_list").set_value(f"alb, CCDC132\n{GFAP}; GAPDHH qqqqqqqq").run()
    assert titles(app) == ["ALB", "VPS50", "GFAP"]
    said = captions(app)
    assert "Read as: CCDC132 → VPS50." in said
    assert "Not among the genes of this result: GAPDHH (did you mean GAPDH?), qqqqqqqq." in said


def test_names_that_are_all_unknown_leave_a_sentence_and_no_figure(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART), genes_list="qqqqqqqq")
    assert any("Name a gene" in info.value for info in app.info)
    assert not app.get("plotly_chart")


def test_the_link_carries_genes_groups_figure_and_scale(open_page: OpenPage, runner: Runner) -> None:
    app = opened(
        open_page,
        result(runner, LIVER, HEART),
        genes_list="ALB",
        genes_by="Sex",
        genes_kind="Violin",
        genes_scale="Counts",
    )
    chart = figure(app, "genes")
    assert titles(app) == ["ALB"]
    assert {trace["name"] for trace in chart["data"]} == {"male", "female"}
    assert chart["layout"]["yaxis"]["title"]["text"] == "counts"
    assert any(trace["type"] == "violin" for trace in chart["data"])
    assert any(caption.startswith("ALB is highest in male (median ") for caption in captions(app))


def test_the_card_tells_place_other_names_links_and_levels(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART), genes_list="ALB GFAP")
    app.selectbox(key="genes_card").set_value(GFAP).run()
    card = texts(app)
    assert "#### GFAP" in card
    assert "Protein-coding gene, chromosome 17:" in card
    assert "(GRCh38)" in card
    for address in (
        f"https://www.ensembl.org/Homo_sapiens/Gene/Summary?g={GFAP}",
        "https://www.genecards.org/cgi-bin/carddisp.pl?gene=GFAP",
        f"https://www.proteinatlas.org/{GFAP}",
    ):
        assert address in card
    table = app.dataframe[0].value
    assert table["group"].tolist() == ["Group 1", "Group 2"]
    assert table["samples"].tolist() == [3, 3]
    assert (table["mean"] >= 0).all()


def test_a_group_that_was_named_is_a_way_to_group(open_page: OpenPage, runner: Runner) -> None:
    run = result(runner, LIVER, HEART)
    groups = runner.sample_groups(WORKSPACE, run.id)
    runner.set_sample_groups(WORKSPACE, run.id, groups.named([0, 3], "Odd ones"))
    app = opened(open_page, run, genes_by="Group", genes_list="ALB")
    assert {trace["name"] for trace in figure(app, "genes")["data"]} == {"Odd ones", "not given"}
    runner.set_sample_groups(WORKSPACE, run.id, groups)
    app.run()
    assert not app.exception
    assert {trace["name"] for trace in figure(app, "genes")["data"]} == {"Group 1", "Group 2"}


def test_another_run_can_be_opened_with_what_was_chosen_before(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, HEART), genes_by="Sex")
    other = result(runner, {"tissue_ontology_id": "UBERON:0000955"}, {"tissue_ontology_id": "UBERON:0002113"})
    app.session_state["shown_run"] = other.id
    app.query_params.pop("run", None)
    app.run()
    assert not app.exception
    assert {trace["name"] for trace in figure(app, "genes")["data"]} == {"Group 1", "Group 2"}
    assert titles(app)


def test_single_cells_of_many_types_begin_as_a_dot_plot(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, cells(runner, 6), genes_list="CD3E MS4A1 NKG7")
    chart = figure(app, "genes")
    assert list(chart["layout"]["xaxis"]["ticktext"]) == ["CD3E", "MS4A1", "NKG7"]
    assert len(chart["layout"]["yaxis"]["ticktext"]) == 6


def test_one_sample_is_shown_as_well(open_page: OpenPage, runner: Runner) -> None:
    app = opened(open_page, result(runner, LIVER, num_samples=1))
    assert any("Name a gene" in info.value for info in app.info)
    app.text_area(key="genes_list").set_value("ALB").run()
    assert titles(app) == ["ALB"]
    assert any(caption.startswith("ALB has a median of") for caption in captions(app))
