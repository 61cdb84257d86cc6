"""Fetching one file over HTTP: resumed when cut off, checked, and not fetched again where it has not changed.

What comes is kept as it was sent. A cut is mended with a range request, but only where the server has named its file by
a strong ETag or a date, says with ``If-Range`` that it still has the same one, and answers with the range asked for;
everywhere else the file is fetched from its beginning. Errors of the connection and of the server (5xx) are tried
again, a few times and ever more slowly; an answer that will be the same tomorrow, such as 404, is not.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import queue
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import requests
import urllib3

from synthome import __version__
from synthome.errors import OntologyError, RefreshCancelled

__all__ = ["Patience", "Received", "fetch", "never"]

Report = Callable[[int, int | None], None]
"""Told how many bytes are there, of how many (``None`` where the server does not say)."""
Cancelled = Callable[[], bool]

MOST_BYTES = 2_000_000_000
"""No ontology is larger; what is, is something else."""
SPARE_BYTES = 300_000_000
"""To be left on the disk beside a download, for the snapshot and the index that follow."""

_CHUNK = 1 << 16
_AHEAD = 16
"""Chunks that may wait to be written."""
_HEADWAY = 1 << 20
"""Bytes that an attempt has to bring for the failures before it to be forgotten."""
_LONGEST_PAUSE = 30.0
_LOOK_EVERY = 0.1
_WORTH_REPEATING = frozenset({408, 425, 429})
_ADVICE = "Try again later; if the address has moved, a newer version of Synthome knows it."


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a server, in seconds, and how often to try."""

    connect: float = 10.0
    read: float = 60.0
    attempts: int = 4
    backoff: float = 1.0


@dataclass(frozen=True, slots=True)
class Received:
    """What is remembered of a file that was fetched. ``etag`` and ``last_modified`` are empty where none was sent."""

    url: str
    sha256: str
    size: int
    etag: str = ""
    last_modified: str = ""


def never() -> bool:
    """Nobody cancels."""
    return False


def fetch(
    url: str,
    path: Path,
    *,
    known: Received | None = None,
    report: Report = lambda _done, _total: None,
    cancelled: Cancelled = never,
    patience: Patience | None = None,
) -> Received | None:
    """Fetch ``url`` into ``path``; ``None`` where it still is what was ``known``.

    Nothing is left at ``path`` unless the whole file is.

    Raises
    ------
    OntologyError
        Where it cannot be had, is too large, or the disk is full.
    RefreshCancelled
        Within a moment of ``cancelled`` becoming true, whatever the server does.
    """
    transfer = _Transfer(url, path, known, report, cancelled, patience or Patience())
    received: Received | None = None
    try:
        received = transfer.run()
    except OSError as error:
        message = f"{path.parent} cannot be written ({error.strerror or error}). Free some space there and try again."
        raise OntologyError(message) from error
    finally:
        if received is None:
            path.unlink(missing_ok=True)
    return received


class _InterruptedError(Exception):
    """An attempt that failed in a way that may pass; its text completes "the address …"."""

    def __init__(self, reason: str, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.pause = pause


@dataclass(frozen=True, slots=True)
class _Head:
    """Status and headers of an answer."""

    status: int
    reason: str
    headers: Mapping[str, str]


class _Transfer:
    """One file on its way, over as many attempts as it takes."""

    def __init__(
        self, url: str, path: Path, known: Received | None, report: Report, cancelled: Cancelled, patience: Patience
    ) -> None:
        self.url = url
        self.path = path
        self.known = known if known is not None and known.url == url else None
        self.report = report
        self.cancelled = cancelled
        self.patience = patience
        self.headers: Mapping[str, str] = {}
        self.total: int | None = None
        self._start_over()

    def run(self) -> Received | None:
        failures = 0
        while True:
            before = self.have
            try:
                return self._attempt()
            except _InterruptedError as error:
                failures = 1 if self.have - before >= _HEADWAY else failures + 1
                if failures >= self.patience.attempts:
                    raise self._refusal(f"{error} ({failures} attempts)") from error
                pause = max(self.patience.backoff * 2 ** (failures - 1), error.pause)
                self._sleep(min(pause, _LONGEST_PAUSE))

    def _attempt(self) -> Received | None:
        if self.have and not self._validator():
            self._start_over()
        answer = _answer(self.url, self._request_headers(), self.patience, self.cancelled)
        head = next(answer)
        assert isinstance(head, _Head)  # noqa: S101 - _answer begins with it
        if head.status == 304 and self.known is not None and not self.have:
            return None
        with self._ready_for(head) as file:
            for part in answer:
                assert isinstance(part, bytes)  # noqa: S101 - and goes on with the body
                file.write(part)
                self.digest.update(part)
                self.md5.update(part)
                self.have += len(part)
                if self.have > MOST_BYTES:
                    raise self._refusal(f"is larger than {MOST_BYTES / 1e9:.0f} GB, which no ontology is")
                self.report(self.have, self.total)
        return self._whole()

    def _request_headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity", "User-Agent": f"Synthome/{__version__}"}
        if self.have:
            return headers | {"Range": f"bytes={self.have}-", "If-Range": self._validator()}
        if self.known is not None and self.known.etag:
            headers["If-None-Match"] = self.known.etag
        elif self.known is not None and self.known.last_modified:
            headers["If-Modified-Since"] = self.known.last_modified
        return headers

    def _validator(self) -> str:
        """What names the very file that was begun; empty where the server has not named it."""
        etag = self.headers.get("ETag", "")
        return etag if etag and not etag.startswith("W/") else self.headers.get("Last-Modified", "")

    def _ready_for(self, head: _Head) -> IO[bytes]:
        """The file, opened where the answer's body belongs; an error where the answer is none that can be used."""
        if head.status == 206 and self.have:
            self._check_range(head)
            return open_part(self.path, "ab")
        if head.status == 200:
            self._start_over()
            self.headers = head.headers
            length = head.headers.get("Content-Length", "")
            self.total = int(length) if length.isdigit() else None
            self._check_room(self.total or 0)
            return open_part(self.path, "wb")
        if head.status == 416 and self.have:
            reason = f"promised {self.total or 0:,} bytes and has no more than {self.have:,}"
            self._start_over()
            raise _InterruptedError(reason)
        if head.status in (206, 304):
            self._start_over()
            self.known = None
            raise _InterruptedError(f"answered {head.status} to a request that does not call for it")
        if head.status >= 500 or head.status in _WORTH_REPEATING:
            asked = head.headers.get("Retry-After", "")
            raise _InterruptedError(f"answered {head.status} {head.reason}", float(asked) if asked.isdigit() else 0.0)
        raise self._refusal(f"answered {head.status} {head.reason}")

    def _check_range(self, head: _Head) -> None:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", head.headers.get("Content-Range", "").strip())
        same = head.headers.get("ETag", "") in ("", self.headers.get("ETag", ""))
        size = None if found is None or found[2] == "*" else int(found[2])
        if found is None or int(found[1]) != self.have or not same or (self.total and size not in (None, self.total)):
            self._start_over()
            raise _InterruptedError("sent another part than was asked for")

    def _check_room(self, size: int) -> None:
        if size > MOST_BYTES:
            raise self._refusal(f"is {size / 1e9:.1f} GB large, which no ontology is")
        free = shutil.disk_usage(self.path.parent).free
        if free < size + SPARE_BYTES:
            message = (
                f"{self.path.parent} has {free / 1e6:,.0f} MB free; {self.url} and what is made of it need "
                f"{(size + SPARE_BYTES) / 1e6:,.0f} MB. Free some space there and try again."
            )
            raise OntologyError(message)

    def _whole(self) -> Received | None:
        """The file, checked; ``None`` where it is the known one after all."""
        if self.total is not None and self.have != self.total:
            raise _InterruptedError(f"promised {self.total:,} bytes and sent {self.have:,}")
        if self.have == 0:
            raise self._refusal("sent an empty file")
        for name, stated in _stated_checksums(self.headers):
            if stated != (self.md5 if name == "MD5" else self.digest).digest():
                self._start_over()
                raise _InterruptedError(f"sent a file whose {name} checksum is not the one that it states")
        received = Received(
            self.url,
            self.digest.hexdigest(),
            self.have,
            self.headers.get("ETag", ""),
            self.headers.get("Last-Modified", ""),
        )
        return None if self.known is not None and self.known.sha256 == received.sha256 else received

    def _start_over(self) -> None:
        self.have = 0
        self.total = None
        self.headers = {}
        self.digest = hashlib.sha256()
        self.md5 = hashlib.md5(usedforsecurity=False)

    def _sleep(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            _check(self.cancelled)
            time.sleep(min(left, _LOOK_EVERY))

    def _refusal(self, reason: str) -> OntologyError:
        return OntologyError(f"{self.url} {reason}. {_ADVICE}")


def open_part(path: Path, mode: str) -> IO[bytes]:
    """The file that is being fetched."""
    return path.open(mode)


def _stated_checksums(headers: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """Name and value of every checksum of the whole file that the server sent along."""
    stated = {"MD5": headers.get("Content-MD5", "")}
    for name in ("Digest", "Repr-Digest"):
        for part in headers.get(name, "").split(","):
            algorithm, _, value = part.strip().partition("=")
            if algorithm.lower() == "sha-256":
                stated["SHA-256"] = value.strip(":")
    for name, text in stated.items():
        try:
            checksum = base64.b64decode(text, validate=True)
        except binascii.Error:
            continue
        if checksum:
            yield name, checksum


def _answer(url: str, headers: dict[str, str], patience: Patience, cancelled: Cancelled) -> Iterator[_Head | bytes]:
    """The head of the answer, then its body part by part.

    The exchange runs in a thread of its own, which is left behind on a cancel: a read from a socket cannot be stopped
    from outside. That thread touches nothing but its socket.
    """
    parts: queue.Queue[_Head | bytes | Exception | None] = queue.Queue(_AHEAD)
    abandoned = threading.Event()

    def put(part: _Head | bytes | Exception | None) -> None:
        while not abandoned.is_set():
            try:
                parts.put(part, timeout=_LOOK_EVERY)
            except queue.Full:
                continue
            return

    def exchange() -> None:
        try:
            timeout = (patience.connect, patience.read)
            with requests.get(url, headers=headers, stream=True, timeout=timeout) as response:
                put(_Head(response.status_code, response.reason or "", response.headers))
                if response.status_code in (200, 206):
                    while not abandoned.is_set() and (part := response.raw.read1(_CHUNK, decode_content=False)):
                        put(part)
            put(None)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            put(error)

    _check(cancelled)
    threading.Thread(target=exchange, name="synthome-download", daemon=True).start()
    try:
        while True:
            try:
                part = parts.get(timeout=_LOOK_EVERY)
            except queue.Empty:
                _check(cancelled)
                continue
            _check(cancelled)
            if isinstance(part, Exception):
                raise _InterruptedError(_in_words(part)) from part
            if part is None:
                return
            yield part
    finally:
        abandoned.set()


def _in_words(error: Exception) -> str:
    if isinstance(error, (requests.ConnectTimeout, requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError)):
        return "did not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "has a certificate that cannot be trusted"
    if isinstance(error, requests.ConnectionError):
        return "cannot be reached; check the network"
    if isinstance(error, (urllib3.exceptions.ProtocolError, requests.exceptions.ChunkedEncodingError)):
        return "broke off in the middle of the file"
    return f"cannot be fetched ({error})"


def _check(cancelled: Cancelled) -> None:
    if cancelled():
        message = "The refresh was cancelled."
        raise RefreshCancelled(message)
