"""Who may ask the models: everyone, or those who send one of the installation's keys; and how often."""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from synthome.api.backend import TheBackend
from synthome.errors import AuthenticationError
from synthome.settings import settings

__all__ = ["Client", "address_of", "client_of"]

_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="key",
    description="One of the keys of this installation, where it has any (SYNTHOME_API_KEYS); any word elsewhere.",
)


def client_of(
    request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)], backend: TheBackend
) -> str:
    """What a client is known by, its request counted: a hash of its key, or where there are no keys its address.

    Who guesses keys is counted by address, so that nobody can try many.

    Raises
    ------
    AuthenticationError
        The installation has keys, and none of them was sent.
    TooManyRequestsError
        The client has asked too often.
    """
    keys = [key.strip() for key in settings().api_keys.split(",") if key.strip()]
    given = "" if sent is None else sent.credentials.strip()
    if not keys:
        client = address_of(request)
    elif _is_among(given, keys):
        client = hashlib.sha256(given.encode()).hexdigest()[:16]
    else:
        backend.rate_limits.request(address_of(request))
        raise _refused(given)
    backend.rate_limits.request(client)
    return client


def address_of(request: Request) -> str:
    """The address that a request comes from, as the server or the proxy that it trusts tells it."""
    return request.client.host if request.client is not None else "unknown"


def _is_among(given: str, keys: list[str]) -> bool:
    """Every key is compared, each in constant time, so that the time tells nothing."""
    return sum(hmac.compare_digest(given.encode(), key.encode()) for key in keys) > 0


def _refused(given: str) -> AuthenticationError:
    what = "The key that was sent is not one of this installation's" if given else "No key was sent"
    return AuthenticationError(
        f"{what}. Send 'Authorization: Bearer <key>'; the official clients read it from SYNTHESIZE_API_KEY."
    )


Client = Annotated[str, Depends(client_of)]
