"""Servers on loopback for tests: one that says what a test scripts, one that serves an ASGI application."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import uvicorn
from starlette.types import ASGIApp


@dataclass
class Reply:
    """What to answer. ``declared`` is the length to promise, where that is not the body's; ``delay`` is in seconds.

    ``act`` is called in the stead of answering, with the handler whose ``wfile`` leads to the client.
    """

    status: int = 200
    body: object = b""
    headers: dict[str, str] = field(default_factory=dict)
    declared: int | None = None
    delay: float = 0.0
    act: Callable[[BaseHTTPRequestHandler], None] | None = None

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Asked:
    """One request that came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class LoopbackServer:
    """Serves one kind of request handler on a port of its own, at ``url``, until it is closed."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A client that went away is what some tests are about."""

        self._server = Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.01), daemon=True)
        self._thread.start()

    def encrypt(self, context: ssl.SSLContext) -> None:
        """Speak HTTPS from now on."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class ScriptedServer(LoopbackServer):
    """Answers each (method, path) with the next of its replies, the last one again and again."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.script: dict[tuple[str, str], list[Reply | Callable[[], Reply]]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                outer.asked.append(Asked(self.command, self.path, dict(self.headers), self.rfile.read(length)))
                replies = outer.script.get((self.command, self.path), [Reply(404, {"error": "nothing here"})])
                reply = replies.pop(0) if len(replies) > 1 else replies[0]
                reply = reply() if callable(reply) else reply
                time.sleep(reply.delay)
                if reply.act is not None:
                    self.close_connection = True
                    reply.act(self)
                    return
                content = reply.content()
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content) if reply.declared is None else reply.declared))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = _answer  # noqa: N815 - the names that http.server calls

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(Handler)

    def on(self, method: str, path: str, *replies: Reply | Callable[[], Reply]) -> None:
        self.script[method, path] = list(replies)

    def paths(self, method: str | None = None) -> list[str]:
        return [asked.path for asked in self.asked if method in (None, asked.method)]

    def keys(self) -> dict[str, str | None]:
        """The Authorization header that came with each path."""
        return {asked.path: asked.headers.get("Authorization") for asked in self.asked}

    def body(self) -> Any:
        """The JSON of the last POST."""
        return json.loads(next(asked.body for asked in reversed(self.asked) if asked.method == "POST"))


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    try:
        yield server
    finally:
        server.close()


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The base URL of ``app`` under uvicorn."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
