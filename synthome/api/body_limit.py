"""Middleware that refuses requests larger than a limit, whether they declare their length or not."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from synthome.api.faults import fault

__all__ = ["BodyLimit"]


class BodyLimit:
    """Answer 413 to a body of more than ``most`` bytes; one that declares its length is not even read.

    The limit of FastAPI itself would answer in plain text, not in the contract's form.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and count what is read of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sentence = f"The body is larger than {self.most:,} bytes; ask in parts."
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > self.most:
            await fault(413, sentence)(scope, receive, send)
            return
        size = 0

        async def counted_receive() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.most:
                raise HTTPException(413, sentence)
            return message

        await self.app(scope, counted_receive, send)
