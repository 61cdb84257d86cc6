"""Where a prediction comes from, as text that travels with its files."""

from __future__ import annotations

from collections.abc import Iterator

from synthome.prediction import ConditionProvenance, Prediction
from synthome.query import KEYS
from synthome.query.support import Support

__all__ = ["NOTICE", "about_text"]

NOTICE = (
    "This is synthetic data: a statistical model made it. No person, animal or culture was measured, and it is no "
    "evidence for any claim about biology or for any decision about a patient."
)


def about_text(prediction: Prediction) -> str:
    """Model, version, seed, and for each condition what was known, extrapolated or without effect, in plain text."""
    source = prediction.provenance
    n, genes = prediction.expression.shape
    seed = "none" if source.seed is None else str(source.seed)
    lines = [
        NOTICE,
        "",
        f"Model: {source.model_id}, version {source.model_version} ({source.answered_by})",
        f"Seed: {seed}",
        f"Samples: {n:,}; conditions: {len(prediction.condition_names):,}; genes: {genes:,}",
        *(f"Beware: {warning}" for warning in source.warnings),
    ]
    for index, name in enumerate(prediction.condition_names):
        count = int((prediction.condition == index).sum())
        lines += ["", f"{name} ({count:,} {'sample' if count == 1 else 'samples'})"]
        if index < len(source.conditions):
            lines += _condition_lines(source.conditions[index])
    return "\n".join(lines) + "\n"


def _condition_lines(provenance: ConditionProvenance) -> Iterator[str]:
    for support in provenance.supports:
        yield f"  {_support_line(support)}"
    for note in provenance.notes:
        yield f"  {note}"
    for warning in provenance.warnings:
        yield f"  Beware: {warning}"


def _support_line(support: Support) -> str:
    label = KEYS[support.key].label if support.key in KEYS else support.key
    status = support.status
    if status == "extrapolated":
        relatives = f" from {', '.join(support.relatives)}" if support.relatives else ""
        status_text = f"extrapolated{relatives}, confidence {support.confidence:.2f}"
    else:
        status_text = status
    reason = f" - {support.reason}" if support.reason else ""
    return f"{label}: {support.value} ({status_text}){reason}"
