"""The API key of the hosted service: tidied as it is pasted, and found where a single user keeps it.

A key is given in a session and lives there alone. Where one person alone uses the installation, the variable that the
official clients read counts as well. Nothing here writes a key anywhere, the environment included.
"""

from __future__ import annotations

import os
import re

from synthome.settings import settings

__all__ = ["KEY_VARIABLE", "environment_key", "tidied_key"]

KEY_VARIABLE = "SYNTHESIZE_API_KEY"
"""The environment variable, and the entry of the secrets, that the official clients read the key from."""

_BEFORE = re.compile(
    rf"^(?:export\s+|set\s+)?(?:{KEY_VARIABLE}\s*=|api[ _-]?key\s*[:=]|token\s*[:=]|authorization\s*:|bearer\s)\s*",
    re.IGNORECASE,
)
_AROUND = " \t\r\n\f\v\u00a0\u200b\ufeff\"'`\u201c\u201d\u2018\u2019\u00ab\u00bb,;"


def tidied_key(text: str) -> str:
    r"""The key in what was pasted: without quotes, line breaks, a variable's name or "Bearer" around it.

    >>> tidied_key(' "Bearer abc-1" \n'), tidied_key("export SYNTHESIZE_API_KEY='abc-1'"), tidied_key("  ")
    ('abc-1', 'abc-1', '')
    >>> tidied_key("Authorization: Bearer abc-1"), tidied_key("abc\n-1")
    ('abc-1', 'abc-1')
    """
    key = text.strip(_AROUND)
    while (rest := _BEFORE.sub("", key).strip(_AROUND)) != key:
        key = rest
    return re.sub(r"[\r\n\u200b\ufeff]+", "", key)


def environment_key() -> str | None:
    """The key in the environment of a single user; ``None`` without one, and in every shared installation."""
    if not settings().single_user:
        return None
    return tidied_key(os.environ.get(KEY_VARIABLE, "")) or None
