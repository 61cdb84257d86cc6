"""Middleware that names a workspace for each browser, in a cookie that scripts cannot read."""

from __future__ import annotations

from http.cookies import SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from synthome.runs.workspaces import COOKIE, new_workspace

__all__ = ["WorkspaceCookie"]

_YEAR = 365 * 24 * 3600


class WorkspaceCookie:
    """Give each browser a workspace when it first asks for a page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add the cookie to an HTML answer where the browser has none yet."""
        if scope["type"] != "http" or f"{COOKIE}=" in Headers(scope=scope).get("cookie", ""):
            await self.app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", _cookie(secure=scope["scheme"] == "https"))
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def _cookie(*, secure: bool) -> str:
    cookie: SimpleCookie = SimpleCookie()
    cookie[COOKIE] = new_workspace()
    cookie[COOKIE].update({"path": "/", "max-age": str(_YEAR), "samesite": "Lax"})
    cookie[COOKIE]["httponly"] = True
    cookie[COOKIE]["secure"] = secure
    return cookie.output(header="").strip()
