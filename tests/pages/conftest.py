"""AppTest over the whole app, with its data in a folder of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from synthome.query.designs import Design
from synthome.runs import Runner, RunStore
from synthome.runs.choices import ChoiceStore
from synthome.runs.drafts import DraftStore
from synthome.runs.vocabulary_store import VocabularyStore

WORKSPACE = "w" * 32
APP = str(Path(__file__).resolve().parents[2] / "app.py")


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runner]:
    """The process's runner and drafts, keeping what they keep in ``tmp_path``."""
    runner = Runner(RunStore(tmp_path / "runs", 10**9))
    drafts = DraftStore(tmp_path / "drafts")
    for module in ("components.predicting", "components.analyses", "components.result_header"):
        monkeypatch.setattr(f"{module}.default_runner", lambda: runner)
    for module in (
        "components.runs_panel",
        "components.examples_panel",
        "components.forecast_panel",
        "components.sharing",
    ):
        monkeypatch.setattr(f"{module}.default_runner", lambda: runner)
    monkeypatch.setattr("components.compare_panel.default_runner", lambda: runner)
    monkeypatch.setattr("components.session.default_drafts", lambda: drafts)
    choices = ChoiceStore(tmp_path / "answerers")
    monkeypatch.setattr("components.answerer.default_choices", lambda: choices)
    vocabularies = VocabularyStore(tmp_path / "vocabularies", 10**7)
    monkeypatch.setattr("components.answerer.default_vocabularies", lambda: vocabularies)
    yield runner
    runner.close()


OpenPage = Callable[..., AppTest]


@pytest.fixture
def open_page(runner: Runner) -> OpenPage:
    """Open a page, with a design already in the session if one is given."""

    def opened(page: str = "pages/home.py", design: Design | None = None) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=60)
        app.session_state["workspace"] = WORKSPACE  # AppTest has no cookies
        if design is not None:
            app.session_state["design"] = design
        app.run()
        if page != "pages/home.py":
            app.switch_page(page).run()
        assert not app.exception, app.exception
        return app

    return opened
