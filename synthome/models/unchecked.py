"""The vocabulary of a model that is elsewhere: nothing can be said of a value before it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from synthome.query import Support
from synthome.query.values import value_fault

__all__ = ["UncheckedVocabulary"]


@dataclass(frozen=True, slots=True)
class UncheckedVocabulary:
    """Refuses what the contract refuses; leaves the rest to the model, for the given ``reason``."""

    reason: str

    def support(self, key: str, value: str) -> Support:
        """``refused`` where the contract does not allow ``value``, else ``unchecked``."""
        fault = value_fault(key, value)
        if fault is not None:
            return Support(key, value, "refused", fault.message, confidence=0.0)
        return Support(key, value, "unchecked", self.reason, confidence=0.0)

    def supports(self, given: Mapping[str, str]) -> Mapping[str, Support]:
        """Each value by itself."""
        return {key: self.support(key, value) for key, value in given.items()}

    def label(self, value: str) -> str:
        """The value itself."""
        return value

    def learned(self, key: str) -> Mapping[str, int]:  # noqa: ARG002 - the protocol's
        """Nothing: what the model has learned is not told."""
        return {}
