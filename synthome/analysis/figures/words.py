"""Text inside figures: names that fit, names that cannot be mistaken for markup, and what hovering tells."""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from synthome.prediction import Prediction
from synthome.query import KEYS

__all__ = ["is_given", "key_label", "legend_height", "plain", "sample_hover", "shorten", "value_label", "wrap"]

_CHARACTER_WIDTH = 5.9
"""Pixels of an average character at the legend's 12 px."""


def plain(text: str) -> str:
    """``text`` shown as it is: Plotly reads ``<b>`` and the like as markup.

    >>> plain("p < 0.05 <b>")
    'p &lt; 0.05 &lt;b&gt;'
    """
    return html.escape(text, quote=False)


def shorten(text: str, width: int) -> str:
    """``text`` in at most ``width`` characters, its middle left out: names often differ at their ends.

    >>> shorten("hepatocellular carcinoma 07", 16)
    'hepatocel…oma 07'
    """
    if len(text) <= width:
        return text
    tail = (width - 1) * 2 // 5
    return f"{text[: width - 1 - tail]}…{text[len(text) - tail :]}"


def wrap(text: str, width: int = 38) -> str:
    """``text`` on at most two lines of ``width`` characters, ready for a legend."""
    lines = textwrap.wrap(shorten(text, 2 * width - 4), width)
    return "<br>".join(plain(line) for line in lines[:2])


def legend_height(names: Iterable[str], width: int) -> int:
    """Pixels that a horizontal legend of these names takes in a figure ``width`` pixels wide."""
    lines = [wrap(name).split("<br>") for name in names]
    if not lines:
        return 0
    widest = max(len(line) for entry in lines for line in entry) * _CHARACTER_WIDTH + 45
    tallest = max(len(entry) for entry in lines)
    columns = max(1, int(width / widest))
    return -(-len(lines) // columns) * (4 + 16 * tallest) + 8


def key_label(key: str) -> str:
    """What people call a metadata key.

    >>> key_label("tissue_ontology_id"), key_label("condition"), key_label("batch_id")
    ('Tissue', 'Condition', 'Batch id')
    """
    if key in KEYS:
        return KEYS[key].label
    return key.replace("_", " ").capitalize()


def is_given(value: object) -> bool:
    """Whether a metadata cell holds something: neither missing nor empty."""
    missing = value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))
    return not missing and value != ""


def value_label(value: object, labels: Mapping[str, str]) -> str:
    """A metadata value for people: a term's label where it is known, else the value itself."""
    text = str(value)
    return labels.get(text, text)


def sample_hover(prediction: Prediction, labels: Mapping[str, str]) -> list[str]:
    """For each sample its name, its condition and the metadata given, as lines for a hover label."""
    columns = [(key_label(str(key)), prediction.metadata[key].tolist()) for key in prediction.metadata.columns]
    conditions = [f"Condition: {plain(shorten(name, 60))}" for name in prediction.condition_names]
    return [
        "<br>".join([f"<b>{plain(shorten(name, 60))}</b>", conditions[condition], *_given(columns, row, labels)])
        for row, (name, condition) in enumerate(zip(prediction.sample_names, prediction.condition, strict=True))
    ]


def _given(columns: Sequence[tuple[str, list[object]]], row: int, labels: Mapping[str, str]) -> list[str]:
    lines = []
    for label, values in columns:
        value = values[row]
        if not is_given(value):
            continue
        text = str(value)
        shown = f"{labels[text]} ({text})" if text in labels else text
        lines.append(f"{plain(label)}: {plain(shorten(shown, 60))}")
    return lines
