"""What is gathered about a condition while it is read: a mark a key, and warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from synthome.query.support import Support

__all__ = ["Notes", "learned_from"]


def learned_from(studies: Sequence[str], where: str = "", note: str = "") -> str:
    """The sentence that says what a learned value rests on.

    >>> learned_from(("GTEx", "HPA")), learned_from(("L1000",), "A-549", "Ranks only.")
    ('Learned from 2 studies: GTEx, HPA.', 'Learned from 1 study: L1000 in A-549. Ranks only.')
    """
    number = f"{len(studies)} {'study' if len(studies) == 1 else 'studies'}"
    place = f" in {where}" if where else ""
    return f"Learned from {number}: {', '.join(studies)}{place}. {note}".rstrip()


@dataclass
class Notes:
    """Marks of the keys that are given, and what to beware of."""

    supports: dict[str, Support]
    warnings: list[str] = field(default_factory=list)

    def mark(self, key: str, **changes: object) -> None:
        """Change the mark of ``key``, where it is given at all."""
        if key in self.supports:
            self.supports[key] = replace(self.supports[key], **changes)  # type: ignore[arg-type]

    def no_effect(self, key: str, reason: str) -> None:
        """``key`` is kept with the samples but moves nothing, unless it is refused."""
        if key in self.supports and self.supports[key].status != "refused":
            self.mark(key, status="no effect", reason=reason, relatives=(), confidence=1.0)

    def warn(self, sentence: str) -> None:
        """Add a warning, once."""
        if sentence not in self.warnings:
            self.warnings.append(sentence)

    def refused(self) -> Mapping[str, Support]:
        """The keys whose value cannot be answered."""
        return {key: support for key, support in self.supports.items() if support.status == "refused"}
