"""The list of terms that the embedded models learned, for the term search: these come before others of like names."""

from __future__ import annotations

from pathlib import Path

from synthome.models.embedded.signatures import load_effects
from synthome.models.embedded.weights import load_weights
from synthome.ontology.curated import CURATED
from synthome.ontology.terms import normalise_id

__all__ = ["write_learned_terms"]

_NO_TERMS = frozenset({"age", "sample_type", "stage"})
"""Families of effects that are not of terms."""


def write_learned_terms(folder: Path, path: Path = CURATED / "learned.tsv") -> None:
    """Write id and label of every term that the weights in ``folder`` know, sorted by id.

    Compounds that only ChEMBL knows are no terms of an ontology here.
    """
    labels: dict[str, str] = {}
    for name in ("bulk", "single_cell"):
        for family in load_weights(name, folder).learned.values():
            labels |= {term.id: term.label for term in family.terms}
    for kind, signatures in load_effects(folder).families.items():
        if kind not in _NO_TERMS:
            labels |= {term.id: term.label for term in signatures.terms}
    lines = ["id\tlabel", *(f"{term_id}\t{labels[term_id]}" for term_id in sorted(labels) if normalise_id(term_id))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
