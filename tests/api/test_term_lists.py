"""Terms marked by the lists of valid values that a browser's own workspace loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from synthome.query import BULK
from synthome.query.vocabulary_file import ValueList, VocabularyFile
from synthome.runs.vocabulary_store import VocabularyStore
from synthome.runs.workspaces import COOKIE, new_workspace


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A workspace whose list of tissues is the brain alone."""
    workspace = new_workspace()
    store = VocabularyStore(tmp_path, 10**6)
    store.add(workspace, VocabularyFile("t.json", (ValueList("tissue_ontology_id", {"UBERON:0000955": ""}, BULK),)))
    monkeypatch.setattr("synthome.api.term_routes.default_vocabularies", lambda: store)
    return workspace


def status(base: str, term: str, cookie: str | None, **parameters: str) -> str:
    cookies = {} if cookie is None else {COOKIE: cookie}
    asked = {"q": term, "ontology": "UBERON", "model": BULK, **parameters}
    terms = requests.get(f"{base}/api/terms", params=asked, cookies=cookies, timeout=10).json()["terms"]
    return str(terms[0]["status"])


def test_a_browser_s_own_lists_mark_its_terms(base: str, workspace: str) -> None:
    assert status(base, "UBERON:0000955", workspace, lists="v1") == "known"
    assert status(base, "UBERON:0002107", workspace, lists="v1") == "refused"


def test_nobody_else_s_terms_are_marked_by_them(base: str, workspace: str) -> None:
    assert status(base, "UBERON:0002107", new_workspace(), lists="v1") == "unchecked"
    assert status(base, "UBERON:0002107", workspace) == "known", "without lists, the embedded model marks"


@pytest.mark.parametrize("cookie", [None, "x", "../../etc", "a" * 31])
def test_what_is_no_workspace_has_no_lists(base: str, workspace: str, cookie: str | None) -> None:
    assert status(base, "UBERON:0002107", cookie, lists="v1") != "refused"
