"""An API key that is hard to lose: it shows itself in no repr, no pickle and no traceback."""

from __future__ import annotations

import requests
from requests.auth import AuthBase

from synthome.errors import AuthenticationError

__all__ = ["HIDDEN", "ApiKey"]

HIDDEN = "(key)"
"""What stands where a service repeated the key."""

_SHORTEST = 6
"""A shorter text is no key that is worth hiding: it stands in ordinary words."""


class ApiKey:
    """The key of a service, or none. Its text comes out in one place alone: the header of a request.

    A copy by pickle is empty, so that no key is written to disk with what holds it.

    >>> ApiKey(" sk-1234567 "), bool(ApiKey(" "))
    (ApiKey(…), False)
    """

    __slots__ = ("_text",)

    def __init__(self, text: str | ApiKey | None = None) -> None:
        self._text: str = text._text if isinstance(text, ApiKey) else (text or "").strip()

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "ApiKey(…)" if self._text else "ApiKey()"

    def __reduce__(self) -> tuple[type[ApiKey], tuple[()]]:
        return (ApiKey, ())

    def __copy__(self) -> ApiKey:
        return self

    def __deepcopy__(self, memo: object) -> ApiKey:
        return self

    def check(self, service: str) -> None:
        """Refuse a key that can stand in no header, in words that do not repeat it."""
        if self._text and (not self._text.isascii() or not self._text.isprintable() or " " in self._text):
            message = f"The API key for {service} holds characters that no key holds. Copy it again."
            raise AuthenticationError(message)

    def header(self) -> AuthBase | None:
        """What puts the key into the header of a request; ``None`` without a key."""
        return _Bearer(self) if self._text else None

    def is_in(self, text: str) -> bool:
        """Whether ``text`` repeats the key."""
        return len(self._text) >= _SHORTEST and self._text in text

    def hidden_in(self, text: str) -> str:
        """``text`` without the key, should it be repeated there."""
        return text.replace(self._text, HIDDEN) if self.is_in(text) else text


class _Bearer(AuthBase):
    """Puts a key into its header."""

    def __init__(self, key: ApiKey) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._key._text}"
        return request
