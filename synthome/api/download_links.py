"""Links to answers: signed, since the official clients send no key there, and good for an hour."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from functools import lru_cache
from pathlib import Path

from synthome.errors import SynthomeError
from synthome.settings import settings

__all__ = ["DownloadLinkError", "check_signature", "signature_of"]

LIFETIME = 3600
"""Seconds for which a link can be followed; every status answer carries a fresh one."""


class DownloadLinkError(SynthomeError):
    """A link that was not given out here, or too long ago."""


def signature_of(query_id: str, expires: int | None = None) -> dict[str, str]:
    """The parameters that make the download of ``query_id`` a link that can be followed."""
    expires = int(time.time()) + LIFETIME if expires is None else expires
    return {"expires": str(expires), "signature": _sign(query_id, str(expires))}


def check_signature(query_id: str, expires: str, signature: str) -> None:
    """Raise ``DownloadLinkError`` unless the parameters are those of :func:`signature_of`, and not too old."""
    if not hmac.compare_digest(_sign(query_id, expires).encode(), signature.encode()):
        message = "This link was not given out here, or is cut off; ask for the query's status to get its link."
        raise DownloadLinkError(message)
    if int(expires) < time.time():
        message = "This link has expired; ask for the query's status again to get a fresh one."
        raise DownloadLinkError(message)


def _sign(query_id: str, expires: str) -> str:
    """HMAC-SHA256 (RFC 2104) in hexadecimal, cut to 128 bits."""
    text = f"{query_id}:{expires}".encode()
    return hmac.new(_secret(settings().data_dir / "download_secret"), text, hashlib.sha256).hexdigest()[:32]


@lru_cache(maxsize=4)
def _secret(path: Path) -> bytes:
    """This installation's secret, made when it is first needed; for its owner's eyes alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        kept = path.read_bytes()
        if len(kept) >= 32:
            return kept
        # A crash left it half written: nobody can hold a link made with it.
        path.unlink(missing_ok=True)
        return _secret.__wrapped__(path)
    with os.fdopen(descriptor, "wb") as file:
        made = secrets.token_bytes(32)
        file.write(made)
        return made
