"""The figures as they are kept: ``docs/scorecard.json``, from which the model card's tables are written.

A test that is run alone replaces its own figures and leaves the others; each test names the weights that it judged, so
that a figure of other weights can be told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from synthome.models.embedded.weights import FOLDER
from training.scorecard.scores import Score

__all__ = ["CARD", "RESULTS", "Results", "read_results", "weights_digest", "write_results"]

_DOCS = Path(__file__).resolve().parents[2] / "docs"
RESULTS = _DOCS / "scorecard.json"
CARD = _DOCS / "MODEL_CARD.md"
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Results:
    """``scores`` by test; ``judged`` the digest of the weights behind each; ``learned`` how much the models know."""

    scores: Mapping[str, tuple[Score, ...]]
    judged: Mapping[str, str]
    learned: Mapping[str, Mapping[str, int]]

    def with_test(self, name: str, scores: Sequence[Score], digest: str) -> Results:
        """The same with one test's scores replaced."""
        return Results({**self.scores, name: tuple(scores)}, {**self.judged, name: digest}, self.learned)


def weights_digest(folder: Path = FOLDER) -> str:
    """SHA-256 over the names and bytes of all files of the weights."""
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def read_results(path: Path = RESULTS) -> Results:
    """The kept figures; empty where there are none yet."""
    if not path.exists():
        return Results({}, {}, {})
    kept = json.loads(path.read_text(encoding="utf-8"))
    scores = {name: tuple(_score(row) for row in test["scores"]) for name, test in kept["tests"].items()}
    judged = {name: test["weights"] for name, test in kept["tests"].items()}
    return Results(scores, judged, kept["learned"])


def write_results(results: Results, path: Path = RESULTS) -> None:
    """Write them, rounded, in a fixed order."""
    tests = {
        name: {"weights": results.judged[name], "scores": [_row(score) for score in scores]}
        for name, scores in sorted(results.scores.items())
    }
    text = json.dumps({"learned": results.learned, "tests": tests}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")


def _row(score: Score) -> dict[str, Any]:
    row = {key: _rounded(value) for key, value in asdict(score).items()}
    return {key: value for key, value in row.items() if value not in (None, {}, [])}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(float(value), _DIGITS)
    if isinstance(value, Mapping):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return [_rounded(part) for part in value]
    return value


def _score(row: Mapping[str, Any]) -> Score:
    pairs = {key: tuple(row[key]) for key in ("interval", "beaten", "ceiling") if key in row}
    return Score(**{**row, **pairs})
