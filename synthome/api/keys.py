"""Who may ask the models: everyone, or those who send one of the installation's keys."""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from synthome.errors import AuthenticationError
from synthome.settings import settings

__all__ = ["Client", "client_of"]

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="One of the keys of this installation, where it has any (SYNTHOME_API_KEYS); any word elsewhere.",
)


def client_of(request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    """What a client is known by while its requests are counted: a hash of its key, or its address.

    Raises
    ------
    AuthenticationError
        The installation has keys, and none of them was sent.
    """
    keys = [key.strip() for key in settings().api_keys.split(",") if key.strip()]
    if not keys:
        return request.client.host if request.client is not None else "unknown"
    given = "" if sent is None else sent.credentials
    # Every key is compared, each in constant time, so that the time tells nothing.
    if not sum(hmac.compare_digest(given.encode(), key.encode()) for key in keys):
        missing = "No key was sent" if not given else "The key that was sent is not one of this installation's"
        message = (
            f"{missing}. Send 'Authorization: Bearer <key>'; the official clients read it from SYNTHESIZE_API_KEY."
        )
        raise AuthenticationError(message)
    return hashlib.sha256(given.encode()).hexdigest()[:16]


Client = Annotated[str, Depends(client_of)]
