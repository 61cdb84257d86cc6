"""What real samples are, told by weights that their study played no part in (``training.unseen_samples``).

The temperature, too, is found without the study whose samples are judged by it. Naive answers: the learned profile that
correlates best with the sample (Pearson over all genes but mitochondrial ones of ln(CPM + 0.5), of cells with a count
added, less the profiles' mean), and chance. HPA cannot be left out, so that its lines and tissues are not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synthome.models.embedded.scale import cpm_of, decoded
from synthome.models.embedded.sex_calling import SexCaller
from synthome.ontology import default_index
from training.recognition import LEAST, MOST, Told, best_temperature, tell
from training.scorecard.bootstrap import mean_interval
from training.scorecard.evidence import Evidence
from training.scorecard.scores import Score
from training.unseen_samples import Labelled, bulk_samples, cells, related

__all__ = ["expected_calibration_error", "measure"]

Array = npt.NDArray[np.float64]
BROAD = ("CL:0000084", "CL:0000236", "CL:0000623", "CL:0000576", "CL:0000451", "CL:0008001", "CL:0000233")
"""T, B and NK cell, monocyte, dendritic cell, progenitor, platelet."""
CORRELATION = "best correlated profile"
SEX_KIND = {"healthy": "tissue", "tumour": "tissue", "culture": "cell_line"}
RELATED = "A broader or narrower term of the ontology than the label counts as right."


@dataclass(frozen=True, slots=True)
class _Judged:
    """One group, one value a sample: ``first`` and ``third`` whether the best, or one of the
    best three, is right; ``correlated`` the same of the best correlated profile; ``most`` the probability of
    the best and its relatives, ``right`` that of the right terms; ``kind`` whether the kind of description is right."""

    labelled: Labelled
    first: Array
    third: Array
    correlated: Array
    most: Array
    right: Array
    kind: Array
    broad: Array
    candidates: int


def measure(evidence: Evidence) -> list[Score]:
    """Bulk and single cells; sex."""
    bulk = _judged([tell(labelled) for labelled in bulk_samples(evidence)])
    healthy = [j for j in bulk if j.labelled.material == "healthy"]
    averages = [j for j in bulk if j.labelled.material == "average"]
    tumours = [j for j in bulk if j.labelled.material == "tumour"]
    lines = [j for j in bulk if j.labelled.kind == "cell_line"]
    groups = [j for j in bulk if j.labelled.material != "average"]
    told_cells = _judged([tell(labelled) for labelled in cells(evidence)])
    single = [j for j in told_cells if j.labelled.material == "cell"]
    pools = [j for j in told_cells if j.labelled.material == "pool"]
    return [
        _top("tissue of healthy samples, top-1", "first", healthy, at_least=0.85),
        _top("tissue of healthy samples, top-3", "third", healthy, at_least=0.85),
        _top("tissue of GTEx's averages, top-1", "first", averages, at_least=0.8),
        _top("tissue of GTEx's averages, top-3", "third", averages, at_least=0.9),
        _top("tissue of origin of tumours, top-1", "first", tumours),
        _top("lymphoblastoid lines told as such", "first", lines, at_least=0.95),
        _kinds(groups),
        *_probabilities("tissue", [*healthy, *averages, *tumours]),
        _top("blood cell type, single cells, top-1", "first", single, at_least=0.75),
        _top("blood cell type, single cells, top-3", "third", single, at_least=0.85),
        _top("broad type of blood cell, single cells", "broad", single, at_least=0.85),
        _top("blood cell type, pools of 20, top-1", "first", pools, at_least=0.85),
        *_probabilities("cell type", told_cells),
        *_sexes(evidence),
    ]


def expected_calibration_error(most: Array, right: Array, bins: int = 10) -> float:
    """Mean gap, over equal bins of the largest probability, between it and the share of right answers (Guo 2017)."""
    place = np.minimum((most * bins).astype(int), bins - 1)
    gaps = [abs(most[place == b].mean() - right[place == b].mean()) * (place == b).mean() for b in np.unique(place)]
    return float(np.sum(gaps))


def _judged(told: Sequence[Told]) -> list[_Judged]:
    """Each group at the temperature that the groups of other studies give."""
    studies = dict.fromkeys(one.labelled.study for one in told)
    without = {study: best_temperature([one for one in told if one.labelled.study != study]) for study in studies}
    return [_judge(one, without[one.labelled.study]) for one in told]


def _judge(one: Told, temperature: float) -> _Judged:
    share, right = one.posterior(temperature), one.right
    order = np.argsort(-share, axis=1)
    ids = [t.id for t, own in zip(one.candidates.terms, one.of_kind, strict=True) if own]
    correlated = right[_correlations(one).argmax(axis=1)]
    broad = right | np.array([_same_broad(term, one.labelled.right) for term in ids])
    kinds = np.array([kind == one.labelled.kind for kind in one.kinds(temperature)])
    return _Judged(
        one.labelled,
        first=right[order[:, 0]].astype(np.float64),
        third=np.asarray(right[order[:, :3]].any(axis=1), dtype=np.float64),
        correlated=correlated.astype(np.float64),
        most=_mass_about_the_best(share, ids),
        right=share[:, right].sum(axis=1),
        kind=kinds.astype(np.float64),
        broad=broad[order[:, 0]].astype(np.float64),
        candidates=len(ids),
    )


def _mass_about_the_best(share: Array, ids: Sequence[str]) -> Array:
    """Probability of the best term together with its ancestors and descendants, which are right where it is."""
    mass = []
    for row in share:
        alike = related([ids[int(row.argmax())]], ids)
        mass.append(float(row[[term in alike for term in ids]].sum()))
    return np.array(mass)


def _correlations(one: Told) -> Array:
    """Of the samples with the profiles of the right kind, samples x profiles."""
    labelled = one.labelled
    nuclear = (labelled.weights.genes["chromosome"] != "MT").to_numpy()
    counts = labelled.counts[:MOST, nuclear].astype(np.float64)
    pseudo = max(0.5, 1e6 / float(np.median(counts.sum(axis=1))))
    profiles = np.log(cpm_of(decoded(labelled.weights.learned[labelled.kind].codes[:, nuclear])) + pseudo)
    samples = np.log(counts / counts.sum(axis=1, keepdims=True) * 1e6 + pseudo)
    mean = profiles.mean(axis=0)
    a, b = samples - mean, profiles - mean
    a, b = (x - x.mean(axis=1, keepdims=True) for x in (a, b))
    found: Array = a @ b.T / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))
    return found


def _same_broad(term: str, right: frozenset[str]) -> bool:
    """Whether ``term`` is of the broad type of blood cell that the right terms are of."""
    graph = default_index().graph
    own = {term, *graph.ancestors(term)}
    return any(broad in own and broad in right for broad in BROAD)


def _by_group(judged: Sequence[_Judged], name: str) -> Array:
    return np.array([getattr(one, name).mean() for one in judged])


def _n(judged: Sequence[_Judged]) -> str:
    return f"{len(judged)} groups, {sum(len(one.first) for one in judged)} samples"


def _top(name: str, value: str, judged: Sequence[_Judged], at_least: float | None = None) -> Score:
    by_group = _by_group(judged, value)
    chance = float(np.mean([len(one.labelled.right) / one.candidates for one in judged]))
    baselines = {"chance": chance}
    if value == "first":
        baselines[CORRELATION] = float(_by_group(judged, "correlated").mean())
    meaning = {
        "first": f"Share of samples whose most probable term is right, groups weighing the same. {RELATED}",
        "third": f"Share of samples of which one of the three most probable terms is right. {RELATED}",
        "broad": "Share of cells told as a T, B or NK cell, monocyte, dendritic cell, progenitor or platelet rightly.",
    }[value]
    ends = mean_interval(by_group) if len(by_group) > 1 else None
    return Score(name, float(by_group.mean()), _n(judged), meaning, ends, baselines, ("chance",), at_least=at_least)


def _kinds(judged: Sequence[_Judged]) -> Score:
    by_group = _by_group(judged, "kind")
    return Score(
        "kind of material",
        float(by_group.mean()),
        _n(judged),
        "Share of samples rightly told as tissue, cells of one type, or a cell line. Islets look like cells of one "
        "type to a model that has not seen islets.",
        mean_interval(by_group),
        {"always tissue": float(np.mean([one.labelled.kind == "tissue" for one in judged]))},
    )


def _probabilities(what: str, judged: Sequence[_Judged]) -> list[Score]:
    """Log loss and calibration error; averages of tissues are one group."""
    right, most, first = (np.concatenate([getattr(one, name) for one in judged]) for name in ("right", "most", "first"))
    losses = np.array([(-np.log(np.maximum(one.right, LEAST))).mean() for one in judged])
    sure = np.array([(-np.log(np.where(one.first > 0, 1.0, LEAST))).mean() for one in judged])
    chance = np.array([-np.log(len(one.labelled.right) / one.candidates) for one in judged])
    return [
        Score(
            f"log loss, {what}",
            float(losses.mean()),
            _n(judged),
            "Mean negative logarithm of the probability given to the right terms (at most 6.9): 0 is always sure and "
            "right. Samples of tumours are among them.",
            mean_interval(losses),
            {"equal probabilities": float(chance.mean()), "sure of the best": float(sure.mean())},
            ("equal probabilities", "sure of the best"),
            higher_is_better=False,
        ),
        Score(
            f"calibration error, {what}",
            expected_calibration_error(most, first),
            f"{len(right)} samples",
            "Mean gap between how probable the best term is said to be, its ancestors and descendants with it, and how "
            "often it is right, over bins of that probability.",
            None,
            {"sure of the best": float(1.0 - first.mean())},
            ("sure of the best",),
            higher_is_better=False,
        ),
    ]


def _sexes(evidence: Evidence) -> list[Score]:
    accuracy, losses, majority, sure = [], [], [], []
    for labelled in bulk_samples(evidence):
        known = [i for i, sex in enumerate(labelled.sexes) if sex]
        if not known:
            continue
        caller, kind = SexCaller(labelled.weights), SEX_KIND[labelled.material]
        share = np.array([caller.probabilities(labelled.counts[i], kind)["female"] for i in known])
        female = np.array([labelled.sexes[i] == "female" for i in known])
        own = np.where(female, share, 1.0 - share)
        accuracy.append((own > 0.5).mean())
        losses.append((-np.log(np.maximum(own, LEAST))).mean())
        majority.append(max(female.mean(), 1.0 - female.mean()))
        sure.append((np.maximum(share, 1.0 - share) >= 0.9).mean())
    n = f"{len(accuracy)} groups"
    return [
        Score(
            "sex of real samples",
            float(np.mean(accuracy)),
            n,
            "Share of donors' samples whose recorded sex is the more probable one, tumours and cultures among them "
            f"(nine in ten sure: {np.mean(sure):.3f}). Levels of these genes were learned with some of the samples.",
            mean_interval(np.array(accuracy)),
            {"majority": float(np.mean(majority))},
            ("majority",),
            at_least=0.95,
        ),
        Score(
            "log loss, sex",
            float(np.mean(losses)),
            n,
            "Mean negative logarithm of the probability given to the recorded sex; 0.69 is knowing nothing.",
            mean_interval(np.array(losses)),
            {"equal probabilities": float(np.log(2))},
            ("equal probabilities",),
            higher_is_better=False,
        ),
    ]
