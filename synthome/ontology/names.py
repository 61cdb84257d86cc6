"""Names as they are compared: without case, accents, punctuation, Greek letters and English plurals.

The same folding is applied to the names of the index and to what is typed, so that ``HCT116`` meets ``HCT 116``,
``b cells`` meets ``B cell`` and ``17β-estradiol`` meets ``17beta-estradiol``. The index folds half a million names
when it is built, so every step takes whole lists of names and works on them as one text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["fold", "fold_all", "singular", "singular_all", "squash"]

_GREEK = {
    chr(0x3B1 + place): name
    for place, name in enumerate(
        (
            *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu"),
            *("nu", "xi", "omicron", "pi", "rho", "sigma", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega"),
        )
    )
}
_APOSTROPHES = dict.fromkeys("\u2018\u2019\u02bc\u2032\u00b4`", "'")
_SPELLED = str.maketrans(_GREEK | _APOSTROPHES)
_SEPARATORS = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) != "\n"}
_POSSESSIVE = re.compile(r"'s\b")
_WORD = re.compile(r"[^\W_]+")
# Each looks back from a rare ending; a pattern that began with the word would try every word.
_IES = re.compile(r"ies\b(?<=[a-z]{2}ies)")
_PLURAL = re.compile(r"s\b(?<=[a-z]{2}[a-hj-rtv-z]s)")


def fold(name: str) -> str:
    """The words of a name: lower case, no accents, no possessive s, Greek letters spelled out, single spaces.

    >>> fold("Sjögren's β-cell"), fold("NCI-H1975  (lung)")
    ('sjogren beta cell', 'nci h1975 lung')
    """
    return fold_all([name])[0]


def fold_all(names: Sequence[str]) -> list[str]:
    """What :func:`fold` makes of each of many names."""
    # A single letter outside ASCII would make the translation of all of them ten times slower.
    strange = [place for place, name in enumerate(names) if not name.isascii() or "\n" in name]
    plain = list(names)
    for place in strange:
        plain[place] = ""
    folded = _fold_lines("\n".join(plain)).split("\n") if plain else []
    for place in strange:
        folded[place] = _fold_any(names[place])
    return folded


def _fold_lines(text: str) -> str:
    """Names in ASCII, one a line, folded."""
    text = text.lower()
    if "'s" in text:
        text = _POSSESSIVE.sub("", text)
    text = text.translate(_SEPARATORS)
    while "  " in text:
        text = text.replace("  ", " ")
    return text.replace(" \n", "\n").replace("\n ", "\n").strip(" ")


def singular(folded: str) -> str:
    """A folded name with the plural endings of its words taken off: a rough rule, the same on both sides.

    >>> [singular(name) for name in ("t cells", "arteries", "virus", "a549s", "gas")]
    ['t cell', 'artery', 'virus', 'a549s', 'gas']
    """
    return singular_all([folded])[0]


def singular_all(folded: Sequence[str]) -> list[str]:
    """What :func:`singular` makes of each of many folded names."""
    return _PLURAL.sub("", _IES.sub("y", "\n".join(folded))).split("\n") if folded else []


def squash(folded: str) -> str:
    """A folded name run together: found however it is spaced or hyphenated.

    >>> squash(fold("HCT-116")) == squash(fold("hct 116"))
    True
    """
    return folded.replace(" ", "")


def _fold_any(name: str) -> str:
    """The same for a name with letters outside ASCII; those of other scripts than Greek stay as they are."""
    decomposed = unicodedata.normalize("NFKD", name.lower()).translate(_SPELLED)
    letters = "".join([c for c in decomposed if not unicodedata.combining(c)]).lower()
    return " ".join(_WORD.findall(_POSSESSIVE.sub("", letters)))
