"""What a service can do to a connection beside answering: things for ``Reply.act``."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

Act = Callable[[BaseHTTPRequestHandler], None]


def _head(handler: BaseHTTPRequestHandler, **headers: object) -> None:
    handler.send_response(200)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()


def drip(content: bytes, pause: float = 0.05, **headers: object) -> Act:
    """One byte, and some time later another."""

    def act(handler: BaseHTTPRequestHandler) -> None:
        _head(handler, Content_Length=len(content), **headers)
        for byte in content:
            handler.wfile.write(bytes([byte]))
            time.sleep(pause)

    return act


def drip_the_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(200):
        handler.wfile.write(f"X-{number}: ".encode())
        time.sleep(0.05)
        handler.wfile.write(b"1\r\n")


def endless(part: bytes, start: bytes = b"", **headers: object) -> Act:
    def act(handler: BaseHTTPRequestHandler) -> None:
        _head(handler, **headers)
        handler.wfile.write(start)
        while True:
            handler.wfile.write(part)
            time.sleep(0.001)

    return act


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Close at once, as a process does that is killed."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def hang_up_within_a_chunk(handler: BaseHTTPRequestHandler) -> None:
    _head(handler, Transfer_Encoding="chunked")
    handler.wfile.write(b"%x\r\n%s" % (1000, b'{"gene_order": ['))


def fall_silent(content: bytes) -> Act:
    def act(handler: BaseHTTPRequestHandler) -> None:
        _head(handler, Content_Length=len(content))
        handler.wfile.write(content[: len(content) // 2])
        handler.wfile.flush()
        time.sleep(1.5)

    return act


def speak_no_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"220 mail.example.com ESMTP ready\r\n")
