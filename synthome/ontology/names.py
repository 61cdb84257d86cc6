"""Names as they are compared: without case, accents, punctuation, Greek letters and English plurals.

The same folding is applied to the names of the index and to what is typed, so that ``HCT116`` meets ``HCT 116``,
``b cells`` meets ``B cell`` and ``17β-estradiol`` meets ``17beta-estradiol``. The index folds half a million names
when it is built, so every step takes whole lists of names and works on them as one text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["fold", "fold_all", "respelled", "singular", "singular_all", "squash"]

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
_TWO_GREEK = re.compile(r"([\u03b1-\u03c9])(?=[\u03b1-\u03c9])")
_SEPARATORS = {code: " " for code in range(128) if not chr(code).isalnum() and chr(code) != "\n"}
_POSSESSIVE = re.compile(r"'s\b")
_WORD = re.compile(r"[^\W_]+")
# Each looks back from a rare ending; a pattern that began with the word would try every word.
_IES = re.compile(r"ies\b(?<=[a-z]{2}ies)")
_ES = re.compile(r"es\b(?:(?<=uses)|(?<=sses)|(?<=ches)|(?<=shes)|(?<=xes))")
_PLURAL = re.compile(r"s\b(?<=[a-z]{2}[a-hj-rtv-z]s)")
_BRITISH = tuple(
    (re.compile(british), american)
    for british, american in (
        (r"[ao]e(?=[a-z])", "e"),
        (r"our(?=s?\b|ed\b|ing\b)", "or"),
        (r"is(?=(?:e|ed|es|ing|ation|ations)\b)", "iz"),
        (r"yse(?=d?\b)", "yze"),
        (r"([bt])re\b", r"\1er"),
        (r"sulph", "sulf"),
        (r"\bgrey\b", "gray"),
    )
)
"""Spellings of British English and their American twins, in which most ontologies write their labels. Some change words
that are no British English (coenzyme): they are tried where nothing is called as typed."""
_LATIN = tuple(
    (re.compile(plural), one)
    for plural, one in (
        (r"ae\b", "a"),
        (r"(?<=[a-z]{3})i\b", "us"),
        (r"(?<=[a-z]{3})a\b", "um"),
        (r"ices\b", "ex"),
        (r"(?<=[a-z]{2})ses\b", "sis"),
        (r"mata\b", "ma"),
        (r"(?<=[a-z]{3})ia\b", "ion"),
    )
)
_POSITIVE = re.compile(r"(?<=[a-zA-Z0-9])\+(?=[\s,;)/-]|$)")
_MANY_OF_A_LINE = re.compile(r"[0-9][a-z]?s$")
"""A name with a number and an s: several cultures of a line (``293Ts``)."""
_ADJECTIVES = {
    "adrenal": "adrenal gland", "aortic": "aorta", "bronchial": "bronchus", "cardiac": "heart", "cecal": "cecum",
    "cerebellar": "cerebellum", "cervical": "cervix", "colonic": "colon", "corneal": "cornea", "dermal": "skin",
    "duodenal": "duodenum", "endometrial": "endometrium", "esophageal": "esophagus", "gastric": "stomach",
    "hepatic": "liver", "hippocampal": "hippocampus", "hypothalamic": "hypothalamus", "ileal": "ileum",
    "intestinal": "intestine", "jejunal": "jejunum", "lingual": "tongue", "mammary": "breast", "muscular": "muscle",
    "myocardial": "myocardium", "nasal": "nose", "oral": "mouth", "ovarian": "ovary", "pancreatic": "pancreas",
    "placental": "placenta", "prostatic": "prostate", "pulmonary": "lung", "rectal": "rectum", "renal": "kidney",
    "retinal": "retina", "splenic": "spleen", "testicular": "testis", "thalamic": "thalamus", "thymic": "thymus",
    "tracheal": "trachea", "uterine": "uterus",
}  # fmt: skip
"""Adjectives of organs, which names have in one form and people type in the other."""
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6"}
_ARABIC = {arabic: roman for roman, arabic in _ROMAN.items()}


def fold(name: str) -> str:
    """The words of a name: lower case, no accents, no possessive s, Greek letters spelled out, single spaces.

    >>> fold("Sjögren's β-cell"), fold("NCI-H1975  (lung)"), fold("αβ T cell")
    ('sjogren beta cell', 'nci h1975 lung', 'alpha beta t cell')
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
    return _PLURAL.sub("", _ES.sub("", _IES.sub("y", "\n".join(folded)))).split("\n") if folded else []


def respelled(name: str) -> list[str]:
    """Other spellings of a name, folded, that may be the usual one: American, of one and not of many, nouns.

    Roman numbers are Arabic and Arabic Roman, a plus behind a marker is a word.

    >>> respelled("oesophageal tumour"), respelled("cervical vertebrae"), respelled("type II pneumocyte")
    (['esophageal tumor', 'esophagus tumor'], ['cervical vertebra', 'cervix vertebrae'], ['type 2 pneumocyte'])
    >>> respelled("CD8+ T cell"), respelled("K562s"), respelled("hepatic cancer")
    (['cd8 positive t cell'], ['k562'], ['liver cancer'])
    """
    folded = fold(name)
    american = fold(_POSITIVE.sub(" positive ", name))
    for british, spelling in _BRITISH:
        american = british.sub(spelling, american)
    found = {american: None}
    for plural, one in _LATIN:
        found[plural.sub(one, american)] = None
    if _MANY_OF_A_LINE.search(american):
        found[american[:-1]] = None
    words = american.split(" ")
    for place, word in enumerate(words[1:], 1):
        other = _ROMAN.get(word) or _ARABIC.get(word)
        if other is not None:
            found[" ".join([*words[:place], other, *words[place + 1 :]])] = None
    found[" ".join(_ADJECTIVES.get(word, word) for word in words)] = None
    found.pop(folded, None)
    return list(found)


def squash(folded: str) -> str:
    """A folded name run together: found however it is spaced or hyphenated.

    >>> squash(fold("HCT-116")) == squash(fold("hct 116"))
    True
    """
    return folded.replace(" ", "")


def _fold_any(name: str) -> str:
    """The same for a name with letters outside ASCII; those of other scripts than Greek stay as they are."""
    spaced = _TWO_GREEK.sub(r"\1 ", name.lower())
    decomposed = unicodedata.normalize("NFKD", spaced).translate(_SPELLED)
    letters = "".join([c for c in decomposed if not unicodedata.combining(c)]).lower()
    return " ".join(_WORD.findall(_POSSESSIVE.sub("", letters)))
