"""Who a workspace chose to be answered by, and the addresses it entered: kept, so that a reload loses nothing.

An address is no secret. A key is one, and is never kept here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from synthome.runs.drafts import DraftStore
from synthome.runs.run import AnswererName
from synthome.settings import settings

__all__ = ["Choice", "ChoiceStore", "default_choices"]

_NAMES: tuple[AnswererName, ...] = get_args(AnswererName)


@dataclass(frozen=True, slots=True)
class Choice:
    """An answerer, and addresses of containers by the baseline model they answer."""

    answerer: AnswererName = "embedded"
    addresses: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class ChoiceStore:
    """One choice a workspace, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._drafts = DraftStore(folder)

    def save(self, workspace: str, choice: Choice) -> None:
        """Replace what the workspace chose."""
        self._drafts.save_draft(workspace, {"answerer": choice.answerer, "addresses": dict(choice.addresses)})

    def load(self, workspace: str) -> Choice:
        """What the workspace chose; the embedded model where that is nothing that can be read."""
        kept = self._drafts.load_draft(workspace) or {}
        named, addresses = kept.get("answerer"), kept.get("addresses")
        answerer: AnswererName = next((name for name in _NAMES if name == named), "embedded")
        entries = addresses.items() if isinstance(addresses, dict) else ()
        return Choice(answerer, {str(model_id): address for model_id, address in entries if isinstance(address, str)})


def default_choices() -> ChoiceStore:
    """The choices of this installation."""
    return ChoiceStore(settings().data_dir / "answerers")
