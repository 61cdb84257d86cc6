"""Colours and symbols of groups that people with any kind of colour vision can tell apart."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["NOT_GIVEN", "Style", "group_style"]

_OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#F0E442")
"""Okabe and Ito's colours (Color Universal Design, 2008), those first that stand out on white and on dark pages;
black is left out because it vanishes on the latter."""
_SHADES = (0.0, -0.4, 0.5)
"""Past the seventh group the colours come again, darker and then lighter."""
_SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "star", "triangle-down", "cross", "hexagon")


@dataclass(frozen=True, slots=True)
class Style:
    """How one group is drawn: a hex colour, and the marker symbol where there are markers."""

    colour: str
    symbol: str


NOT_GIVEN = Style("#9A9DA5", "circle-open")
"""Samples for which a metadata key is not given."""


def group_style(index: int) -> Style:
    """The style of the group at ``index``: 21 colours, 63 pairs of colour and symbol before they repeat.

    >>> group_style(0), group_style(7)
    (Style(colour='#0072B2', symbol='circle'), Style(colour='#00446b', symbol='diamond'))
    """
    turn, place = divmod(index, len(_OKABE_ITO))
    return Style(
        _shade(_OKABE_ITO[place], _SHADES[turn % len(_SHADES)]),
        _SYMBOLS[turn % len(_SYMBOLS)],
    )


def _shade(colour: str, amount: float) -> str:
    """Towards black for a negative ``amount``, towards white for a positive one, as a share of the way."""
    if not amount:
        return colour
    target = 255 if amount > 0 else 0
    channels = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return "#" + "".join(f"{round(channel + (target - channel) * abs(amount)):02x}" for channel in channels)
