"""Doses and times: a number, one space, a unit, as the contract writes them ("10 um", "24 hours").

``read_dose`` and ``read_time`` accept the contract's spelling alone. ``suggest_dose`` and ``suggest_time`` understand
what people type ("10µM", "24h") and give the contract's spelling, for error messages and for the form.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal

__all__ = ["DOSE_UNITS", "TIME_UNITS", "Quantity", "read_dose", "read_time", "suggest_dose", "suggest_time"]

Dimension = Literal[
    "molar", "mass per volume", "mass per mass", "fraction", "activity per volume", "multiplicity", "radiation", "time"
]


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit; ``magnitude`` is the value in the base unit of its dimension.

    Base units: molar um, mass per volume ng/ml, mass per mass mg/kg, fraction %, activity u/ml, multiplicity moi,
    radiation gy, time hours.
    """

    value: float
    unit: str
    dimension: Dimension
    magnitude: float


DOSE_UNITS: dict[str, tuple[Dimension, float]] = {
    "fm": ("molar", 1e-9),
    "pm": ("molar", 1e-6),
    "nm": ("molar", 1e-3),
    "um": ("molar", 1.0),
    "mm": ("molar", 1e3),
    "m": ("molar", 1e6),
    "pg/ml": ("mass per volume", 1e-3),
    "ng/ml": ("mass per volume", 1.0),
    "ug/ml": ("mass per volume", 1e3),
    "mg/ml": ("mass per volume", 1e6),
    "ug/kg": ("mass per mass", 1e-3),
    "mg/kg": ("mass per mass", 1.0),
    "g/kg": ("mass per mass", 1e3),
    "%": ("fraction", 1.0),
    "u/ml": ("activity per volume", 1.0),
    "iu/ml": ("activity per volume", 1.0),
    "moi": ("multiplicity", 1.0),
    "gy": ("radiation", 1.0),
}

TIME_UNITS: dict[str, float] = {
    "seconds": 1 / 3600,
    "minutes": 1 / 60,
    "hours": 1.0,
    "days": 24.0,
    "weeks": 168.0,
    "months": 730.5,
    "years": 8766.0,
}
_TIME_SINGULAR = {unit.removesuffix("s"): unit for unit in TIME_UNITS}

_NUMBER = r"[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]{1,2})?"
_CONTRACT = re.compile(rf"({_NUMBER}) (\S+)")
_TYPED = re.compile(r"\s*([0-9]*[.,]?[0-9]+(?:e[+-]?[0-9]{1,2})?)\s*(\S.*?)\s*", re.IGNORECASE)

_TIME_SPELLINGS = {
    "s": "seconds",
    "sec": "seconds",
    "secs": "seconds",
    "min": "minutes",
    "mins": "minutes",
    "h": "hours",
    "hr": "hours",
    "hrs": "hours",
    "d": "days",
    "wk": "weeks",
    "wks": "weeks",
    "w": "weeks",
    "mo": "months",
    "mos": "months",
    "y": "years",
    "yr": "years",
    "yrs": "years",
    **_TIME_SINGULAR,
    **{unit: unit for unit in TIME_UNITS},
}


def _parse(text: str) -> tuple[float, str] | None:
    found = _CONTRACT.fullmatch(text)
    if found is None:
        return None
    value = float(found.group(1))
    return (value, found.group(2)) if math.isfinite(value) else None


def read_dose(text: str) -> Quantity | None:
    """The dose that ``text`` states, or ``None`` where it is not in the contract's form.

    >>> read_dose("10 um").magnitude, read_dose("2 mm").magnitude
    (10.0, 2000.0)
    >>> read_dose("10um") is None
    True
    """
    parsed = _parse(text)
    if parsed is None or parsed[1] not in DOSE_UNITS:
        return None
    value, unit = parsed
    dimension, factor = DOSE_UNITS[unit]
    return Quantity(value, unit, dimension, value * factor)


def read_time(text: str) -> Quantity | None:
    """The time that ``text`` states, or ``None`` where it is not in the contract's form.

    >>> read_time("3 days").magnitude, read_time("1 hour").unit
    (72.0, 'hours')
    """
    parsed = _parse(text)
    if parsed is None:
        return None
    value, unit = parsed
    unit = _TIME_SINGULAR.get(unit, unit)
    if unit not in TIME_UNITS:
        return None
    return Quantity(value, unit, "time", value * TIME_UNITS[unit])


def _typed(text: str) -> tuple[str, str] | None:
    found = _TYPED.fullmatch(text)
    if found is None:
        return None
    number = found.group(1).replace(",", ".").lower()
    return (f"0{number}" if number.startswith(".") else number), found.group(2)


def suggest_dose(text: str) -> str | None:
    """The contract's spelling of a dose as people type it; ``None`` where it cannot be told.

    >>> suggest_dose("10µM"), suggest_dose("5 ng / mL"), suggest_dose("1,5 micromolar")
    ('10 um', '5 ng/ml', '1.5 um')
    >>> suggest_dose("ten") is None
    True
    """
    typed = _typed(text)
    if typed is None:
        return None
    number, unit = typed
    unit = unit.replace("µ", "u").replace("μ", "u").replace(" ", "").lower()  # micro sign and Greek mu
    unit = re.sub(r"^(femto|pico|nano|micro|milli)?molar$", lambda m: _MOLAR[m.group(1) or ""], unit)
    unit = unit.replace("microg", "ug").replace("mcg", "ug").replace("units/", "u/").replace("unit/", "u/")
    return f"{number} {unit}" if unit in DOSE_UNITS else None


_MOLAR = {"femto": "fm", "pico": "pm", "nano": "nm", "micro": "um", "milli": "mm", "": "m"}


def suggest_time(text: str) -> str | None:
    """The contract's spelling of a time as people type it; ``None`` where it cannot be told.

    >>> suggest_time("24h"), suggest_time("3 d"), suggest_time("1 hour")
    ('24 hours', '3 days', '1 hours')
    """
    typed = _typed(text)
    if typed is None:
        return None
    number, unit = typed
    unit = _TIME_SPELLINGS.get(unit.rstrip(".").lower(), "")
    return f"{number} {unit}" if unit else None
