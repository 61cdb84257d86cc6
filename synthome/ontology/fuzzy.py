"""Names spelled much like a mistyped one.

What is typed is compared with the index's squashed names, or its words, that begin with the same letter, or with the
first two letters swapped, and are of about its length. The distance counts a swap of neighbours as one slip (optimal
string alignment). The tokens that begin with a letter are read when it is first needed, and kept.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_lowercase, digits

from rapidfuzz import process
from rapidfuzz.distance import OSA

__all__ = ["SLIP", "Spelling"]

SLIP = 0.88
"""Similarity of a name with one slip in nine letters: surely meant, and better than any part of the text."""
_LEAST = 0.7
_SHORTEST, _LONGEST = 4, 32
"""Letters of what is compared: shorter names are like too many others, longer ones are pasted, not typed."""
_MOST = 60
"""Tokens that are looked at further: many are of another ontology than the ones searched."""


@dataclass(frozen=True, slots=True)
class _Tokens:
    """Tokens that begin alike: by their length, and in how many names each is."""

    by_length: Mapping[int, list[str]]
    uses: Mapping[str, int]


class Spelling:
    """Tokens of one index that are spelled much alike. Safe in threads: the worst is that a letter is read twice."""

    def __init__(self) -> None:
        self._read: dict[str, _Tokens] = {}

    def warm(self, database: sqlite3.Connection) -> None:
        """Read the tokens of every letter and digit."""
        for start in ascii_lowercase + digits:
            for sign in ("=", ""):
                self._beginning(database, sign + start, len(sign))

    def similar_keys(self, database: sqlite3.Connection, key: str, least: float = _LEAST) -> list[str]:
        """Squashed names like ``key``, the most alike first."""
        return [name for name, _ in self._similar(database, key, "=", least)]

    def corrected(self, database: sqlite3.Connection, words: Sequence[str]) -> list[str] | None:
        """Words with each one that begins no word of a name replaced by one that is spelled much like it.

        ``None`` where there is nothing to replace, or no replacement for one of them.
        """
        replaced = []
        for word in words:
            if len(word) < _SHORTEST or _begins_a_word(database, word):
                replaced.append(word)
            elif similar := self._similar(database, word, "", _LEAST):
                replaced.append(similar[0][0])
            else:
                return None
        return replaced if replaced != list(words) else None

    def _similar(
        self, database: sqlite3.Connection, text: str, sign: str, least: float
    ) -> list[tuple[str, tuple[float, int]]]:
        """Tokens with that sign before them, with their similarity and use, the most alike and most used first."""
        if not _SHORTEST - 1 <= len(text) <= _LONGEST:
            return []
        slack = round(len(text) * (1 - least))
        lengths = range(max(_SHORTEST, len(text) - slack), len(text) + max(1, slack) + 1)
        starts = (text[0], text[1::-1]) if text[0] != text[1] else (text[0],)
        found: dict[str, tuple[float, int]] = {}
        for start in starts:
            tokens = self._beginning(database, sign + start, len(sign))
            for length in lengths:
                alike = process.extract(
                    text,
                    tokens.by_length.get(length, ()),
                    scorer=OSA.normalized_similarity,
                    score_cutoff=least,
                    limit=_MOST,
                )
                found |= {token: (similarity, tokens.uses[token]) for token, similarity, _ in alike}
        ranked = sorted(found.items(), key=lambda match: (-match[1][0], -match[1][1], match[0]))
        return ranked[:_MOST]

    def _beginning(self, database: sqlite3.Connection, start: str, sign_length: int) -> _Tokens:
        """Tokens that begin with ``start``, without their sign."""
        if start not in self._read:
            by_length: defaultdict[int, list[str]] = defaultdict(list)
            uses: dict[str, int] = {}
            rows = database.execute(
                "SELECT substr(term, ?), doc FROM vocabulary WHERE term >= ? AND term < ? AND length(term) <= ?",
                (sign_length + 1, start, f"{start}\U0010ffff", _LONGEST + sign_length),
            )
            for token, number in rows:
                by_length[len(token)].append(token)
                uses[token] = number
            self._read[start] = _Tokens(dict(by_length), uses)
        return self._read[start]


def _begins_a_word(database: sqlite3.Connection, word: str) -> bool:
    return database.execute("SELECT 1 FROM word WHERE word MATCH ? LIMIT 1", (f'"{word}"*',)).fetchone() is not None
