"""Drugs against a source that their signatures were not fitted on: each source left out in turn.

Responses are compared with the mean response of their source, as the signatures are: what all drugs of one experiment
share (death, the plate) is not an effect of any one of them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.compound_names import CompoundNames
from training.compound_sources import SOURCES, SourceName, read_responses
from training.compounds import fit_compounds
from training.scorecard.directions import direction, direction_scores
from training.scorecard.evidence import Evidence
from training.scorecard.scores import Score

__all__ = ["measure"]

Array = npt.NDArray[np.float64]
WHERE = {
    "L1000": "cell lines (L1000)",
    "Tahoe": "47 cancer lines (Tahoe-100M)",
    "NeurIPS": "blood cells (NeurIPS 2023)",
}


def measure(evidence: Evidence) -> list[Score]:
    """Both scores for each source."""
    responses = read_responses(evidence.genes, CompoundNames.read())
    return [score for source in SOURCES for score in _against(evidence, source, responses[source].profiles)]


def _against(evidence: Evidence, source: SourceName, seen: pd.DataFrame) -> list[Score]:
    fitted = fit_compounds(evidence.genes, frozenset({source}))
    signatures = {signature.term.id: signature.values for signature in fitted}  # noqa: PD011 - no DataFrame
    drugs = [drug for drug in seen.columns if drug in signatures and signatures[drug].any()]
    own = np.stack([signatures[drug] for drug in drugs], axis=1)
    return direction_scores(source, direction(own, seen[drugs].to_numpy()), "drugs", WHERE[source])
