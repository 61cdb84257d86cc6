"""Diseases against a collection that no fit has seen (Pacini 2013, microarrays)."""

from __future__ import annotations

import numpy as np

from training.diseases import fit_diseases
from training.scorecard.directions import direction, direction_scores
from training.scorecard.evidence import Evidence
from training.scorecard.scores import Score
from training.sources import mapping, read_matrix

__all__ = ["measure"]


def measure(evidence: Evidence) -> list[Score]:
    """Sign agreement and rank over the diseases of the collection that the models have learned."""
    genes = evidence.genes
    signatures = {s.term.id: s.values for s in fit_diseases(genes)}
    seen = genes.ensembl_rows(read_matrix("diseases/disease_lfc_test_only.tsv.gz"))
    rows = mapping("disease_test")
    rows = rows[rows["mondo_id"].isin(signatures)].drop_duplicates("mondo_id")
    own = np.stack([signatures[term] for term in rows["mondo_id"]], axis=1)
    found = direction(own, seen[rows["column"]].to_numpy())
    return direction_scores("", found, "diseases", "patients")
