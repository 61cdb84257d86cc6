"""Probabilities as small bars: the most probable values of a thing, each with its id beneath its label."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

from components.session import label_of

__all__ = ["Weighed", "percent", "probability_bars"]

_SHOWN = 3
_LEAST = 0.005
"""Less probable values are left out, the first excepted."""
_STYLE = """<style>
.told-bars { display: grid; grid-template-columns: minmax(0, 1fr) 32% 3.4em; gap: .3rem .6rem; align-items: center; }
.told-bars b { grid-column: 1 / -1; margin: .55rem 0 0; font-size: .8rem; font-weight: 600; opacity: .75; padding: 0; }
.told-bars b:first-child { margin-top: 0; }
.told-bars .label { line-height: 1.2; overflow-wrap: anywhere; }
.told-bars .label small { display: block; font-size: .75rem; opacity: .7; }
.told-bars .bar { height: .5rem; border-radius: .25rem; background: color-mix(in srgb, currentColor 14%, transparent); }
.told-bars .bar i { display: block; height: 100%; border-radius: inherit; background: #128F88; }
.told-bars .share { text-align: right; font-variant-numeric: tabular-nums; font-size: .85rem; white-space: nowrap; }
</style>"""

Weighed = Sequence[tuple[str, float]]
"""Values with their probabilities, most probable first."""


def percent(probability: float) -> str:
    """A probability as people read it; nothing is quite certain.

    >>> percent(1.0), percent(0.57), percent(0.001)
    ('> 99 %', '57 %', '< 1 %')
    """
    if probability > 0.995:
        return "> 99 %"
    return "< 1 %" if probability < 0.005 else f"{probability:.0%}".replace("%", " %")


def probability_bars(things: Iterable[tuple[str, Weighed]]) -> None:
    """The most probable values of each thing, under its name."""
    rows = "".join(f"<b>{escape(name)}</b>{_rows(weighed)}" for name, weighed in things)
    st.html(f'{_STYLE}<div class="told-bars">{rows}</div>')


def _rows(weighed: Weighed) -> str:
    likely = [pair for pair in weighed[:_SHOWN] if pair[1] >= _LEAST] or list(weighed[:1])
    return "".join(_row(*pair) for pair in likely)


def _row(value: str, probability: float) -> str:
    label = label_of(value)
    named = f"{escape(label)}<small>{escape(value)}</small>" if label else escape(value)
    return (
        f'<span class="label">{named}</span>'
        f'<span class="bar" aria-hidden="true"><i style="width:{probability:.1%}"></i></span>'
        f'<span class="share">{escape(percent(probability))}</span>'
    )
