"""Links to answers: signed, since the official clients send no key there, and good for a limited time."""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
import threading
import time
from functools import lru_cache
from pathlib import Path

from synthome.errors import SynthomeError
from synthome.settings import settings

__all__ = ["DownloadLinkError", "check_signature", "signature_of"]

_logger = logging.getLogger(__name__)
_SECRET_BYTES = 32
_making = threading.Lock()


class DownloadLinkError(SynthomeError):
    """A link that was not given out here, or too long ago."""


def signature_of(query_id: str, expires: int | None = None) -> dict[str, str]:
    """The parameters that make the download of ``query_id`` a link that can be followed.

    It ends ``settings().api_link_minutes`` from now, or when ``expires`` says, in seconds of Unix time.
    """
    expires = int(time.time()) + 60 * settings().api_link_minutes if expires is None else expires
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
    with _making:
        secret = _secret(settings().data_dir / "download_secret")
    return hmac.new(secret, text, hashlib.sha256).hexdigest()[:32]


@lru_cache(maxsize=4)
def _secret(path: Path) -> bytes:
    """This installation's secret, made when it is first needed; for its owner's eyes alone."""
    try:
        kept = path.read_bytes()
    except OSError:
        kept = b""
    if len(kept) == _SECRET_BYTES:
        return kept
    made = secrets.token_bytes(_SECRET_BYTES)
    try:
        _keep(made, path)
    except OSError as error:
        _logger.warning("%s cannot be written, links to answers end with this process: %s", path, error)
    return made


def _keep(secret: bytes, path: Path) -> None:
    """Write ``secret`` whole or not at all, readable for its owner alone from the first moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secret)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
