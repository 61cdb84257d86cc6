"""How much the models know, for the model card."""

from __future__ import annotations

from synthome.models.embedded import EmbeddedModel
from synthome.query.vocabulary import KEYS
from training.scorecard.evidence import Evidence

__all__ = ["learned"]


def learned(evidence: Evidence) -> dict[str, dict[str, int]]:
    """Genes, and learned values a metadata key, of both models."""
    return {model.model_id: _of(model) for model in (evidence.bulk, evidence.cells)}


def _of(model: EmbeddedModel) -> dict[str, int]:
    vocabulary = model.vocabulary()
    values = {key: len(vocabulary.learned(key)) for key in KEYS}
    return {"genes": len(model.genes)} | {key: number for key, number in values.items() if number}
