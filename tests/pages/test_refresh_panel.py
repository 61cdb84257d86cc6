"""Refreshing the ontologies from the Settings page: started, followed, cancelled, and told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from streamlit.testing.v1 import AppTest

from synthome.errors import OntologyError, RefreshCancelled
from synthome.ontology import Ontology
from synthome.ontology.changes import Change, Renamed, Retired, Summary, TermName
from synthome.ontology.refresh import RefreshProgress
from synthome.ontology.refresh_job import RefreshJob, RefreshState
from synthome.ontology.sources import PUBLISHED
from synthome.settings import settings

OpenPage = Callable[..., AppTest]
SETTINGS = "pages/settings.py"
CHANGED = Change(
    "CL",
    "updated",
    "2026-01-01",
    "2026-06-01",
    num_new=40,
    num_renamed=1,
    num_retired=1,
    num_revised=1,
    new=tuple(TermName(f"CL:00000{n}", f"new {n}") for n in range(10, 30)),
    renamed=(Renamed("CL:0000003", "before", "after"),),
    retired=(Retired("CL:0000004", "old", "CL:0000005", "young"),),
)
SUMMARY = Summary(
    (
        CHANGED,
        Change("UBERON", "unchanged", "2026-04-01", "2026-04-01"),
        Change("MONDO", "kept", "2026-05-05", "2026-05-05", reason="mondo.obo answered 404 *Not Found*."),
    )
)


@dataclass
class Refreshing:
    """Stands in for the refresh itself: goes on until it is let go or cancelled."""

    outcome: Summary | Exception = SUMMARY
    asked: list[tuple[Ontology, ...]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    renewed: threading.Event = field(default_factory=threading.Event)

    def __call__(
        self, only: tuple[Ontology, ...], *, report: Callable[[RefreshProgress], None], cancelled: Callable[[], bool]
    ) -> Summary:
        self.asked.append(only)
        report(RefreshProgress(0.25, "fetching", "CVCL", 30_000_000, 120_000_000))
        while not self.go_on.wait(0.01):
            if cancelled():
                raise RefreshCancelled
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> RefreshJob:
    job = RefreshJob()
    monkeypatch.setattr("components.refresh_panel.default_refresh_job", lambda: job)
    return job


@pytest.fixture
def refreshing(job: RefreshJob, monkeypatch: pytest.MonkeyPatch) -> Iterator[Refreshing]:
    refreshing = Refreshing()
    monkeypatch.setattr("synthome.ontology.refresh_job.refresh", refreshing)
    monkeypatch.setattr("synthome.ontology.refresh_job.renew_default_index", refreshing.renewed.set)
    yield refreshing
    refreshing.go_on.set()
    ended(job)


def ended(job: RefreshJob) -> None:
    deadline = time.monotonic() + 10
    while job.status.state is RefreshState.RUNNING:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def started(open_page: OpenPage) -> AppTest:
    app = open_page(SETTINGS)
    app.button(key="refresh").click().run()
    deadline = time.monotonic() + 10
    while "Fetching" not in shown(app):
        assert time.monotonic() < deadline
        app.run()
    return app


def shown(app: AppTest) -> str:
    """What the page says, without the escapes of Markdown."""
    bars = [bar.proto.text for bar in app.get("progress")]
    texts = [
        str(each.value)
        for kind in ("caption", "markdown", "success", "info", "warning", "error")
        for each in app.get(kind)
    ]
    return "\n".join([*bars, *texts, *(each.label for each in app.expander)]).replace("\\", "")


def test_the_page_tells_what_a_refresh_does_and_how_large_it_is(open_page: OpenPage, refreshing: Refreshing) -> None:
    app = open_page(SETTINGS)
    assert "about 400 MB" in shown(app)
    assert app.button(key="refresh").proto.type == "secondary"
    assert refreshing.asked == []


def test_a_refresh_is_seen_by_everybody_and_after_a_reload_and_its_changes_are_told(
    open_page: OpenPage, refreshing: Refreshing, job: RefreshJob
) -> None:
    app = started(open_page)
    assert refreshing.asked == [PUBLISHED]
    assert "Fetching Cellosaurus: 30.0 MB of 120.0 MB" in shown(open_page(SETTINGS))
    refreshing.go_on.set()
    ended(job)
    assert refreshing.renewed.is_set()
    app.run()
    said = shown(app)
    assert "One ontology is refreshed, and in use from now on. One ontology is up to date already." in said
    assert "Mondo Disease Ontology**, 2026-05-05: mondo.obo answered 404 *Not Found*." in said
    assert "Cell Ontology: 2026-01-01 → 2026-06-01 · 40 new, 1 renamed, 1 obsolete" in said
    assert "**New**: the first 20 of 40" in said
    tables = [table.value.to_dict("records") for table in app.dataframe[1:]]
    assert len(tables[0]) == 20
    assert tables[1:] == [
        [{"Was": "before", "Is now": "after", "Id": "CL:0000003"}],
        [{"Term": "old", "Id": "CL:0000004", "Use instead": "young CL:0000005"}],
    ]


def test_some_of_the_ontologies_can_be_chosen(open_page: OpenPage, refreshing: Refreshing) -> None:
    app = open_page(SETTINGS)
    app.button_group(key="refresh_which").set_value(["CL", "HsapDv"]).run()
    app.button(key="refresh").click().run()
    assert refreshing.asked == [("CL", "HsapDv")]


def test_without_a_choice_nothing_can_be_started(open_page: OpenPage, refreshing: Refreshing) -> None:
    app = open_page(SETTINGS)
    app.button_group(key="refresh_which").set_value([]).run()
    assert app.button(key="refresh").disabled


def test_a_refresh_can_be_cancelled(open_page: OpenPage, refreshing: Refreshing, job: RefreshJob) -> None:
    app = started(open_page)
    app.button(key="cancel_refresh").click().run()
    ended(job)
    app.run()
    assert "was cancelled. The ontologies are as they were." in shown(app)
    assert not refreshing.renewed.is_set()


def test_a_failure_is_told_in_words_and_can_be_tried_again(
    open_page: OpenPage, refreshing: Refreshing, job: RefreshJob
) -> None:
    refreshing.outcome = OntologyError("The disk is full. Free some space.")
    app = started(open_page)
    refreshing.go_on.set()
    ended(job)
    app.run()
    assert "The disk is full. Free some space." in shown(app)
    refreshing.outcome = Summary((Change("CL", "unchanged", "1", "1"),))
    app.button(key="refresh").click().run()
    ended(job)
    app.run()
    assert "One ontology is up to date already." in shown(app)
    assert not refreshing.renewed.is_set()


def test_a_fault_of_our_own_ends_the_refresh_and_is_told(
    open_page: OpenPage, refreshing: Refreshing, job: RefreshJob
) -> None:
    refreshing.outcome = RuntimeError("a defect")
    app = started(open_page)
    refreshing.go_on.set()
    ended(job)
    app.run()
    assert "through a fault of Synthome" in shown(app)


def test_two_that_start_at_once_share_one_refresh(refreshing: Refreshing, job: RefreshJob) -> None:
    job.start(("CL",))
    job.start(("MONDO",))
    refreshing.go_on.set()
    ended(job)
    assert refreshing.asked == [("CL",)]


def test_an_installation_can_switch_refreshing_off(
    open_page: OpenPage, refreshing: Refreshing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("components.refresh_panel.settings", lambda: replace(settings(), allow_refresh=False))
    app = open_page(SETTINGS)
    assert "python -m synthome.ontology refresh" in shown(app)
    assert "refresh" not in [button.key for button in app.button]
