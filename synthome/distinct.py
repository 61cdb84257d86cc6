"""Names told apart."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["distinct"]


def distinct(names: Iterable[str]) -> list[str]:
    """``names`` with a number behind those that came before; none stays equal to another.

    >>> distinct(["a", "a", "b", "a (2)", "a"])
    ['a', 'a (2)', 'b', 'a (2) (2)', 'a (3)']
    """
    out: list[str] = []
    taken: set[str] = set()
    for name in names:
        candidate, number = name, 2
        while candidate in taken:
            candidate, number = f"{name} ({number})", number + 1
        taken.add(candidate)
        out.append(candidate)
    return out
