"""Descriptions in whole sentences: what they name, stretch by stretch.

"HepG2 cells treated with dexamethasone 100 nM for 24h" names a cell line, a compound, a dose and a time. Each is a
proposal of its own; none is more than likely.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from synthome.ontology import Match, Ontology, TermIndex
from synthome.ontology.names import fold, singular, squash
from synthome.query.sheet.findings import Candidate, Reading
from synthome.query.sheet.plain_values import doses_in, read_plain, times_in
from synthome.query.sheet.term_cells import MOST_CANDIDATES, candidate_of, method_in
from synthome.query.vocabulary import KEY_OF_ONTOLOGY

__all__ = ["Named", "amounts_named", "terms_named", "without_numbering"]

_SEARCHED: tuple[Ontology, ...] = ("CVCL", "CHEBI", "UBERON", "MONDO", "CL")
_MOST_MATCHES = 40
_LIKELY, _UNSURE = 0.6, 0.3
_CONTROL = re.compile(r"\b(?:untreated|vehicle|mock|DMSO|unstimulated|control)\b", re.IGNORECASE)
_TREATED = re.compile(r"\b(?:treat|stimulat|expos|incubat|infect|administ|challeng)\w*", re.IGNORECASE)
_INFECTED = re.compile(r"\b(?:infect|inocul)\w*|\bMOI\b", re.IGNORECASE)
_SEX = re.compile(r"\b(?:fe)?males?\b|\b(?:wo)?m[ae]n\b", re.IGNORECASE)
_NUMBERING = re.compile(
    r"\b(?:(?:biological|technical)?[ _-]*rep(?:licate)?|donor|patient|subject|batch|sample|lane|run|exp(?:eriment)?)"
    r"[ _.#-]*\d+\b",
    re.IGNORECASE,
)
_MOST_WORDS = 8
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Named:
    """A stretch of a description, the key that it says something of, and what it may mean."""

    key: str
    stretch: str
    reading: Reading


def without_numbering(text: str) -> str:
    """A description without its amounts and numbers of replicates, which name nothing: alike for many samples.

    >>> without_numbering("HepG2 cells, DMSO 24h, rep 2")
    'HepG2 cells, DMSO ; , ;'
    """
    for amount in (*doses_in(text), *times_in(text)):
        text = text.replace(amount, " ; ")
    return " ".join(_NUMBERING.sub(" ; ", text).split())


def amounts_named(text: str) -> list[Named]:
    """The dose and the time that a description gives."""
    named = []
    for key, stretches in (("perturbation_dose", doses_in(text)), ("perturbation_time", times_in(text))):
        candidates = [c for stretch in stretches for c in read_plain(key, stretch).candidates]
        if candidates:
            several = len({candidate.label for candidate in candidates}) > 1
            named.append(_named(key, stretches[0], candidates, doubtful=several))
    return named


def terms_named(index: TermIndex, text: str) -> list[Named]:
    """The terms that a description :func:`without_numbering` names, its sex, and that it is a control."""
    named = _terms(index, text)
    sexes = {found.casefold() for found in _SEX.findall(text)}
    if len(sexes) == 1:
        word = next(iter(sexes))
        named.append(_named("sex", word, list(read_plain("sex", word).candidates), doubtful=False))
    control = _CONTROL.search(text)
    if control is not None and all(one.key != "perturbation_ontology_id" for one in named):
        candidate = Candidate({"perturbation_type": "control"}, "control")
        named.append(_named("perturbation_type", control.group(), [candidate], doubtful=True))
    return [one for one in named if one.reading.candidates]


def _named(key: str, stretch: str, candidates: list[Candidate], *, doubtful: bool) -> Named:
    distinct = tuple({candidate.label: candidate for candidate in candidates}.values())
    reason = "in a description, in passing" if doubtful else "in a description"
    return Named(key, stretch, Reading(distinct[:MOST_CANDIDATES], _UNSURE if doubtful else _LIKELY, reason))


def _terms(index: TermIndex, text: str) -> list[Named]:
    matches = index.search(text, _SEARCHED, _MOST_MATCHES)
    bare, method = method_in(text)
    if method is not None:
        matches += index.search(bare, ["ENSEMBL"], 5)
    if _INFECTED.search(text) is not None:
        matches += index.search(text, ["NCBITaxon"], 5)
    words, bare_words = text.split(), bare.split()
    found: dict[str, list[tuple[Match, str]]] = {}
    for match in matches:
        written = _as_written(bare_words if match.term.ontology == "ENSEMBL" else words, match.matched)
        if written is not None or match.kind == "id":
            found.setdefault(KEY_OF_ONTOLOGY[match.term.ontology], []).append((match, written or match.term.id))
    stretches = [written for both in found.values() for _, written in both[:1]]
    named = []
    for key, both in found.items():
        match, written = both[0]
        within = any(written != other and f" {fold(written)} " in f" {fold(other)} " for other in stretches)
        candidates = [candidate_of(key, match) for match, _ in both]
        if method and match.term.ontology == "ENSEMBL":
            candidates = [candidate.also(perturbation_type=method) for candidate in candidates]
        doubtful = within or not _looks_like_a_name(match, written)
        if stretches.count(written) > 1:  # LPS is a compound and, elsewhere, short for a tumour
            doubtful = key != "perturbation_ontology_id" or _TREATED.search(text) is None
        named.append(_named(key, written, candidates, doubtful=doubtful))
    return named


def _as_written(words: list[str], name: str) -> str | None:
    """The stretch of words that is that name, as it is written; ``None`` where it is spelled too differently."""
    key = squash(singular(fold(name)))
    for count in range(1, min(_MOST_WORDS, len(words)) + 1):
        for start in range(len(words) - count + 1):
            stretch = " ".join(words[start : start + count])
            if ";" not in stretch and squash(singular(fold(stretch))) == key:
                return stretch.strip(" ,.:()")
    return None


def _looks_like_a_name(match: Match, written: str) -> bool:
    """Whether a stretch is written as a name is: lines and genes are called like words, but not in lower case."""
    if match.kind == "id":
        return True
    if match.term.ontology in ("CVCL", "ENSEMBL"):
        return any(c.isdigit() or c.isupper() for c in written[1:])
    return len(squash(fold(written))) >= _SHORTEST
