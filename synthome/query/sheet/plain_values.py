"""Cells that are no terms: choices, ages, doses, times, numbers of samples, free words."""

from __future__ import annotations

import re
from collections.abc import Callable

from synthome.query.sheet.findings import COUNT, Candidate, Reading
from synthome.query.units import suggest_dose, suggest_time
from synthome.query.values import MAX_AGE, closest, value_fault
from synthome.query.vocabulary import KEYS
from synthome.settings import settings

__all__ = ["NOT_GIVEN", "doses_in", "read_plain", "times_in"]

NOT_GIVEN = frozenset(
    {
        "",
        "-",
        "--",
        "\u2013",
        "\u2014",
        ".",
        "?",
        "/",
        "na",
        "n/a",
        "n.a.",
        "n.a",
        "nan",
        "null",
        "nil",
        "#n/a",
        "unknown",
        "unk",
    }
    | {"missing", "not available", "not applicable", "not collected", "not provided", "not recorded", "not reported"}
    | {"not determined", "nd", "n.d.", "tbd", "restricted access", "not specified", "unspecified"}
)
"""What people write where they have nothing to say, in lower case."""

_SEXES = {
    **dict.fromkeys(("f", "female", "females", "woman", "women", "girl", "w", "weiblich", "fem", "xx"), "female"),
    **dict.fromkeys(("m", "male", "males", "man", "men", "boy", "männlich", "xy"), "male"),
}
_CHOICES: dict[str, dict[str, str]] = {
    "sex": _SEXES,
    "sample_type": {
        **dict.fromkeys(("tissue", "biopsy", "surgical specimen", "resection", "tumor", "tumour"), "primary tissue"),
        **dict.fromkeys(("tissue sample", "fresh tissue", "frozen tissue", "whole tissue"), "primary tissue"),
        **dict.fromkeys(
            ("cells", "primary cell", "primary cell culture", "sorted cells", "blood cells"), "primary cells"
        ),
        **dict.fromkeys(
            ("line", "cultured cell line", "immortalized cell line", "immortalised cell line"), "cell line"
        ),
        **dict.fromkeys(("cell lines", "cancer cell line"), "cell line"),
        **dict.fromkeys(("organoids", "spheroid"), "organoid"),
        **dict.fromkeys(("pdx", "xenografts", "patient-derived xenograft", "cdx"), "xenograft"),
    },
    "perturbation_type": {
        **dict.fromkeys(("drug", "small molecule", "chemical", "trt_cp", "compounds", "chemical compound"), "compound"),
        **dict.fromkeys(
            ("vehicle", "untreated", "mock", "none", "dmso", "ctl_vehicle", "ctrl", "no treatment"), "control"
        ),
        **dict.fromkeys(("knockout", "knock-out", "ko", "crispr ko", "crispr-cas9", "crispri", "crispra"), "crispr"),
        **dict.fromkeys(("oe", "over-expression", "over expression", "trt_oe", "orf"), "overexpression"),
        **dict.fromkeys(("virus", "bacteria", "infected", "pathogen", "viral infection"), "infection"),
        **dict.fromkeys(("cytokine", "ligand", "peptide", "biologic", "growth factor"), "peptide or biologic"),
        **dict.fromkeys(("antibody", "hormone", "protein", "trt_lig"), "peptide or biologic"),
        **dict.fromkeys(("co-culture", "coculture"), "coculture"),
        **dict.fromkeys(("trt_sh", "sh"), "shrna"),
        **dict.fromkeys(("si", "rnai"), "sirna"),
    },
    "library_layout": {
        **dict.fromkeys(("paired", "pe", "paired-end", "paired end", "2"), "PAIRED"),
        **dict.fromkeys(("single", "se", "single-end", "single end", "1"), "SINGLE"),
    },
    "library_selection": {},
    "platform": dict.fromkeys(("illumina", "hiseq", "novaseq", "nextseq", "miseq"), "illumina"),
}
_SEVERAL: dict[tuple[str, str], tuple[str, ...]] = {
    ("perturbation_type", "knockdown"): ("shrna", "sirna"),
    ("perturbation_type", "knock-down"): ("shrna", "sirna"),
    ("perturbation_type", "kd"): ("shrna", "sirna"),
    ("sex", "1"): ("male", "female"),
    ("sex", "2"): ("female", "male"),
    ("sex", "0"): ("male", "female"),
}
"""Words that mean different things in different laboratories."""


def read_plain(key: str, text: str, unit: str = "") -> Reading:
    """What ``text`` means under ``key``, one without terms; ``unit`` is the header's, for bare numbers.

    >>> read_plain("sex", "F").proposed.values["sex"], read_plain("perturbation_dose", "10uM").proposed.label
    ('female', '10 um')
    >>> read_plain("age_years", "6 months").proposed.label, read_plain("age_years", "old").level
    ('0.5', 'none')
    """
    special = _SPECIAL.get(key)
    if special is not None:
        return special(text, unit)
    if KEYS[key].choices:
        return _choice(key, text)
    return _words(key, text)


def _reading(key: str, values: tuple[str, ...], confidence: float, reason: str) -> Reading:
    """Candidates of those values, as far as the contract allows them."""
    fitting = [value for value in dict.fromkeys(values) if key == COUNT or value_fault(key, value) is None]
    return Reading(tuple(Candidate({key: value}, value) for value in fitting), confidence, reason)


def _choice(key: str, text: str) -> Reading:
    word = text.strip().casefold()
    choices = KEYS[key].choices
    if (key, word) in _SEVERAL:
        return _reading(key, _SEVERAL[key, word], 0.3, "people mean different things by it")
    exact = next((choice for choice in choices if choice.casefold() == word), None)
    if exact is not None:
        return _reading(key, (text if text in choices else exact,), 1.0, "as the contract spells it")
    if word in _CHOICES[key]:
        return _reading(key, (_CHOICES[key][word],), 0.95, "another word for it")
    if key == "platform":
        named = next((choice for name, choice in _CHOICES[key].items() if name in word), None)
        if named is not None:
            return _reading(key, (named,), 0.95, "the maker of that sequencer")
    near = closest(text, choices)
    others = tuple(choice for choice in choices if choice != near)[:8]
    if near is None:
        return _reading(key, others, 0.0, f"none of the {len(choices)} values that {KEYS[key].label.lower()} may have")
    sure = 0.7 if len(word) > 2 else 0.3
    return _reading(key, (near, *others), sure, "spelled alike")


# Ages ---------------------------------------------------------------------------------------------------------------

_NUMBER = r"\d{1,3}(?:[.,]\d{1,3})?"
_YEARS = {"years": 1.0, "months": 1 / 12, "weeks": 7 / 365.25, "days": 1 / 365.25, "hours": 1 / 8766}
_AGE_UNITS = (
    ("years", re.compile(r"y\.?(?:ears?|rs?|o)?\.?(?: ?-?old)?|years?[ -]old|jahre?|a", re.IGNORECASE)),
    ("months", re.compile(r"m(?:o|os|on|onths?|ths?)?\.?(?: ?-?old)?", re.IGNORECASE)),
    ("weeks", re.compile(r"w(?:k|ks|eeks?)?\.?(?: ?-?old)?", re.IGNORECASE)),
    ("days", re.compile(r"d(?:ays?)?\.?(?: ?-?old)?", re.IGNORECASE)),
    ("hours", re.compile(r"h(?:rs?|ours?)?", re.IGNORECASE)),
)
_AGE = re.compile(rf"(?P<number>{_NUMBER})\s*-?(?P<unit>[^\d]*)")
_AGE_RANGE = re.compile(rf"(?P<low>{_NUMBER})\s*(?:-|\u2013|\u2014|to)\s*(?P<high>{_NUMBER})\s*(?P<unit>[^\d]*)")
_AGE_BOUND = re.compile(rf"(?:[<>≥≤]=?|over|under|about|ca\.?|~)\s*(?P<number>{_NUMBER})\s*(?P<unit>[^\d+]*)|"
                        rf"(?P<more>{_NUMBER})\s*(?P<unit2>[^\d+]*)\+")  # fmt: skip


def _age_unit(unit: str) -> str | None:
    unit = " ".join(unit.split())
    return next((name for name, pattern in _AGE_UNITS if pattern.fullmatch(unit)), None)


def _age(text: str, unit: str) -> Reading:
    text = re.sub(r"\s+", " ", text.strip())
    ranged = _AGE_RANGE.fullmatch(text)
    if ranged is not None:
        low, high = _figure(ranged["low"]), _figure(ranged["high"])
        name = _age_unit(ranged["unit"] or unit or "years")
        if name is None or low > high:
            return Reading(reason="no age that can be told in years")
        years = [_years(number, name) for number in ((low + high) / 2, low, high)]
        return _reading("age_years", tuple(years), 0.6, f"the middle of {low:g} to {high:g} {name}")
    found = _AGE.fullmatch(text)
    if found is not None:
        return _single_age(_figure(found["number"]), found["unit"].strip(), unit)
    bound = _AGE_BOUND.fullmatch(text)
    if bound is not None:
        name = _age_unit(bound["unit"] or bound["unit2"] or unit or "years")
        if name is not None:
            number = _figure(bound["number"] or bound["more"])
            return _reading("age_years", (_years(number, name),), 0.3, "a bound, not an age")
    return Reading(reason="no age that can be told in years")


def _single_age(number: float, written: str, unit: str) -> Reading:
    name = _age_unit(written or unit or "years")
    if name is None:
        return Reading(reason=f"no age in years: “{written or unit}” is no unit of age")
    years = _years(number, name)
    if value_fault("age_years", years) is not None:
        return Reading(reason=f"no age: 0 to {MAX_AGE} years are")
    if name != "years":
        return _reading("age_years", (years,), 0.92, f"{number:g} {name} in years")
    if not written and not unit:
        return _reading("age_years", (years,), 0.95, "a number, taken for years")
    return _reading("age_years", (years,), 1.0, "a number of years")


def _years(number: float, unit: str) -> str:
    return f"{round(number * _YEARS[unit], 3):g}"


def _figure(text: str) -> float:
    return float(text.replace(",", "."))


# Doses and times ----------------------------------------------------------------------------------------------------

_BARE = re.compile(r"\d+(?:[.,]\d+)?(?:e[+-]?\d{1,2})?", re.IGNORECASE)
_THOUSANDS = re.compile(r"(\d{1,3}),(\d{3})(\s*\D.*)")
_DOSE_IN = re.compile(
    r"(?<![\w.,])\d+(?:[.,]\d+)?\s*"
    r"(?:[fpnumµμ]?M|[pnuµμm]g\s*/\s*m[lL]|[uµμm]?g\s*/\s*kg|I?U\s*/\s*m[lL]|%|Gy|MOI)(?![\w/])"
    r"|\bMOI\s*(?:of|=|:)?\s*\d+(?:[.,]\d+)?(?!\w)"
)
_MOI = re.compile(r"moi\s*(?:of|=|:)?\s*(\d+(?:[.,]\d+)?)", re.IGNORECASE)
_TIME_UNIT = r"(?:h|hr|hrs|hours?|hpi|min|mins|minutes?|d|days?|dpi|wks?|weeks?|months?)"
_TIME_IN = re.compile(rf"(?<![\w.,])\d+(?:[.,]\d+)?\s*-?\s*{_TIME_UNIT}(?!\w)", re.IGNORECASE)
_ORDINAL_TIME = re.compile(r"(?P<unit>d|day|h|hr|hour|wk|week|month|t)\s*[-_]?(?P<number>\d+(?:\.\d+)?)", re.IGNORECASE)
_AFTER = re.compile(
    r"(?P<time>.*?\S)\s*(?:-\s*)?(?:pi|p\.i\.|post[ -].*|after .*|of treatment|treatment|treated|exposure|stim\w*)",
    re.IGNORECASE,
)


def doses_in(text: str) -> list[str]:
    """Stretches of a text that are doses, as written.

    >>> doses_in("dexamethasone 100 nM for 24h"), times_in("dexamethasone 100 nM for 24h")
    (['100 nM'], ['24h'])
    """
    return [found.group() for found in _DOSE_IN.finditer(text)]


def times_in(text: str) -> list[str]:
    """Stretches of a text that are times, as written."""
    return [found.group() for found in _TIME_IN.finditer(text)]


def _dose(text: str, unit: str) -> Reading:
    key = "perturbation_dose"
    thousands = _THOUSANDS.fullmatch(text.strip() if not unit or not _BARE.fullmatch(text) else f"{text} {unit}")
    if thousands is not None:
        whole, rest, after = thousands.groups()
        readings = tuple(filter(None, (suggest_dose(f"{whole}{rest}{after}"), suggest_dose(f"{whole}.{rest}{after}"))))
        return _reading(key, readings, 0.3, "the comma may part thousands or decimals")
    moi = _MOI.fullmatch(text.strip())
    return _quantity(key, f"{moi.group(1)} moi" if moi else text, unit, suggest_dose, "dose (uM)")


def _time(text: str, unit: str) -> Reading:
    key = "perturbation_time"
    plain = re.sub(r"(?<=\d)\s*-\s*(?=[a-z])", " ", text.strip(), flags=re.IGNORECASE)
    plain = re.sub(r"(?<=\d)\s*(h|d)pi$", r"\1", plain, flags=re.IGNORECASE)
    ordinal = _ORDINAL_TIME.fullmatch(plain)
    if ordinal is not None:
        certain = ordinal["unit"].casefold() != "t" or bool(unit)
        as_unit = ordinal["unit"] if ordinal["unit"].casefold() != "t" else unit or "hours"
        spelled = suggest_time(f"{ordinal['number']} {as_unit}")
        if spelled is not None:
            return _reading(key, (spelled,), 0.8 if certain else 0.3, "a point in time, taken for that long")
    after = _AFTER.fullmatch(plain)
    if after is not None and suggest_time(after["time"]) is not None:
        plain = after["time"]
    return _quantity(key, plain, unit, suggest_time, "time (h)")


def _quantity(key: str, text: str, unit: str, spell: Callable[[str], str | None], header: str) -> Reading:
    if value_fault(key, text) is None:
        return _reading(key, (text,), 1.0, "a number and a unit")
    spelled = spell(text)
    if spelled is not None:
        return _reading(key, (spelled,), 0.97, "a number and a unit")
    if _BARE.fullmatch(text.strip()):
        spelled = spell(f"{text} {unit}") if unit else None
        if spelled is not None:
            return _reading(key, (spelled,), 0.95, f"in {unit}, as the header says")
        return Reading(reason=f"a number without a unit; name it in the header, as in “{header}”")
    return Reading(reason=f"no number with a unit that {KEYS[key].label.lower()} may have")


# Numbers of samples, free words -------------------------------------------------------------------------------------

_COUNT = re.compile(r"(?:n\s*=\s*)?(\d{1,9})(?:[.,]0+)?(?:\s*(?:x|samples?|replicates?|reps?))?", re.IGNORECASE)


def _count(text: str, _: str) -> Reading:
    found = _COUNT.fullmatch(text.strip())
    most = settings().max_samples
    if found is None or not 1 <= int(found.group(1)) <= most:
        return Reading(reason=f"no whole number from 1 to {most:,}; the row counts as one sample")
    return _reading(COUNT, (str(int(found.group(1))),), 1.0, "a whole number")


def _study(text: str, _: str) -> Reading:
    if value_fault("study", text) is None:
        return _reading("study", (text,), 1.0, "a BioProject")
    fault = value_fault("study", text)
    near = fault.suggestion if fault is not None else None
    if near is not None:
        return _reading("study", (near,), 0.95, "a BioProject")
    return Reading(reason="no BioProject id such as PRJNA123456")


def _words(key: str, text: str) -> Reading:
    fault = value_fault(key, text)
    value = text if fault is None else fault.suggestion
    if value is None:
        return Reading(reason=fault.allowed if fault is not None else "")
    return _reading(key, (value,), 0.95, "kept as it is written")


_SPECIAL: dict[str, Callable[[str, str], Reading]] = {
    "age_years": _age,
    "perturbation_dose": _dose,
    "perturbation_time": _time,
    COUNT: _count,
    "study": _study,
}
