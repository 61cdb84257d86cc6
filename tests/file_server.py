"""A real HTTP server of files on loopback that knows ranges and ETags, and fails in every way that a test asks for."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.servers import LoopbackServer


@dataclass
class Fault:
    """What goes wrong with one answer.

    ``status`` is answered in place of the file; ``cut`` bytes of the body are sent and the connection closed;
    ``declared`` is the length promised; ``pause`` seconds pass before the head and ``trickle`` before every byte;
    ``headers`` are added.
    """

    status: int = 200
    cut: int | None = None
    declared: int | None = None
    pause: float = 0.0
    trickle: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    """One request that came in, and how it was answered."""

    path: str
    headers: dict[str, str]
    status: int = 0


class FileServer(LoopbackServer):
    """Serves ``files`` by their path; the next request of a path meets the next of its ``faults``."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, list[Fault]] = {}
        self.ranges = True
        self.validators = True
        self.asked: list[Asked] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(Handler)

    def statuses(self, path: str) -> list[int]:
        """How the requests of ``path`` were answered."""
        return [asked.status for asked in self.asked if asked.path == path]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = Asked(handler.path, dict(handler.headers))
        self.asked.append(asked)
        waiting = self.faults.get(handler.path, [])
        fault = waiting.pop(0) if waiting else Fault()
        time.sleep(fault.pause)
        content = self.files.get(handler.path)
        headers: dict[str, str] = {}
        if fault.status != 200 or content is None:
            asked.status, content = (fault.status if fault.status != 200 else 404), b"no"
        else:
            asked.status, content, headers = self._part(content, asked.headers)
        handler.send_response(asked.status)
        for name, value in {**headers, **fault.headers}.items():
            handler.send_header(name, value)
        if asked.status != 304:
            handler.send_header("Content-Length", str(len(content) if fault.declared is None else fault.declared))
        handler.end_headers()
        if asked.status == 304:
            return
        content = content[: fault.cut]
        for piece in (content[place : place + 1] for place in range(len(content))) if fault.trickle else (content,):
            handler.wfile.write(piece)
            time.sleep(fault.trickle)

    def _part(self, content: bytes, asked: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        headers = {"ETag": etag} if self.validators else {}
        if self.validators and asked.get("If-None-Match") == etag:
            return 304, b"", headers
        wanted = re.fullmatch(r"bytes=(\d+)-", asked.get("Range", ""))
        if wanted is None or not self.ranges or asked.get("If-Range", etag) != etag:
            return 200, content, headers
        first = int(wanted[1])
        if first >= len(content):
            return 416, b"", headers
        return 206, content[first:], headers | {"Content-Range": f"bytes {first}-{len(content) - 1}/{len(content)}"}


@contextmanager
def file_server() -> Iterator[FileServer]:
    server = FileServer()
    try:
        yield server
    finally:
        server.close()
