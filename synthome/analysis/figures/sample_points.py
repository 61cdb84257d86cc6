"""Samples as points in the plane or in the space, coloured by one key and with the symbols of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from synthome.analysis.figures.colouring import Groups, group_samples, missing_name, numbers
from synthome.analysis.figures.palette import NOT_GIVEN, group_style
from synthome.analysis.figures.symbols import GIVEN_SYMBOLS, NOT_GIVEN_SYMBOL, in_space, symbol_groups
from synthome.analysis.figures.words import key_label, plain, sample_hover, shorten, wrap
from synthome.analysis.principal_components import PCA
from synthome.analysis.views import PCAView
from synthome.prediction import Prediction

__all__ = ["MAX_LEGEND", "Drawn", "draw_samples"]

MAX_LEGEND = 24
"""Most groups that a legend lists; past it hovering tells them apart."""
_MANY = 2000
"""Samples from which points are drawn by the graphics processor, and hovering tells no more than the condition."""
_LEGEND_GREY = "#808691"
"""Of symbols in the legend; readable on light and dark pages."""
Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Traces of all samples. ``listed`` are the names in the legend; ``scale`` is what a colour bar shows, if any."""

    traces: list[dict[str, Any]]
    listed: tuple[str, ...]
    scale: str = ""


def draw_samples(pca: PCA, prediction: Prediction, view: PCAView, labels: Mapping[str, str]) -> Drawn:
    """One point a sample; ``customdata`` is its row.

    Raises
    ------
    SynthomeError
        A key of ``view`` is one that no condition gives.
    """
    symbols = None
    if view.symbol_by and view.symbol_by != view.colour_by:
        symbols = symbol_groups(prediction, view.symbol_by, labels)
    points = _Points(pca, prediction, view.components, symbols, labels)
    values = numbers(prediction, view.colour_by)
    unknown = missing_name(view.colour_by)
    title = key_label(view.colour_by)
    if values is not None:
        traces = [points.trace(np.flatnonzero(~np.isnan(values)), values=values, showlegend=False)]
        missing = np.flatnonzero(np.isnan(values))
        listed = [_Entry(unknown, NOT_GIVEN.colour, NOT_GIVEN.symbol, missing)] if len(missing) else []
    else:
        groups = group_samples(prediction, view.colour_by, labels)
        listed = list(_entries(groups, unknown))
        traces = []
        if len(groups.names) > MAX_LEGEND:
            traces, listed = [points.one_trace(groups)], []
    scale = title if values is not None else ""
    if symbols is None:
        traces += [points.group(entry) for entry in listed]
        return Drawn(traces, tuple(wrap(entry.name) for entry in listed), scale)
    traces += [points.trace(entry.rows, colour=entry.colour, showlegend=False) for entry in listed]
    names = [entry.name for entry in listed]
    traces += [points.key(entry.name, entry.colour, "circle", title) for entry in listed]
    for name, symbol in _symbol_entries(symbols, missing_name(view.symbol_by)):
        traces.append(points.key(name, _LEGEND_GREY, symbol, key_label(view.symbol_by)))
        names.append(name)
    return Drawn(traces, tuple(map(wrap, names)), scale)


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """A group in the legend and its samples."""

    name: str
    colour: str
    symbol: str
    rows: Rows


def _entries(groups: Groups, unknown: str) -> Iterator[_Entry]:
    for index, name in enumerate(groups.names):
        rows = np.flatnonzero(groups.index == index)
        if len(rows):
            style = group_style(index)
            yield _Entry(name, style.colour, style.symbol, rows)
    missing = np.flatnonzero(groups.index < 0)
    if len(missing):
        yield _Entry(unknown, NOT_GIVEN.colour, NOT_GIVEN.symbol, missing)


def _symbol_entries(symbols: Groups, unknown: str) -> Iterator[tuple[str, str]]:
    present = set(symbols.index.tolist())
    for index, name in enumerate(symbols.names):
        if index in present:
            yield name, GIVEN_SYMBOLS[index]
    if -1 in present:
        yield unknown, NOT_GIVEN_SYMBOL


class _Points:
    """Coordinates, symbols and hover text of all samples, from which traces take theirs."""

    def __init__(
        self,
        pca: PCA,
        prediction: Prediction,
        components: tuple[int, ...],
        symbols: Groups | None,
        labels: Mapping[str, str],
    ) -> None:
        n = len(pca.scores)
        self.in_space = len(components) == 3
        self.axes = {
            axis: pca.coordinates(component).astype(np.float32)
            for axis, component in zip("xyz", components, strict=False)
        }
        self.symbols: list[str] | None = None
        if symbols is not None:
            self.symbols = [NOT_GIVEN_SYMBOL if index < 0 else GIVEN_SYMBOLS[index] for index in symbols.index]
        self.hover = sample_hover(prediction, labels) if n <= _MANY else _short_hover(prediction)
        where = ", ".join(f"PC{c} %{{{axis}:.1f}}" for axis, c in zip("xyz", components, strict=False))
        self.template = f"%{{hovertext}}<br>{where}<extra></extra>"
        size = 10.0 if n <= 200 else 7.0 if n <= _MANY else 4.0
        self.size = 0.6 * size if self.in_space else size
        self.type = "scatter3d" if self.in_space else "scattergl" if n > _MANY else "scatter"

    def trace(
        self,
        rows: Rows,
        *,
        colour: str | Sequence[str] | None = None,
        values: npt.NDArray[np.float64] | None = None,
        symbol: str | Sequence[str] = "circle",
        **properties: Any,
    ) -> dict[str, Any]:
        """The samples in ``rows`` in a colour, or by their values on the figure's scale."""
        chosen: str | Sequence[str] = symbol if self.symbols is None else [self.symbols[row] for row in rows]
        marker: dict[str, Any] = {"symbol": self._drawn(chosen), "size": self.size}
        if values is not None:
            marker |= {"color": values[rows].astype(np.float32), "coloraxis": "coloraxis"}
        else:
            marker["color"] = colour
        if isinstance(chosen, str) and chosen.endswith("open"):
            marker["line"] = {"color": colour, "width": 1.5}
        return {
            "type": self.type,
            "mode": "markers",
            **{axis: coordinates[rows] for axis, coordinates in self.axes.items()},
            "customdata": rows.astype(np.int32),
            "hovertext": [self.hover[row] for row in rows],
            "hovertemplate": self.template,
            "marker": marker,
            **properties,
        }

    def group(self, entry: _Entry) -> dict[str, Any]:
        """A trace of one group with its entry in the legend."""
        return self.trace(entry.rows, colour=entry.colour, symbol=entry.symbol, name=wrap(entry.name), showlegend=True)

    def one_trace(self, groups: Groups) -> dict[str, Any]:
        """All samples, each in the style of its group."""
        styles = [NOT_GIVEN if index < 0 else group_style(index) for index in groups.index]
        return self.trace(
            np.arange(len(styles)),
            colour=[style.colour for style in styles],
            symbol=[style.symbol for style in styles],
            showlegend=False,
        )

    def key(self, name: str, colour: str, symbol: str, title: str) -> dict[str, Any]:
        """An entry of the legend under its key's name, without any sample."""
        return {
            "type": "scatter3d" if self.in_space else "scatter",
            "mode": "markers",
            **{axis: [None] for axis in self.axes},
            "name": wrap(name),
            "legendgroup": title,
            "legendgrouptitle": {"text": plain(title)},
            "marker": {"color": colour, "symbol": symbol, "size": 10 if not self.in_space else 6},
            "hoverinfo": "skip",
            "showlegend": True,
        }

    def _drawn(self, symbol: str | Sequence[str]) -> str | list[str]:
        if isinstance(symbol, str):
            return in_space(symbol) if self.in_space else symbol
        return [in_space(each) if self.in_space else each for each in symbol]


def _short_hover(prediction: Prediction) -> list[str]:
    conditions = [plain(shorten(name, 60)) for name in prediction.condition_names]
    return [
        f"<b>{plain(shorten(name, 60))}</b><br>{conditions[condition]}"
        for name, condition in zip(prediction.sample_names, prediction.condition, strict=True)
    ]
