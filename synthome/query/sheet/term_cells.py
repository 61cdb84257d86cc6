"""Cells that name terms: a tissue, a disease, a line, a compound, a gene; and those that say there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from synthome.ontology import Match, Ontology, TermIndex, normalise_id
from synthome.ontology.names import fold, singular, squash
from synthome.query.sheet.findings import Candidate, Reading
from synthome.query.sheet.plain_values import doses_in, times_in
from synthome.query.values import value_fault
from synthome.query.vocabulary import KEYS, perturbation_ontologies

__all__ = ["MOST_CANDIDATES", "candidate_of", "method_in", "read_perturbation", "read_term"]

MOST_CANDIDATES = 5
_PERTURBATION, _TYPE = "perturbation_ontology_id", "perturbation_type"
_TYPE_OF: dict[Ontology, str] = {"CHEBI": "compound", "NCBITaxon": "infection"}
"""Types that go without saying; what was done to a gene has to be said."""
_SHORT = 3
"""Letters of a name that many things share."""

_MATERIAL = ("tissue_ontology_id", "cell_line_ontology_id", "cell_type_ontology_id")
"""Keys that people mix up in one column."""

_HEALTHY = frozenset(
    {"healthy", "normal", "control", "controls", "ctrl", "ctl", "none", "no", "unaffected", "non diseased"}
    | {"nondiseased", "healthy control", "healthy controls", "healthy donor", "healthy donors"}
    | {"healthy volunteer", "disease free", "no disease", "non disease", "normal control", "health", "hc", "hd"}
    | {"reference", "wild type", "wildtype", "wt", "normal tissue", "healthy tissue", "adjacent normal"}
    | {"non tumor", "nontumor", "healthy individual", "pato 0000461", "healthy subject", "non demented control"}
    | {"0", "false", "negative"}
)
"""Words of a disease column, folded, that say there is none."""
_UNTREATED = frozenset(
    {"control", "controls", "ctrl", "ctl", "untreated", "vehicle", "veh", "mock", "none", "no"}
    | {"no treatment", "nt", "ut", "unstimulated", "not treated", "non treated", "nontreated", "baseline"}
    | {"medium", "media", "vehicle control", "negative control", "untreated control", "mock infected"}
    | {"uninfected", "unexposed", "placebo", "scramble", "scrambled", "non targeting", "nontargeting"}
    | {"non targeting control", "sicontrol", "sictrl", "sictl", "shcontrol", "shctrl", "sgcontrol", "sgctrl"}
    | {"si control", "sh control", "siscramble", "shscramble", "shscr", "siscr", "sint", "sgnt", "shluc"}
    | {"siluc", "shgfp", "empty vector", "ev", "wild type", "wildtype", "wt", "parental", "luciferase"}
    | {"saline", "0", "resting", "naive", "solvent", "control vehicle", "sgnon targeting", "scr"}
)
"""Words of a treatment column, folded, that say it is a control."""
_VEHICLES = frozenset({"dmso", "pbs", "ethanol", "etoh", "water", "methanol", "h2o", "dimethyl sulfoxide"})
"""What compounds are dissolved in: a control as a rule, a treatment at times."""

_SAY_LITTLE = frozenset(
    {"adult", "biopsy", "cell", "culture", "cultured", "derived", "donor", "fresh", "from", "frozen"}
    | {"healthy", "human", "line", "normal", "of", "patient", "primary", "sample", "specimen", "the", "tissue"}
    | {"whole", "total", "control"}
)
"""Words, without plural endings, that change nothing about what else is named."""

_METHODS = (
    ("sirna", re.compile(r"\bsi[- ]?rnas?\b|\bsi(?=[A-Z][A-Z0-9])")),
    ("shrna", re.compile(r"\bsh[- ]?rnas?\b|\bsh(?=[A-Z][A-Z0-9])")),
    ("crispr", re.compile(r"\bsg[- ]?rnas?\b|\bsg(?=[A-Z][A-Z0-9])|\b(?i:crispr)(?:[- ]?[Cc]as9|i|a)?\b")),
    ("crispr", re.compile(r"\b(?i:knock[- ]?outs?)\b|\bKO\b")),
    ("overexpression", re.compile(r"\b(?i:over[- ]?express(?:ion|ing|ed))\b|\bOE\b|\bORF\b")),
    ("", re.compile(r"\b(?i:knock[- ]?downs?)\b|\bKD\b|-/-|[+]/-")),
)  # fmt: skip
"""How a gene was changed, as people write it beside the gene; empty where that leaves several types."""
_SEVERAL = re.compile(r"\S\s*(?:\+|&|\band\b)\s*\S|\S\s*/\s+\S")
_POSITIVE = re.compile(r"(?<=\w)\+(?=\s|$|,)")
_PARTS = re.compile(r"\s+[-\u2013\u2014]\s+|,\s+")


def candidate_of(key: str, match: Match) -> Candidate:
    """The candidate that sets ``key`` to the term of ``match``."""
    term = match.term
    candidate = Candidate({key: term.id}, term.label, term.id, "" if match.matched == term.label else match.matched)
    implied = _TYPE_OF.get(term.ontology) if key == _PERTURBATION else None
    return candidate.also(**{_TYPE: implied}) if implied is not None else candidate


def read_term(index: TermIndex, key: str, text: str) -> Reading:
    """What ``text`` means in a column of ``key``, one whose values are terms, or may be.

    Where the key takes words too, the text as it stands is a candidate; it is proposed unless one term is sure.
    """
    if key == "disease_ontology_id" and fold(text) in _HEALTHY:
        return Reading((Candidate({}, "no disease"),), 0.8, "usually says that there is no disease")
    reading = _search(index, key, text, KEYS[key].ontologies)
    if key in _MATERIAL and reading.level in ("none", "unsure"):
        return _other_material(index, key, text, reading)
    if KEYS[key].ontology is not None or reading.level == "sure":
        return reading
    words = " ".join(text.split())
    if value_fault(key, words) is not None:
        return reading
    typed = Candidate({key: words}, words)
    reason = "kept as it is written; a term may fit better" if reading.candidates else "kept as it is written"
    return Reading((typed, *reading.candidates), 0.6 if reading.candidates else 0.9, reason)


def _other_material(index: TermIndex, key: str, text: str, reading: Reading) -> Reading:
    """A line in a column of tissues, cells in a column of lines: what it is elsewhere, if it is called so there."""
    for other in _MATERIAL:
        if other != key:
            elsewhere = _search(index, other, text, KEYS[other].ontologies)
            if elsewhere.level == "sure" or elsewhere.reason.startswith("its name within"):
                label = KEYS[other].label.lower()
                reason = f"a {label}, not a {KEYS[key].label.lower()}"
                return Reading((elsewhere.candidates[0], *reading.candidates)[:MOST_CANDIDATES], 0.6, reason)
    return reading


def read_perturbation(index: TermIndex, text: str, perturbation_type: str | None = None) -> Reading:
    """What a sample was treated with, of a perturbation column; the type given beside it says where to look."""
    folded = fold(text)
    if folded in _UNTREATED or (folded in _VEHICLES and perturbation_type != "compound"):
        return _control(index, text, folded)
    if perturbation_type == "control":
        return Reading((_untreated(), Candidate({}, "nothing")), 0.8, "the type beside it says control")
    ontologies = perturbation_ontologies(perturbation_type)
    bare, method = method_in(text)
    if method is not None and perturbation_type is None and fold(bare) not in _UNTREATED:
        ontologies = perturbation_ontologies("crispr")
    elif method is not None and fold(bare) in _UNTREATED:
        return Reading((_untreated(),), 0.8, "a control of the same kind")
    for amount in (*doses_in(bare), *times_in(bare)):
        bare = bare.replace(amount, " ")
    bare = re.sub(r"(?:\b(?:for|at|of|with|treated|treatment)\b[\s,;@(]*)+$|[\s,;@(]+$", "", bare.strip())
    if not fold(bare):
        return Reading(reason="no name of a compound, gene or organism")
    reading = _search(index, _PERTURBATION, bare, ontologies)
    if method:
        reading = replace(reading, candidates=tuple(_done_by(method, c) for c in reading.candidates))
    if fold(bare) != folded:
        reading = reading.at_most(0.75, "the name within a longer text")
    if _SEVERAL.search(bare) and reading.level != "sure":
        reading = reading.at_most(0.3, "may name several; a condition holds one")
    if bare.strip().isdigit() and perturbation_type != "infection":
        reading = reading.at_most(0.3, "a bare number; the id of an organism?")
    return reading


def method_in(text: str) -> tuple[str, str | None]:
    """A text without the words for how a gene was changed, and the type they say: empty if several, else ``None``.

    >>> method_in("siTP53"), method_in("MYC knockdown"), method_in("dexamethasone")
    (('TP53', 'sirna'), ('MYC', ''), ('dexamethasone', None))
    """
    found: str | None = None
    for method, pattern in _METHODS:
        without = pattern.sub(" ", text)
        if without != text:
            found = found or method
            text = re.sub(r"\b(?:of|against|targeting|for|by|using)\b", " ", without)
    return " ".join(text.split()), found


def _done_by(method: str, candidate: Candidate) -> Candidate:
    return replace(candidate, values={**candidate.values, _TYPE: method})


def _untreated() -> Candidate:
    return Candidate({_TYPE: "control"}, "control")


def _control(index: TermIndex, text: str, folded: str) -> Reading:
    compounds: tuple[Candidate, ...] = ()
    if folded in _VEHICLES:
        found = index.search(text, ["CHEBI"], MOST_CANDIDATES)
        compounds = tuple(candidate_of(_PERTURBATION, m) for m in found if m.kind in ("label", "synonym"))
    candidates = (_untreated(), *compounds, Candidate({}, "nothing"))
    return Reading(candidates, 0.8, "usually says that the sample is a control")


# Searching ----------------------------------------------------------------------------------------------------------


def _search(index: TermIndex, key: str, text: str, ontologies: tuple[Ontology, ...]) -> Reading:
    """The best reading of a text in any of the ways in which it may be spelled."""
    best = Reading(reason="nothing is called so")
    for spelling in _spellings(text):
        matches = index.search(spelling, ontologies, MOST_CANDIDATES)
        reading = _judged(key, spelling, matches)
        if spelling != text:
            reading = reading.at_most(0.75, f"read as “{spelling}”")
        if reading.confidence > best.confidence:
            best = reading
        if best.level in ("sure", "likely"):
            break
    return best


def _spellings(text: str) -> Iterator[str]:
    """The text; with "+" in words (CD4+); with its parts the other way round (Artery - Tibial)."""
    yield text
    positive = _POSITIVE.sub("-positive", text)
    if positive != text:
        yield positive
    parts = [part for part in _PARTS.split(text) if part.strip()]
    if len(parts) == 2:
        yield f"{parts[1]} {parts[0]}"


def _judged(key: str, text: str, matches: list[Match]) -> Reading:
    """Candidates with the confidence that the way of matching earns."""
    if not matches:
        return Reading(reason="nothing is called so")
    if matches[0].kind in ("token", "fuzzy"):
        matches = sorted(matches, key=lambda match: -_share(text, match.matched))
    confidence, reason = _confidence(text, matches)
    return Reading(tuple(candidate_of(key, match) for match in matches), confidence, reason)


def _confidence(text: str, matches: list[Match]) -> tuple[float, str]:
    best = matches[0]
    if best.kind == "id":
        current = normalise_id(text) == best.term.id
        return (1.0, "its id") if current else (0.8, "an id that stands for this term today")
    if best.kind in ("label", "synonym"):
        return _exactly(text, matches)
    if best.kind == "prefix":
        share = _letters(text) / max(_letters(best.matched), 1)
        alone = sum(match.kind == "prefix" for match in matches) == 1
        return (0.65, "the beginning of its name") if share >= 0.5 or alone else (0.3, "the beginning of longer names")
    share = _share(text, best.matched)
    if share >= 0.5:
        return 0.7, "its name within a longer text"
    if best.kind == "span" or share > 0:
        return 0.3, "a name within a much longer text"
    if best.kind == "token":
        return 0.4, "its words begin words of the name"
    return 0.25, "spelled alike"


def _exactly(text: str, matches: list[Match]) -> tuple[float, str]:
    best = matches[0]
    named = [match for match in matches if match.kind in ("label", "synonym")]
    key = squash(fold(text))
    same = [match for match in named if squash(fold(match.matched)) == key] or named
    if len(same) > 1:
        return 0.75, f"{len(same)} terms are called so"
    if best.kind == "label":
        return 0.99, "its name"
    scope = next((s.scope for s in best.term.synonyms if s.text == best.matched), "EXACT")
    if scope != "EXACT":
        return 0.7, "a related name of it"
    if best.term.ontology != "ENSEMBL" and len(key) <= _SHORT:
        return 0.8, "an abbreviation of it"
    return 0.95, "another name of it"


def _share(text: str, name: str) -> float:
    """How much of what a text says is that whole name, 0 to 1; 0 where it does not hold the name."""
    words = singular(fold(text)).split()
    key = squash(singular(fold(name)))
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            if "".join(words[start:end]) == key:
                rest = [word for word in words[:start] + words[end:] if word not in _SAY_LITTLE]
                return len(key) / (len(key) + len("".join(rest)))
    return 0.0


def _letters(text: str) -> int:
    """Letters of a text without spaces and plural endings."""
    return len(squash(singular(fold(text))))
