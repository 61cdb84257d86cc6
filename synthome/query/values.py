"""What each metadata key accepts, and how a wrong value is told: key, value, what is allowed, what was meant."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from synthome.errors import FieldError
from synthome.ontology.terms import normalise_id
from synthome.query import units
from synthome.query.vocabulary import KEYS, KeySpec

__all__ = ["MAX_AGE", "MAX_TEXT", "closest", "refusal", "shown", "spelled", "value_fault"]

MAX_TEXT = 200
"""Most characters of a free-text value."""
MAX_AGE = 120
"""Largest age in years."""
_SHOWN = 60
"""Most characters of a wrong value that a message repeats."""


def closest(value: str, allowed: tuple[str, ...]) -> str | None:
    """The allowed value that ``value`` most likely means, or ``None`` where none is near.

    >>> closest("femal", ("male", "female")), closest("elephant", ("male", "female"))
    ('female', None)
    """
    folded = value.strip().lower()
    by_folded: dict[str, str] = {}
    for choice in allowed:
        by_folded.setdefault(choice.lower(), choice)
    if folded in by_folded:
        return by_folded[folded]
    starts = [choice for low, choice in by_folded.items() if folded and low.startswith(folded)]
    if starts:
        return starts[0]
    if len(folded) > _SHOWN:
        return None
    best = process.extractOne(
        folded, list(by_folded), scorer=OSA.normalized_similarity, processor=None, score_cutoff=0.6
    )
    return by_folded[best[0]] if best else None


def shown(value: object) -> str:
    """``value`` on one line, as a message repeats it; cut where it is long."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    text = " ".join(text.encode("utf-8", "backslashreplace").decode().split())  # JSON may hold lone surrogates
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text):,} characters)"


def refusal(key: str, value: object, allowed: str, suggestion: str | None = None) -> FieldError:
    """The fault that ``value`` is not among what is ``allowed`` for ``key``."""
    message = f"{key}: '{shown(value)}' is not allowed; {allowed}"
    if suggestion is not None:
        message += f"; did you mean {suggestion}?"
    return FieldError(key, key, shown(value), message, allowed, suggestion)


_Checked = tuple[bool, str, str | None]
"""Whether a value fits, what would, and the value that was likely meant."""


def _choice(spec: KeySpec, value: str) -> _Checked:
    allowed = " or ".join(spec.choices) if len(spec.choices) == 2 else ", ".join(spec.choices)
    return value in spec.choices, allowed, closest(value, spec.choices)


_TERM_FORMS: dict[str, re.Pattern[str]] = {
    "UBERON": re.compile(r"UBERON:[0-9]{7}"),
    "CL": re.compile(r"CL:[0-9]{7}"),
    "MONDO": re.compile(r"MONDO:[0-9]{7}"),
    "CVCL": re.compile(r"CVCL_[0-9A-Z]{4}"),
}
_TERM_NAMES = {"UBERON": "a UBERON id", "CL": "a CL id", "MONDO": "a MONDO id", "CVCL": "a Cellosaurus id"}


def _term(spec: KeySpec, value: str) -> _Checked:
    ontology = spec.ontology or ""
    form = _TERM_FORMS[ontology]
    normal = normalise_id(value)
    suggestion = normal if normal is not None and form.fullmatch(normal) else None
    return form.fullmatch(value) is not None, f"{_TERM_NAMES[ontology]} such as {spec.example}", suggestion


_PERTURBATION = re.compile(r"ENSG[0-9]{11}|CHEBI:[0-9]{1,7}|CHEMBL[0-9]{1,8}|[0-9]{1,8}")


def _perturbation(_: KeySpec, value: str) -> _Checked:
    squashed = re.sub(r"[\s_]", "", value).upper()
    candidates = (
        normalise_id(value),
        squashed,
        squashed.removeprefix("NCBITAXON:"),
        squashed.replace("CHEMBL:", "CHEMBL"),
    )
    suggestion = next((c for c in candidates if c is not None and _PERTURBATION.fullmatch(c)), None)
    allowed = (
        "an Ensembl gene (ENSG00000156127), a ChEBI id (CHEBI:16681), a ChEMBL id (CHEMBL1234567) "
        "or an NCBI Taxonomy id (9606)"
    )
    return _PERTURBATION.fullmatch(value) is not None, allowed, suggestion


def _dose(spec: KeySpec, value: str) -> _Checked:
    allowed = f"a number, a space and a unit, such as {spec.example}; units: {', '.join(units.DOSE_UNITS)}"
    return units.read_dose(value) is not None, allowed, units.suggest_dose(value)


def _time(spec: KeySpec, value: str) -> _Checked:
    allowed = f"a number, a space and a unit, such as {spec.example}; units: {', '.join(units.TIME_UNITS)}"
    return units.read_time(value) is not None, allowed, units.suggest_time(value)


_AGE = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")


def _age(_: KeySpec, value: str) -> _Checked:
    fits = _AGE.fullmatch(value) is not None and float(value) <= MAX_AGE
    number = re.match(r"\s*([0-9]{1,3}(?:\.[0-9]{1,3})?)\s*(?:y|yr|yrs|years?)?\s*$", value, re.IGNORECASE)
    suggestion = number.group(1) if number and float(number.group(1)) <= MAX_AGE else None
    return fits, f"a number of years from 0 to {MAX_AGE}", suggestion


_STUDY = re.compile(r"PRJ(?:NA|EB|DB)[0-9]{1,9}")


def _study(spec: KeySpec, value: str) -> _Checked:
    upper = re.sub(r"\s", "", value).upper()
    return (
        _STUDY.fullmatch(value) is not None,
        f"a BioProject id such as {spec.example}",
        upper if _STUDY.fullmatch(upper) else None,
    )


def _text(_: KeySpec, value: str) -> _Checked:
    fits = value == value.strip() and 0 < len(value) <= MAX_TEXT and value.isprintable()
    tidy = " ".join(value.split())
    suggestion = tidy if 0 < len(tidy) <= MAX_TEXT and tidy.isprintable() else None
    return fits, f"one line of text of 1 to {MAX_TEXT} characters", suggestion


_SPECIAL: dict[str, Callable[[KeySpec, str], _Checked]] = {
    "age_years": _age,
    "perturbation_ontology_id": _perturbation,
    "perturbation_dose": _dose,
    "perturbation_time": _time,
    "study": _study,
}


def _check(spec: KeySpec, value: str) -> _Checked:
    if spec.choices:
        return _choice(spec, value)
    if spec.ontology is not None:
        return _term(spec, value)
    return _SPECIAL.get(spec.name, _text)(spec, value)


def spelled(key: str, value: object) -> object:
    """``value`` as the contract spells it where it may be a number too: an age, or an organism's taxonomy id."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    if key == "age_years":
        return f"{value:g}"
    if key == "perturbation_ontology_id" and isinstance(value, int):
        return str(value)
    return value


def value_fault(key: str, value: object) -> FieldError | None:
    """What is wrong with ``value`` under the metadata key ``key``, or ``None`` where it fits.

    >>> print(value_fault("sex", "femal"))
    sex: 'femal' is not allowed; male or female; did you mean female?
    """
    spec = KEYS[key]
    if not isinstance(value, str):
        return refusal(key, value, f"text such as '{spec.example}'")
    fits, allowed, suggestion = _check(spec, value)
    return None if fits else refusal(key, value, allowed, suggestion)
