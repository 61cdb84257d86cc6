"""A refresh takes what is whole and newer, leaves what is in use untouched until then, and tells what changed."""

from __future__ import annotations

import gzip
import hashlib
import json
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from synthome.errors import OntologyError, RefreshCancelled
from synthome.ontology import Ontology, Synonym, Term, default_index, index
from synthome.ontology import refresh as module
from synthome.ontology.__main__ import main
from synthome.ontology.changes import Change, Renamed, Retired, Summary, TermName, in_words
from synthome.ontology.download import Patience
from synthome.ontology.refresh import RefreshProgress, refresh
from synthome.ontology.refreshed import INDEX, refreshed_snapshot
from synthome.ontology.snapshot import Snapshot
from synthome.ontology.sources import PUBLISHED, Source
from synthome.settings import REPOSITORY, settings
from tests.file_server import Fault, FileServer, file_server
from tests.ontology.releases import AFTER, BEFORE, newer, obo, publish, terms_of, write_shipped

QUICK = Patience(connect=2.0, read=0.5, attempts=2, backoff=0.01)
FEW: tuple[Ontology, ...] = ("CL", "HsapDv")

Refresh = Callable[..., Summary]


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as running:
        yield running


@pytest.fixture
def sources(server: FileServer) -> dict[Ontology, Source]:
    return publish(server)


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    return write_shipped(tmp_path / "shipped")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "ontologies"


@pytest.fixture
def run(sources: Mapping[Ontology, Source], shipped: Path, folder: Path) -> Refresh:
    """Refresh from the server of the test into a folder of the test."""

    def refreshed(*only: Ontology, **options: object) -> Summary:
        given = {"sources": sources, "shipped_dir": shipped, "folder": folder, "patience": QUICK, **options}
        return refresh(only or FEW, **given)  # type: ignore[arg-type]

    return refreshed


@pytest.fixture
def untouched(shipped: Path, folder: Path) -> Callable[[], None]:
    """Check that everything that was in use is byte for byte what it was, usable, and that nothing else is left."""

    def contents(place: Path) -> dict[str, str]:
        files = (path for path in sorted(place.rglob("*")) if path.is_file() and path.name != "refresh.lock")
        return {str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

    before: dict[Path, dict[str, str]] = {}

    def check() -> None:
        for place in (shipped, folder):
            assert contents(place) == before.setdefault(place, contents(place))
        assert not [path.name for path in folder.glob(".*")]
        with index.open_index(
            snapshot_dir=snapshot_in(folder, shipped).folder, index_path=shipped.parent / "i"
        ) as used:
            assert used.term("CL:0000001") is not None

    check()
    return check


def snapshot_in(folder: Path, shipped: Path) -> Snapshot:
    """The snapshot in use."""
    return refreshed_snapshot(folder, Snapshot(shipped)) or Snapshot(shipped)


def used(folder: Path, shipped: Path, ontology: Ontology) -> dict[str, Term]:
    return {term.id: term for term in snapshot_in(folder, shipped).terms(ontology)}


# What a refresh brings ----------------------------------------------------------------------------------------------


def test_all_ontologies_are_refreshed_and_lists_of_our_own_carried_over(
    run: Refresh, folder: Path, shipped: Path
) -> None:
    summary = run(*PUBLISHED)
    assert [(change.ontology, change.outcome) for change in summary.changes] == [
        (name, "updated") for name in PUBLISHED
    ]
    manifest = snapshot_in(folder, shipped).manifest
    assert {name: entry.version for name, entry in manifest.ontologies.items()} == {
        **dict.fromkeys(PUBLISHED, AFTER),
        "ENSEMBL": BEFORE,
        "NCBITaxon": BEFORE,
    }
    assert used(folder, shipped, "ENSEMBL")["ENSG00000141510"].label == "TP53"
    assert "10359" in used(folder, shipped, "NCBITaxon")
    assert manifest.ontologies["CL"].release_date == AFTER


def test_the_summary_tells_new_renamed_and_obsolete_terms(run: Refresh) -> None:
    change = run("CL").changes[0]
    assert change == Change(
        "CL",
        "updated",
        BEFORE,
        AFTER,
        num_new=1,
        num_renamed=1,
        num_retired=1,
        num_revised=1,
        new=(TermName("CL:0000010", "CL term 10"),),
        renamed=(Renamed("CL:0000003", "CL term 3", "CL term three"),),
        retired=(Retired("CL:0000004", "CL term 4", "CL:0000005", "CL term 5"),),
    )
    said = "\n".join(in_words(change))
    assert "CL: 2026-01-01 -> 2026-06-01: 1 new, 1 renamed, 1 obsolete, 1 with other synonyms" in said
    assert "CL:0000003 CL term 3 -> CL term three" in said
    assert "CL:0000004 CL term 4; use CL:0000005 CL term 5" in said


def test_the_summary_lists_the_first_twenty_and_counts_all(run: Refresh, server: FileServer) -> None:
    publish(server, {"CL": obo("CL", terms_of("CL", 50))})
    change = run("CL").changes[0]
    assert (change.num_new, len(change.new)) == (40, 20)
    assert "  … and 20 more new" in in_words(change)


def test_the_manifest_names_the_file_that_was_read_and_its_checksum(
    run: Refresh, folder: Path, shipped: Path, server: FileServer
) -> None:
    run("CL")
    notes = snapshot_in(folder, shipped).manifest.ontologies["CL"].notes
    assert f"{server.url}/cl.obo" in notes
    assert hashlib.sha256(server.files["/cl.obo"]).hexdigest() in notes


def test_common_names_and_chembl_ids_of_our_own_are_kept_where_the_official_file_lacks_them(
    run: Refresh, folder: Path, shipped: Path, server: FileServer
) -> None:
    compounds = newer("CHEBI")
    publish(server, {"CHEBI": obo("CHEBI", compounds)})
    run("CHEBI")
    aspirin = used(folder, shipped, "CHEBI")["CHEBI:0000002"]
    assert aspirin.synonyms == (Synonym("street name", "RELATED"),)
    assert aspirin.xrefs == ("CHEMBL25",)
    compounds[2] = replace(compounds[2], synonyms=(Synonym("Street Name"),))
    publish(server, {"CHEBI": obo("CHEBI", compounds)})
    run("CHEBI")
    aspirin = used(folder, shipped, "CHEBI")["CHEBI:0000002"]
    assert (aspirin.synonyms, aspirin.xrefs) == ((Synonym("Street Name"),), ("CHEMBL25",))


def test_a_term_that_the_file_no_longer_holds_stays_as_an_obsolete_one(
    run: Refresh, folder: Path, shipped: Path, server: FileServer
) -> None:
    publish(server, {"CL": obo("CL", terms_of("CL", 9))})
    change = run("CL").changes[0]
    assert change.retired == (Retired("CL:0000009", "CL term 9"),)
    assert used(folder, shipped, "CL")["CL:0000009"].obsolete


def test_a_gzipped_file_is_read_whatever_it_is_called(run: Refresh, server: FileServer) -> None:
    server.files["/cl.obo"] = gzip.compress(server.files["/cl.obo"])
    assert run("CL").changes[0].outcome == "updated"


def test_the_index_stands_beside_the_new_snapshot_and_finds_what_is_new(
    run: Refresh, folder: Path, shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("CL")
    place = snapshot_in(folder, shipped).folder
    assert (place / INDEX).is_file()
    point_settings_at(monkeypatch, shipped, folder.parent)
    with index.open_index(lambda *_: pytest.fail("the index was built again")) as opened:
        assert opened.path == place / INDEX
        assert opened.search("CL term three")[0].term.id == "CL:0000003"


def test_progress_goes_from_0_to_the_end_and_tells_the_bytes(run: Refresh, server: FileServer) -> None:
    steps: list[RefreshProgress] = []
    run(report=steps.append)
    fractions = [step.fraction for step in steps]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, pytest.approx(1.0))
    size = len(server.files["/cl.obo"])
    assert (size, size) in [(step.num_bytes, step.total_bytes) for step in steps if step.ontology == "CL"]
    phases = list(dict.fromkeys(step.phase for step in steps))
    assert phases == ["fetching", "reading", "writing the snapshot", "building the search index"]


# Again --------------------------------------------------------------------------------------------------------------


def test_an_unchanged_release_is_not_fetched_again(
    run: Refresh, server: FileServer, folder: Path, shipped: Path
) -> None:
    run()
    before = snapshot_in(folder, shipped).folder
    summary = run()
    assert [change.outcome for change in summary.changes] == ["unchanged", "unchanged"]
    assert server.statuses("/cl.obo") == [200, 304]
    assert snapshot_in(folder, shipped).folder == before
    publish(server, {"CL": obo("CL", terms_of("CL", 12), "2026-07-01")})
    summary = run()
    assert [change.outcome for change in summary.changes] == ["updated", "unchanged"]
    assert summary.changes[0].before == AFTER
    assert snapshot_in(folder, shipped).manifest.ontologies["HsapDv"].version == AFTER


def test_the_last_but_one_release_is_kept_and_older_ones_removed(
    run: Refresh, server: FileServer, folder: Path, shipped: Path
) -> None:
    places = []
    for number in (11, 12, 13):
        publish(server, {"CL": obo("CL", terms_of("CL", number))})
        run("CL")
        places.append(snapshot_in(folder, shipped).folder)
    assert sorted(folder.glob("release-*")) == sorted(places[1:])


def test_another_shipped_snapshot_is_used_in_place_of_a_refresh_of_the_former(
    run: Refresh, server: FileServer, folder: Path, shipped: Path
) -> None:
    run("CL")
    (shipped / "manifest.json").unlink()
    write_shipped(shipped)
    assert refreshed_snapshot(folder, Snapshot(shipped)) is not None
    manifest = json.loads((shipped / "manifest.json").read_text())
    manifest["ontologies"]["CL"]["sha256"] = "another"
    (shipped / "manifest.json").write_text(json.dumps(manifest))
    assert refreshed_snapshot(folder, Snapshot(shipped)) is None
    write_shipped(shipped)


@pytest.mark.parametrize("damage", ["missing", "damaged", "format", "record"])
def test_a_refreshed_snapshot_that_is_not_whole_is_not_used(
    damage: str, run: Refresh, folder: Path, shipped: Path
) -> None:
    run("CL")
    place = snapshot_in(folder, shipped).folder
    if damage == "missing":
        (place / "uberon.tsv.xz").unlink()
    elif damage == "damaged":
        (place / "uberon.tsv.xz").write_bytes(b"garbage")
    elif damage == "format":
        manifest = (place / "manifest.json").read_text().replace('"format": 2', '"format": 99')
        (place / "manifest.json").write_text(manifest)
    else:
        (place / "refresh.json").write_text("[]")
    assert snapshot_in(folder, shipped).folder == shipped


# What goes wrong ----------------------------------------------------------------------------------------------------

NOISE = bytes(range(256)) * 20
FAILURES: dict[str, tuple[bytes | None, list[Fault], str]] = {
    "404": (None, [Fault(status=404)], "cl.obo answered 404"),
    "500": (None, [Fault(status=500)] * 5, "answered 500"),
    "cut off": (None, [Fault(cut=10)] + [Fault(cut=0)] * 5, "broke off"),
    "slow": (None, [Fault(pause=1.0)] * 5, "did not answer in time"),
    "lying length": (None, [Fault(declared=10**6)] * 5, "promised 1,000,000 bytes and has no more than"),
    "too short a length": (None, [Fault(declared=40)], "holds no term of CL"),
    "another ontology": (obo("MONDO", newer("MONDO")).encode(), [], "cl.obo holds no term of CL. Give the CL file"),
    "too few": (obo("CL", terms_of("CL", 7)).encode(), [], "holds 7 current terms of CL; the release in use has 10"),
    "no ontology": (b"this is no OBO", [], "cl.obo cannot be read as OBO or OWL"),
    "noise": (NOISE, [], "cl.obo cannot be read as OBO or OWL"),
    "web page": (b"<!DOCTYPE html><html><body>Please log in</body></html>", [], "is a web page"),
    "damaged gzip": (gzip.compress(obo("CL", newer("CL")).encode())[:-20], [], "cl.obo is damaged"),
    "garbled gzip": (gzip.compress(NOISE)[:50] + b"garbage" * 9, [], "cl.obo is damaged"),
    "empty": (b"", [], "empty"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_leaves_what_is_in_use_untouched_and_is_told(
    failure: str, run: Refresh, server: FileServer, sources: object, untouched: Callable[[], None]
) -> None:
    content, faults, message = FAILURES[failure]
    if content is not None:
        server.files["/cl.obo"] = content
    server.faults["/cl.obo"] = list(faults)
    change = run("CL").changes[0]
    assert (change.outcome, change.before, change.after) == ("kept", BEFORE, BEFORE)
    assert message in change.reason
    assert f"{server.url}/cl.obo" in change.reason
    assert f"CL: stays at {BEFORE}. " in next(in_words(change))
    untouched()


def test_what_failed_stays_and_the_others_are_taken(
    run: Refresh, server: FileServer, folder: Path, shipped: Path
) -> None:
    server.faults["/cl.obo"] = [Fault(status=404)]
    summary = run("CL", "MONDO", "CHEBI")
    assert [change.outcome for change in summary.changes] == ["kept", "updated", "updated"]
    versions = {name: entry.version for name, entry in snapshot_in(folder, shipped).manifest.ontologies.items()}
    assert (versions["CL"], versions["MONDO"], versions["CHEBI"]) == (BEFORE, AFTER, AFTER)
    summary = run("CL", "MONDO", "CHEBI")
    assert [change.outcome for change in summary.changes] == ["updated", "unchanged", "unchanged"]


def test_a_download_that_is_cut_off_and_a_server_that_fails_once_are_mended(run: Refresh, server: FileServer) -> None:
    server.faults["/cl.obo"] = [Fault(cut=200)]
    server.faults["/hsapdv.obo"] = [Fault(status=500)]
    assert [change.outcome for change in run().changes] == ["updated", "updated"]
    assert server.statuses("/cl.obo") == [200, 206]


def test_a_disk_that_is_full_when_a_file_comes_is_told(
    run: Refresh, untouched: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Path("/dev/full")  # a disk that always is
    monkeypatch.setattr("synthome.ontology.download.open_part", lambda *_: full.open("wb"))
    reasons = [change.reason for change in run().changes]
    assert all("No space left on device" in reason and "Free some space" in reason for reason in reasons)
    untouched()


def test_a_disk_that_is_full_when_terms_are_written_is_told(
    run: Refresh, server: FileServer, untouched: Callable[[], None]
) -> None:
    lines = obo("CL", terms_of("CL", 20_000))
    server.files["/cl.obo"] = gzip.compress(lines.encode())
    assert len(server.files["/cl.obo"]) < 400_000
    with largest_file(500_000):
        change = run("CL").changes[0]
    assert "File too large" in change.reason
    assert "Free some space" in change.reason
    untouched()


@pytest.mark.parametrize("step", ["write_apart", "ready_index", "adopt"])
def test_a_failure_after_everything_was_read_leaves_what_is_in_use_untouched(
    step: str, run: Refresh, untouched: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, step, fail)
    with pytest.raises(OntologyError, match=r"No space left on device.*untouched"):
        run()
    untouched()


def test_a_failure_of_a_second_refresh_leaves_the_first_in_use(
    run: Refresh, server: FileServer, shipped: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "refresh.lock"}
    publish(server, {"CL": obo("CL", terms_of("CL", 12)), "HsapDv": "no OBO"})
    monkeypatch.setattr("synthome.ontology.refreshed.os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(OntologyError, match="full"):
        run()
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "refresh.lock"}
    assert after == before


def test_a_folder_that_cannot_be_written_is_told(run: Refresh, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OntologyError, match=r"file.* cannot be written.*SYNTHOME_DATA_DIR"):
        run(folder=tmp_path / "file" / "ontologies")


def test_what_a_process_left_behind_that_died_is_removed(run: Refresh, folder: Path) -> None:
    (folder / ".work-dead").mkdir(parents=True)
    (folder / ".work-dead" / "cl.obo").write_text("half")
    run("CL")
    assert not list(folder.glob(".*"))


# Cancelling, and two at once ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("phase", ["fetching", "reading", "writing the snapshot", "building the search index"])
def test_a_cancel_changes_nothing_at_any_step(phase: str, run: Refresh, untouched: Callable[[], None]) -> None:
    cancelled = threading.Event()

    def report(progress: RefreshProgress) -> None:
        if progress.phase == phase:
            cancelled.set()

    with pytest.raises(RefreshCancelled):
        run(report=report, cancelled=cancelled.is_set)
    untouched()


def test_a_cancel_ends_the_process_that_reads(run: Refresh, server: FileServer, untouched: Callable[[], None]) -> None:
    server.files["/cl.obo"] = obo("CL", terms_of("CL", 100_000)).encode()
    cancelled = threading.Event()
    reading = threading.Event()

    def report(progress: RefreshProgress) -> None:
        if progress.phase == "reading":
            threading.Timer(0.5, cancelled.set).start()
            reading.set()

    begun = time.monotonic()
    with pytest.raises(RefreshCancelled):
        run("CL", report=report, cancelled=cancelled.is_set)
    assert reading.is_set()
    assert time.monotonic() - begun < 5
    untouched()


def test_a_second_refresh_at_once_is_refused(run: Refresh, server: FileServer) -> None:
    begun = threading.Event()
    refusals: list[str] = []

    def second() -> None:
        begun.wait(10)
        try:
            run("HsapDv")
        except OntologyError as error:
            refusals.append(str(error))

    thread = threading.Thread(target=second)
    thread.start()
    server.faults["/cl.obo"] = [Fault(trickle=0.0005)]
    summary = run("CL", report=lambda progress: begun.set() if progress.num_bytes else None)
    thread.join()
    assert summary.changes[0].outcome == "updated"
    assert refusals == ["Another refresh of the ontologies is under way. Wait until it is done."]


_HOLD = """
import sys
from pathlib import Path
from synthome.ontology.refresh import _alone
with _alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_process_that_refreshes_is_noticed_and_its_death_too(run: Refresh, folder: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(folder)], cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(OntologyError, match="under way"):
            run("CL")
        other.kill()
    assert run("CL").changes[0].outcome == "updated"


# In use -------------------------------------------------------------------------------------------------------------


def test_after_a_refresh_the_process_uses_the_new_terms_and_who_holds_the_old_ones_finishes_with_them(
    run: Refresh, shipped: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_settings_at(monkeypatch, shipped, folder.parent)
    monkeypatch.setattr(index, "_shared", None)
    before = default_index()
    run("CL")
    assert default_index() is before
    index.renew_default_index()
    assert default_index().label("CL:0000003") == "CL term three"
    assert default_index().manifest.ontologies["CL"].version == AFTER
    assert before.label("CL:0000003") == "CL term 3"
    assert [match.term.label for match in before.search("CL term 3", limit=1)] == ["CL term 3"]


def test_the_command_refreshes_tells_what_it_did_and_ends_with_1_where_something_failed(
    server: FileServer,
    sources: dict[Ontology, Source],
    shipped: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    point_settings_at(monkeypatch, shipped, folder.parent)
    monkeypatch.setitem(module.refresh.__kwdefaults__, "sources", sources)
    assert main(["refresh", "--only", "CL", "HsapDv"]) == 0
    said = capsys.readouterr().out
    assert "fetching CL, 100 % of" in said
    assert "CL: 2026-01-01 -> 2026-06-01: 1 new" in said
    assert str(folder) in said
    server.faults["/cl.obo"] = [Fault(status=404)]
    assert main(["refresh", "--only", "CL", "HsapDv"]) == 1
    said = capsys.readouterr().out
    assert "CL: stays at 2026-06-01" in said
    assert "HsapDv: 2026-06-01 is still the newest release" in said


def point_settings_at(monkeypatch: pytest.MonkeyPatch, shipped: Path, data: Path) -> None:
    here = replace(settings(), snapshot_dir=shipped, data_dir=data, index_path=data / "terms.sqlite")
    for name in ("index", "refresh", "refreshed", "__main__"):
        monkeypatch.setattr(f"synthome.ontology.{name}.settings", lambda: here)


class largest_file:  # noqa: N801 - reads as a statement
    """No process may write a larger file meanwhile: what a full disk is to a child."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __enter__(self) -> None:
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.size, self.before[1]))

    def __exit__(self, *_: object) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)
