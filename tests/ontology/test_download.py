"""A file is fetched whole or not at all, whatever the server does."""

from __future__ import annotations

import base64
import hashlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from synthome.errors import OntologyError, RefreshCancelled
from synthome.ontology import download
from synthome.ontology.download import Patience, Received, fetch
from tests.file_server import Fault, FileServer, file_server

CONTENT = bytes(range(256)) * 40
QUICK = Patience(connect=2.0, read=0.3, attempts=3, backoff=0.01)
PATH = "/cl.obo"


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as running:
        running.files[PATH] = CONTENT
        yield running


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "cl.obo"


@pytest.fixture
def got(server: FileServer, target: Path) -> Callable[..., Received | None]:
    """Fetch, and check that what is kept is the file and nothing else."""

    def fetched(*faults: Fault, **options: object) -> Received | None:
        server.faults[PATH] = list(faults)
        received = fetch(server.url + PATH, target, patience=QUICK, **options)  # type: ignore[arg-type]
        if received is None:
            assert not target.exists()
        else:
            assert target.read_bytes() == server.files[PATH]
            assert received.sha256 == hashlib.sha256(server.files[PATH]).hexdigest()
            assert received.size == len(server.files[PATH])
        return received

    return fetched


def refused(server: FileServer, target: Path, *faults: Fault, **options: object) -> str:
    """The message with which a download ends that left nothing behind."""
    server.faults[PATH] = list(faults)
    with pytest.raises(OntologyError) as caught:
        fetch(server.url + PATH, target, patience=QUICK, **options)  # type: ignore[arg-type]
    assert list(target.parent.iterdir()) == []
    return str(caught.value)


def test_a_file_comes_whole_with_its_checksum_and_progress(got: Callable[..., Received]) -> None:
    steps: list[tuple[int, int | None]] = []
    assert got(report=lambda there, total: steps.append((there, total))).etag
    assert steps[-1] == (len(CONTENT), len(CONTENT))
    assert steps == sorted(steps)


def test_a_download_that_was_cut_off_is_resumed_where_it_broke(
    got: Callable[..., Received], server: FileServer
) -> None:
    got(Fault(cut=3000), Fault(cut=2000))
    assert server.statuses(PATH) == [200, 206, 206]
    assert [asked.headers.get("Range") for asked in server.asked] == [None, "bytes=3000-", "bytes=5000-"]
    assert server.asked[1].headers["If-Range"].startswith('"')


def test_without_ranges_it_starts_over(got: Callable[..., Received], server: FileServer) -> None:
    server.ranges = False
    got(Fault(cut=3000))
    assert server.statuses(PATH) == [200, 200]


def test_without_a_name_for_the_file_it_starts_over(got: Callable[..., Received], server: FileServer) -> None:
    server.validators = False
    got(Fault(cut=3000))
    assert "Range" not in server.asked[1].headers


def test_a_file_that_was_replaced_meanwhile_is_fetched_from_its_beginning(server: FileServer, target: Path) -> None:
    server.faults[PATH] = [Fault(cut=3000)]
    seen: list[int] = []

    def replace_it(there: int, _total: int | None) -> None:
        seen.append(there)
        server.files[PATH] = CONTENT[::-1]

    received = fetch(server.url + PATH, target, patience=QUICK, report=replace_it)
    assert received is not None
    assert target.read_bytes() == CONTENT[::-1]
    assert server.statuses(PATH) == [200, 200]


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_server_that_fails_for_a_moment_is_asked_again(
    status: int, got: Callable[..., Received], server: FileServer
) -> None:
    got(Fault(status=status), Fault(status=status))
    assert server.statuses(PATH) == [status, status, 200]


def test_a_server_that_goes_on_failing_is_given_up(server: FileServer, target: Path) -> None:
    assert "answered 503" in refused(server, target, *[Fault(status=503)] * 9)
    assert server.statuses(PATH) == [503] * 3


@pytest.mark.parametrize("status", [404, 403, 410])
def test_an_answer_that_will_not_change_is_not_asked_for_again(status: int, server: FileServer, target: Path) -> None:
    message = refused(server, target, Fault(status=status))
    assert f"{PATH} answered {status}" in message
    assert "newer version of Synthome" in message
    assert server.statuses(PATH) == [status]


def test_a_server_that_is_not_there_is_told_in_words(server: FileServer, target: Path) -> None:
    server.close()
    assert "cannot be reached; check the network" in refused(server, target)


def test_a_slow_server_is_waited_for_and_a_silent_one_is_not(got: Callable[..., Received], server: FileServer) -> None:
    server.files[PATH] = CONTENT[:20]
    got(Fault(trickle=0.05))
    assert server.statuses(PATH) == [200]
    got(Fault(pause=0.8))
    assert len(server.statuses(PATH)) == 3


def test_a_server_that_stays_silent_is_given_up(server: FileServer, target: Path) -> None:
    assert "did not answer in time" in refused(server, target, *[Fault(pause=0.8)] * 3)


def test_a_length_that_promises_too_much_is_noticed(server: FileServer, target: Path) -> None:
    lie = [Fault(declared=len(CONTENT) + 5)] * 5
    server.ranges = False
    assert "broke off" in refused(server, target, *lie)


def test_a_checksum_that_the_server_states_is_verified(
    got: Callable[..., Received], server: FileServer, target: Path
) -> None:
    def stated(content: bytes) -> list[Fault]:
        sha, md5 = hashlib.sha256(content).digest(), hashlib.md5(content, usedforsecurity=False).digest()
        sha_text, md5_text = base64.b64encode(sha).decode(), base64.b64encode(md5).decode()
        return [
            Fault(headers={"Repr-Digest": f"md5=:AA==:, sha-256=:{sha_text}:"}),
            Fault(headers={"Digest": f"SHA-256={sha_text}"}),
            Fault(headers={"Content-MD5": md5_text}),
        ]

    for fault in stated(CONTENT):
        got(fault)
    target.unlink()
    for fault in stated(b"other"):
        assert "checksum is not the one" in refused(server, target, *[fault] * 3)
    got(stated(b"other")[0])  # damaged on the way once, and fine the second time


def test_an_unchanged_file_is_not_fetched_again(
    got: Callable[..., Received | None], server: FileServer, target: Path
) -> None:
    known = got()
    target.unlink()
    server.asked.clear()
    assert got(known=known) is None
    assert server.statuses(PATH) == [304]
    server.files[PATH] = CONTENT + b"more"
    assert got(known=known) is not None


def test_a_file_of_a_server_without_names_for_it_is_known_by_its_checksum(
    got: Callable[..., Received | None], server: FileServer, target: Path
) -> None:
    server.validators = False
    known = got()
    target.unlink()
    assert got(known=known) is None


def test_what_is_known_of_another_address_does_not_count(got: Callable[..., Received | None]) -> None:
    known = got()
    assert known is not None
    assert got(known=replace(known, url="http://elsewhere/cl.obo")) is not None


def test_an_empty_file_is_refused(server: FileServer, target: Path) -> None:
    server.files[PATH] = b""
    assert "empty" in refused(server, target)


def test_a_file_that_is_too_large_is_refused_before_and_while_it_comes(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "MOST_BYTES", 1000)
    assert "which no ontology is" in refused(server, target)
    monkeypatch.setattr(download._Transfer, "_check_room", lambda *_: None)
    assert "which no ontology is" in refused(server, target)


def test_free_space_is_looked_at_first(server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(target.parent)._replace(free=10_000_000)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: usage)
    message = refused(server, target)
    assert "has 10 MB free" in message
    assert "Free some space" in message


def test_a_disk_that_fills_up_meanwhile_is_told(
    server: FileServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Path("/dev/full")  # a disk that always is
    monkeypatch.setattr(download, "open_part", lambda *_: full.open("wb"))
    message = refused(server, target)
    assert "No space left on device" in message
    assert "Free some space" in message


@pytest.mark.parametrize(
    "fault", [Fault(pause=5.0), Fault(trickle=0.2), Fault(status=503, headers={"Retry-After": "20"})]
)
def test_a_cancel_is_heard_at_once_and_leaves_nothing(fault: Fault, server: FileServer, target: Path) -> None:
    server.faults[PATH] = [fault]
    cancelled = threading.Event()
    threading.Timer(0.3, cancelled.set).start()
    begun = time.monotonic()
    with pytest.raises(RefreshCancelled):
        fetch(server.url + PATH, target, cancelled=cancelled.is_set, patience=replace(QUICK, read=10.0))
    assert time.monotonic() - begun < 1.5
    assert list(target.parent.iterdir()) == []
