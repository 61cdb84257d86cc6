"""The scorecard's tables: on the terminal, and between the markers of the model card.

A marker is a pair of comments, ``<!-- scorecard: sexes -->`` and ``<!-- end -->``; what stands between them is
replaced. ``scorecard: all`` is every test, ``scorecard: summary`` one line a test, ``learned`` how much the models
know.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from training.scorecard.registry import TESTS
from training.scorecard.results import Results
from training.scorecard.scores import Score

__all__ = ["filled", "plain_table"]

_MARKER = re.compile(r"(<!-- (scorecard: [a-z_ ]+|learned) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_NOT_RUN = "Not computed yet.\n"
_HEAD = "| measured | value (95 %) | naive answers | real data | floor | |\n|---|---|---|---|---|---|\n"


def filled(card: str, results: Results) -> str:
    """``card`` with the tables between its markers written anew."""
    return _MARKER.sub(lambda found: found[1] + "\n" + _between(found[2], results) + "\n" + found[4], card)


def plain_table(title: str, scores: Sequence[Score]) -> str:
    """One test for the terminal."""
    rows = [
        (
            score.name,
            _number(score.value) + _interval(score),
            "; ".join(_pairs(score.baselines)),
            _ceiling(score),
            score.floor,
            _verdict(score),
        )
        for score in scores
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(5)]
    lines = ["  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[5]]) for row in rows]
    return "\n".join([title, *(f"  {line.rstrip()}" for line in lines), ""])


def _between(marker: str, results: Results) -> str:
    if marker == "learned":
        return _learned(results.learned)
    names = marker.removeprefix("scorecard: ").split()
    if names == ["summary"]:
        return _summary(results)
    if names == ["all"]:
        parts = [f"### {test.title}\n\n{_test(results.scores.get(test.name, ()))}" for test in TESTS]
        return "\n".join(parts)
    return _test([score for name in names for score in results.scores.get(name, ())])


def _test(scores: Sequence[Score]) -> str:
    if not scores:
        return _NOT_RUN
    rows = "".join(
        f"| {score.name} ({score.n}) | {_number(score.value)}{_interval(score)} | {'; '.join(_pairs(score.baselines))} "
        f"| {_ceiling(score)} | {score.floor} | {_verdict(score)} |\n"
        for score in scores
    )
    meanings = "".join(f"- *{score.name}*: {score.meaning}\n" for score in scores)
    return f"{_HEAD}{rows}\n{meanings}"


def _summary(results: Results) -> str:
    lines = ["| test | floors met | |", "|---|---|---|"]
    for test in TESTS:
        scores = results.scores.get(test.name)
        if scores is None:
            lines.append(f"| {test.title} | not computed yet | |")
            continue
        judged = [score for score in scores if score.judged]
        met = sum(score.passed for score in judged)
        failed = "; ".join(f"{score.name}: {', '.join(score.shortfalls())}" for score in judged if not score.passed)
        share = f"{met} of {len(judged)}" if judged else "no floor"
        lines.append(f"| {test.title} | {share} | {failed} |")
    return "\n".join(lines) + "\n"


def _learned(learned: Mapping[str, Mapping[str, int]]) -> str:
    columns = list(learned)
    if not columns:
        return _NOT_RUN
    keys = list(dict.fromkeys(key for column in columns for key in learned[column]))
    lines = [f"| learned | {' | '.join(columns)} |", "|---|" + "---|" * len(columns)]
    lines += [f"| {key} | {' | '.join(f'{learned[c].get(key, 0):,}' for c in columns)} |" for key in keys]
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    if math.isnan(value):
        return "not defined"
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"


def _interval(score: Score) -> str:
    return "" if score.interval is None else f" ({_number(score.interval[0])} to {_number(score.interval[1])})"


def _pairs(values: Mapping[str, float]) -> Iterable[str]:
    return (f"{name} {_number(value)}" for name, value in values.items())


def _ceiling(score: Score) -> str:
    return "" if score.ceiling is None else f"{score.ceiling[0]} {_number(score.ceiling[1])}"


def _verdict(score: Score) -> str:
    if not score.judged:
        return "stated"
    return "passes" if score.passed else "**fails**"
