"""Diseases against a collection that no fit has seen (Pacini 2013, microarrays)."""

from __future__ import annotations

import numpy as np

from training.diseases import fit_diseases
from training.scorecard.bootstrap import mean_interval
from training.scorecard.directions import TOP, Direction, direction
from training.scorecard.evidence import Evidence
from training.scorecard.scores import Score
from training.sources import mapping, read_matrix

__all__ = ["direction_scores", "measure"]


def measure(evidence: Evidence) -> list[Score]:
    """Sign agreement and rank over the diseases of the collection that the models have learned."""
    genes = evidence.genes
    signatures = {s.term.id: s.values for s in fit_diseases(genes)}
    seen = genes.ensembl_rows(read_matrix("diseases/disease_lfc_test_only.tsv.gz"))
    rows = mapping("disease_test")
    rows = rows[rows["mondo_id"].isin(signatures)].drop_duplicates("mondo_id")
    own = np.stack([signatures[term] for term in rows["mondo_id"]], axis=1)
    found = direction(own, seen[rows["column"]].to_numpy())
    return direction_scores("", list(found), "diseases", "patients")


def direction_scores(of: str, found: list[Direction], what: str, where: str) -> list[Score]:
    """The two scores of one comparison."""
    own, others, rank = (np.array([getattr(d, name) for d in found]) for name in ("own", "of_others", "rank"))
    n = f"{len(found)} {what}"
    end = f", {of}" if of else ""
    return [
        Score(
            f"direction of the top {TOP} genes{end}",
            float(own.mean()),
            n,
            f"Share of the genes that the model moves most which moved the same way in {where} that it has not seen.",
            mean_interval(own),
            {"chance": 0.5, f"mean of other {what}": float(np.nanmean(others))},
            ("chance", f"mean of other {what}"),
        ),
        Score(
            f"own among all {what}{end}",
            float(rank.mean()),
            n,
            f"Share of the other {what} whose experiment agrees less with the signature than its own does; 0.5 means "
            "that nothing specific is known.",
            mean_interval(rank),
            {"chance": 0.5},
            ("chance",),
        ),
    ]
