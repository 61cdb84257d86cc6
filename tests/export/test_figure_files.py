import json

import plotly
import pytest

from synthome.analysis import log_cpm, pca, pca_figure
from synthome.errors import SynthomeError
from synthome.export import export_layout, figure_html, plotly_js_path
from tests.predictions import make_prediction


def dark_figure(names=("Liver", "Brain")):
    prediction = make_prediction([4, 4], n_genes=200, names=names)
    return pca_figure(pca(log_cpm(prediction.expression), prediction.genes.index), prediction, theme="dark")


def test_a_page_holds_plotly_itself_and_asks_no_network_for_anything():
    page = figure_html(dark_figure(), "Liver & brain", "They separate.").decode()
    assert plotly_js_path().read_text(encoding="utf-8")[:2000] in page
    assert "<title>Liver &amp; brain</title>" in page
    assert "<p>They separate.</p>" in page
    assert "<script src" not in page
    assert "<link" not in page


def test_a_page_is_light_and_leaves_the_figure_dark():
    figure = dark_figure()
    before = figure.to_json()
    page = figure_html(figure, "x").decode()
    assert '"paper_bgcolor":"#FFFFFF"' in page
    assert "#FAFAFA" not in page.split("Plotly.newPlot")[-1]
    assert figure.to_json() == before


def test_a_name_cannot_end_the_script_of_a_page():
    page = figure_html(dark_figure(("</script><script>alert(1)</script>", "b")), "</title><script>x").decode()
    assert "alert(1)</script>" not in page
    assert "<script>x" not in page


@pytest.mark.parametrize(("theme", "paper"), [("light", "#FFFFFF"), ("dark", "#0E1117")])
def test_the_layout_of_files_is_plain_json_with_an_opaque_paper(theme, paper):
    layout = json.loads(json.dumps(export_layout(theme)))
    assert layout["paper_bgcolor"] == paper
    assert layout["template"]["layout"]["font"]["color"] == {"light": "#262730", "dark": "#FAFAFA"}[theme]


def test_a_plotly_without_its_javascript_is_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(plotly, "__file__", str(tmp_path / "__init__.py"))
    with pytest.raises(SynthomeError, match="pip install"):
        plotly_js_path()


@pytest.mark.browser
def test_a_page_opens_and_draws_every_sample_without_an_error(page, tmp_path):
    path = tmp_path / "figure.html"
    path.write_bytes(figure_html(dark_figure(), "Liver and brain"))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_selector(".plotly .points path")
    assert page.locator(".scatterlayer .points path").count() == 8
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
