"""Asking a service which models it has: the cheapest question that needs the key."""

from __future__ import annotations

from synthome.errors import AnswerError
from synthome.models.protocol import Cancelled, never_cancelled
from synthome.models.wire import Service, Timing

__all__ = ["ask_models"]

_MOST_MODELS = 200
_QUICK = Timing(connect=5.0, read=10.0, total=20.0, attempts=1)
"""Somebody looks at the page and waits."""


def ask_models(
    name: str,
    base_url: str,
    api_key: str | None,
    *,
    timing: Timing = _QUICK,
    cancelled: Cancelled = never_cancelled,
) -> tuple[str, ...]:
    """The ids of the models at ``base_url``; ``name`` is what messages call the service.

    Raises
    ------
    AuthenticationError
        Where the key is refused.
    ModelError
        For every other way in which no list of models comes back.
    """
    with Service(name, base_url, api_key, timing) as service:
        listed = service.get_json("/api/models", cancelled).get("models")
        if not isinstance(listed, list):
            message = f"What answers at the address of {name} lists no models. Check the address."
            raise AnswerError(message)
        ids = (entry.get("model_id", entry.get("id")) if isinstance(entry, dict) else entry for entry in listed)
        return tuple(service.clean(model_id) for model_id in ids if isinstance(model_id, str))[:_MOST_MODELS]
