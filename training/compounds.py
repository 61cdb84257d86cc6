"""Signatures of compounds: L1000, Tahoe and NeurIPS brought together, shrunk to what replicates.

In each source a drug's profile, in units of its own spread, is taken for rho x truth + noise of variance 1 - rho^2,
where rho^2 is the correlation expected with an independent experiment (:mod:`training.compound_reliability`). Genes
that no landmark tells of start from what is carried over from similar drugs (:mod:`training.compound_transfer`), all
others from zero. The posterior mean is kept where its sign is right with a probability of at least LEAST_CERTAINTY.

Only L1000 has sizes, and those mix activity with the number of replicates, half of the variance of log z each: the
typical change of a drug goes with the square root of its spread of z. The constant is set by experience of RNA-seq: a
drug of median activity changes its genes by some 0.12 ln units (standard deviation over genes), vorinostat by 0.7.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from synthome.models.embedded.signatures import SignatureTerm
from training.compound_names import CompoundNames, by_number
from training.compound_reliability import reliabilities
from training.compound_sources import DrugResponses, SourceName, read_responses
from training.compound_transfer import Carrier, Transfer
from training.genes import GeneTable
from training.signatures import Signature

__all__ = ["fit_compounds"]

LEAST_CERTAINTY = 0.6
TYPICAL_CHANGE = 0.12
"""Standard deviation over genes (ln units) of what a drug of median activity changes."""
TYPICAL_SPREAD = 1.3
"""Standard deviation of z in L1000 of such a drug."""
LEAST_SIZE, MOST_SIZE = 0.08, 0.7
RELIABILITY_PER_E_FOLD = 0.2
"""Where a source gives ranks alone, the size grows e-fold for so much expected correlation."""
MOST_RANKED_SIZE = 0.45
"""No more than this is read from how well ranks replicate."""
CONTEXT: Mapping[SourceName, str] = {"L1000": "", "Tahoe": "", "NeurIPS": "CL:2000001"}
DOSE: Mapping[SourceName, str] = {"L1000": "10 um", "Tahoe": "5 um", "NeurIPS": "1 um"}
TIME = "24 hours"
RANKS_ALONE = "Its sources rank genes only: the size of the response is a typical one."
NO_GENE = "No gene moves beyond noise."

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """Everything that is needed to answer for any drug.

    ``landmarks``: rows of L1000's genes; ``size``: standard deviation of the true change of each drug, ln units.
    """

    responses: Mapping[SourceName, DrugResponses]
    reliability: Mapping[SourceName, pd.Series]
    landmarks: npt.NDArray[np.intp]
    transfer: Transfer

    def sources_of(self, drug: str) -> tuple[SourceName, ...]:
        """Sources that measured the drug."""
        return tuple(name for name, response in self.responses.items() if drug in response.profiles.columns)


def fit_compounds(genes: GeneTable, without: frozenset[str] = frozenset()) -> list[Signature]:
    """One signature a drug that has an id in ChEBI or ChEMBL, in the order of the ids.

    Parameters
    ----------
    without : frozenset of str
        Sources to leave out (``L1000``, ``Tahoe``, ``NeurIPS``), so that they can judge the rest.
    """
    names = CompoundNames.read()
    read = read_responses(genes, names)
    landmarks = np.flatnonzero(read["L1000"].profiles.notna().any(axis=1).to_numpy())
    used = {name: response for name, response in read.items() if name not in without}
    evidence = _gather(used, landmarks)
    drugs = {drug for response in used.values() for drug in response.profiles.columns if not drug.startswith("name:")}
    return [_signature(drug, evidence, names) for drug in sorted(drugs, key=by_number)]


def _gather(responses: Mapping[SourceName, DrugResponses], landmarks: npt.NDArray[np.intp]) -> Evidence:
    table = next(iter(responses.values())).profiles
    reliability = reliabilities(responses, table.index[landmarks])
    carriers = tuple(Carrier.of(response, landmarks) for name, response in responses.items() if name != "L1000")
    queries = pd.DataFrame(index=table.index)
    if "L1000" in responses:
        queries = responses["L1000"].profiles.fillna(0.0) * np.sqrt(reliability["L1000"])
    return Evidence(responses, reliability, landmarks, Transfer.calibrate(carriers, queries, reliability))


def _signature(drug: str, evidence: Evidence, names: CompoundNames) -> Signature:
    sources = evidence.sources_of(drug)
    profile, reliability = _posterior(drug, evidence)
    values = profile * _size(drug, evidence)
    measured = np.any([evidence.responses[s].profiles[drug].notna().to_numpy() for s in sources], axis=0)
    notes = [names.notes.get(drug, ""), "" if "L1000" in sources else RANKS_ALONE, "" if values.any() else NO_GENE]
    return Signature(
        SignatureTerm(
            id=drug,
            label=names.labels[drug],
            studies=sources,
            reliability=reliability,
            measured=int(measured.sum()),
            context=CONTEXT[sources[0]],
            dose=DOSE[sources[0]],
            time=TIME,
            aliases=names.aliases(drug),
            note=" ".join(note for note in notes if note),
        ),
        values,
    )


def _posterior(drug: str, evidence: Evidence) -> tuple[Array, float]:
    """Expected profile in units of the drug's own spread, zero where the sign is not certain, and its reliability."""
    seen = [
        (evidence.responses[s].profiles[drug].to_numpy(), float(evidence.reliability[s][drug]))
        for s in evidence.sources_of(drug)
    ]
    weight = sum(r / (1 - r) for _, r in seen)
    reliability = weight / (1 + weight)
    expected, precision = _combined(seen, np.zeros(len(seen[0][0])))
    carried = evidence.transfer.carry(expected, drug)
    carried[evidence.landmarks] = 0.0
    expected, precision = _combined(seen, carried)
    certain = stats.norm.cdf(np.abs(expected) * np.sqrt(precision)) >= LEAST_CERTAINTY
    return np.where(certain, expected, 0.0), reliability


def _combined(seen: list[tuple[Array, float]], prior: Array) -> tuple[Array, Array]:
    """Mean and precision of the truth (unit variance, prior mean given) from profiles = rho x truth + noise."""
    precision, total = np.ones(len(prior)), prior.copy()
    for profile, reliability in seen:
        measured = ~np.isnan(profile)
        precision[measured] += reliability / (1 - reliability)
        total[measured] += np.sqrt(reliability) / (1 - reliability) * profile[measured]
    return total / precision, precision


def _size(drug: str, evidence: Evidence) -> float:
    """Standard deviation of the drug's true change over genes, ln units."""
    if "L1000" in evidence.sources_of(drug):
        spread = np.exp(float(evidence.responses["L1000"].activity[drug]))
        return float(np.clip(TYPICAL_CHANGE * np.sqrt(spread / TYPICAL_SPREAD), LEAST_SIZE, MOST_SIZE))
    best = max(float(evidence.reliability[s][drug]) for s in evidence.sources_of(drug))
    return float(np.clip(TYPICAL_CHANGE * np.exp(best / RELIABILITY_PER_E_FOLD), LEAST_SIZE, MOST_RANKED_SIZE))
