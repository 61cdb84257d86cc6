"""Trying a key or an address before anything is asked with it, told in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from synthome.errors import AuthenticationError, ModelError, SynthomeError
from synthome.models.key_check import ask_models
from synthome.query.vocabulary import CONTRACT_MODELS
from synthome.settings import settings

__all__ = ["Connection", "check_container", "check_key"]


@dataclass(frozen=True, slots=True)
class Connection:
    """What came of asking a service for its models. ``sentence`` is for people and holds no key.

    ``valid``: it answered, with ``models``. ``refused``: it wants another key, or one at all. ``unreachable``: it did
    not answer, or not as agreed.
    """

    state: Literal["valid", "refused", "unreachable"]
    sentence: str
    models: tuple[str, ...] = ()


def check_key(api_key: str) -> Connection:
    """Whether the hosted service takes ``api_key``."""
    name = "the hosted service"
    return _asked(name, settings().hosted_url, api_key, "The key is valid: the hosted service takes it")


def check_container(address: str, api_key: str | None = None) -> Connection:
    """Whether a container answers at ``address``, and which models it has."""
    return _asked("the self-hosted container", address, api_key, "The container answers")


def _asked(name: str, address: str, api_key: str | None, well: str) -> Connection:
    try:
        models = ask_models(name, address, api_key)
    except AuthenticationError as error:
        return Connection("refused", str(error))
    except ModelError as error:
        return Connection("unreachable", str(error))
    except SynthomeError as error:  # a 400 is told as a fault of the query
        return Connection("unreachable", f"No list of models came back from {name}: {error}")
    known = [model_id for model_id in models if model_id in CONTRACT_MODELS]
    told = f" and has {', '.join(known)}." if known else ", but has none of the models that Synthome asks."
    return Connection("valid", well + told, models)
