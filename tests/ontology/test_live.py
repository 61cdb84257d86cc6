"""Looking terms up elsewhere, against a server on loopback that answers well, late, wrongly or not at all."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from synthome.errors import SynthomeError
from synthome.ontology import ONTOLOGIES
from synthome.ontology.live import PATIENCE, LiveLookup, LiveLookupError, live_lookup
from synthome.settings import Settings
from tests.servers import Reply, ScriptedServer, scripted_server

LIVER = {
    "obo_id": "UBERON:0002107",
    "label": "liver",
    "description": ["A large\ngland."],
    "ontology_prefix": "UBERON",
    "is_defining_ontology": True,
}
COPY = {**LIVER, "label": "liver, as copied", "ontology_prefix": "CL", "is_defining_ontology": False}
HEPATOCYTE = {"short_form": "CL_0000182", "label": "hepatocyte", "is_defining_ontology": True}
HUMAN = {"obo_id": "NCBITaxon:9606", "label": "Homo sapiens", "is_defining_ontology": True}
PROCESS = {"obo_id": "GO:0008150", "label": "biological process", "is_defining_ontology": True}


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        yield server


@pytest.fixture
def lookup(server: ScriptedServer) -> LiveLookup:
    return LiveLookup(f"{server.url}/", patience=1.0)


def path(q: str, ontology: str = "uberon", rows: int = 30, **more: str) -> str:
    """What is asked of the server."""
    return f"/api/search?{urlencode({'q': q, **more, 'ontology': ontology, 'type': 'class', 'rows': rows})}"


def docs(*documents: Any) -> Reply:
    return Reply(body={"response": {"docs": list(documents)}})


def test_terms_come_typed_in_the_contract_s_spelling_in_the_service_s_order(
    server: ScriptedServer, lookup: LiveLookup
) -> None:
    server.on("GET", path("liver", "uberon,cl,ncbitaxon"), docs(HEPATOCYTE, LIVER, HUMAN))
    found = lookup.search(" liver ", ("UBERON", "CL", "NCBITaxon"))
    assert [(term.id, term.ontology) for term in found] == [
        ("CL:0000182", "CL"),
        ("UBERON:0002107", "UBERON"),
        ("9606", "NCBITaxon"),
    ]
    assert found[1].definition == "A large gland."


def test_a_term_is_told_once_as_the_ontology_that_defines_it_has_it(server: ScriptedServer, lookup: LiveLookup) -> None:
    server.on("GET", path("liver"), docs(COPY, LIVER, COPY))
    assert [term.label for term in lookup.search("liver", ("UBERON",))] == ["liver"]


def test_terms_of_other_ontologies_and_entries_without_a_name_are_left_out(
    server: ScriptedServer, lookup: LiveLookup
) -> None:
    server.on("GET", path("x"), docs(PROCESS, HEPATOCYTE, {"obo_id": "UBERON:0000001"}, LIVER, {}))
    assert [term.id for term in lookup.search("x", ("UBERON",))] == ["UBERON:0002107"]


def test_the_service_is_asked_for_the_ontologies_that_it_holds_alone(
    server: ScriptedServer, lookup: LiveLookup
) -> None:
    assert lookup.search("HeLa", ("CVCL", "ENSEMBL")) == ()
    assert lookup.search("  ", ("UBERON",)) == ()
    assert server.asked == []
    held = "uberon,cl,mondo,chebi,hsapdv,hancestro,ncbitaxon"
    server.on("GET", path("HeLa", held), docs())
    assert lookup.search("HeLa", ONTOLOGIES) == ()
    assert [parse_qs(urlsplit(asked).query)["ontology"] for asked in server.paths()] == [[held]]


def test_an_answer_is_kept_and_its_terms_are_recalled_without_asking(
    server: ScriptedServer, lookup: LiveLookup
) -> None:
    server.on("GET", path("liver"), docs(LIVER))
    assert lookup.recalled("UBERON:0002107") is None
    assert lookup.search("liver", ("UBERON",)) == lookup.search("liver", ("UBERON",))
    recalled = lookup.recalled("uberon_0002107")
    assert recalled is not None
    assert recalled == lookup.term("UBERON:0002107")
    assert len(server.asked) == 1


def test_one_term_is_fetched_by_its_id(server: ScriptedServer, lookup: LiveLookup) -> None:
    by_id = {"queryFields": "obo_id", "exact": "true"}
    server.on("GET", path("UBERON:0002107", rows=15, **by_id), docs(HEPATOCYTE, LIVER))
    server.on("GET", path("NCBITaxon:9606", "ncbitaxon", 15, **by_id), docs(HUMAN))
    server.on("GET", path("UBERON:9999999", rows=15, **by_id), docs(LIVER))
    liver, human = lookup.term("UBERON:0002107"), lookup.term("9606")
    assert liver is not None
    assert human is not None
    assert (liver.label, human.label) == ("liver", "Homo sapiens")
    assert lookup.term("UBERON:9999999") is None
    assert lookup.term("CVCL_0030") is None


def test_no_more_come_than_asked_for(server: ScriptedServer, lookup: LiveLookup) -> None:
    many = [{**LIVER, "obo_id": f"UBERON:{number:07d}"} for number in range(1, 7)]
    server.on("GET", path("liver", rows=6), docs(*many))
    assert len(lookup.search("liver", ("UBERON",), limit=2)) == 2


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_a_failure_is_told_at_once_and_is_not_kept(server: ScriptedServer, lookup: LiveLookup, status: int) -> None:
    server.on("GET", path("liver"), Reply(status), docs(LIVER))
    with pytest.raises(LiveLookupError, match=rf"failed \(status {status}\)"):
        lookup.search("liver", ("UBERON",))
    assert len(server.asked) == 1
    assert lookup.search("liver", ("UBERON",))


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"<html>maintenance</html>", b"\xff\xfe", b"[" * 100_000),
        *([], {"response": None}, {"response": {"docs": 3}}, {"response": {"docs": ["x"]}}),
    ],
)
def test_nonsense_is_told_as_such(server: ScriptedServer, lookup: LiveLookup, body: object) -> None:
    server.on("GET", path("liver"), Reply(body=body))
    with pytest.raises(LiveLookupError, match="no list of terms"):
        lookup.search("liver", ("UBERON",))


def test_an_answer_without_end_is_not_read_to_it(server: ScriptedServer, lookup: LiveLookup) -> None:
    server.on("GET", path("liver"), Reply(body=b" " * 3_000_000))
    with pytest.raises(LiveLookupError, match="no list of terms"):
        lookup.search("liver", ("UBERON",))


def test_nobody_waits_longer_than_three_seconds(server: ScriptedServer) -> None:
    assert PATIENCE == 3
    server.on("GET", path("liver"), Reply(delay=6))
    begun = time.monotonic()
    with pytest.raises(LiveLookupError, match="did not answer within 3 seconds"):
        LiveLookup(server.url).search("liver", ("UBERON",))
    assert 2.5 < time.monotonic() - begun < 4


def test_a_body_that_trickles_in_is_not_waited_for_either(server: ScriptedServer, lookup: LiveLookup) -> None:
    server.on("GET", path("liver"), Reply(body=b"{", declared=100))
    begun = time.monotonic()
    with pytest.raises(LiveLookupError):
        lookup.search("liver", ("UBERON",))
    assert time.monotonic() - begun < 2


def test_a_service_that_is_not_there_is_told_in_words_of_the_user() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(SynthomeError, match=r"cannot be reached\. Is this computer online"):
        LiveLookup(f"http://127.0.0.1:{port}").search("liver", ("UBERON",))


@pytest.fixture
def anew() -> Iterator[None]:
    live_lookup.cache_clear()
    yield
    live_lookup.cache_clear()


@pytest.mark.parametrize(("word", "on"), [("1", True), ("Yes", True), ("off", False), ("0", False)])
def test_an_installation_may_switch_it_off(monkeypatch: pytest.MonkeyPatch, anew: None, word: str, on: bool) -> None:
    monkeypatch.setenv("SYNTHOME_LIVE_LOOKUP", word)
    monkeypatch.setattr("synthome.ontology.live.settings", Settings.from_environment)
    assert (live_lookup() is not None) is on


def test_a_switch_that_is_neither_on_nor_off_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTHOME_LIVE_LOOKUP", "perhaps")
    with pytest.raises(ValueError, match="SYNTHOME_LIVE_LOOKUP='perhaps' is not a valid bool"):
        Settings.from_environment()
