"""Real samples perturbed: how much of a sample the model sees, and whether the sample stays itself.

Weights are those that the sample's study played no part in (``training.unseen_samples``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from synthome.models.embedded import EmbeddedModel, EmbeddedReferenceModel, SampleReader
from synthome.models.embedded.posterior import LAB_VARIANCE, position
from synthome.models.embedded.signatures import load_effects
from synthome.models.embedded.weights import FOLDER, Weights
from synthome.ontology import default_index
from synthome.prediction import Prediction
from synthome.query.schema import ReferenceQuery
from training.scorecard.asking import log2_cpm
from training.scorecard.bootstrap import mean_interval
from training.scorecard.evidence import Evidence
from training.scorecard.scores import Score
from training.unseen_samples import Labelled, bulk_samples, cells

__all__ = ["measure"]

Array = npt.NDArray[np.float64]
SAMPLES = 4
"""Samples of a group that are looked at."""
LEAST_CPM = 5.0
TARGETS = 12
"""Genes that are knocked down and overexpressed in every group."""
MOST_REPLICATE = 1.5
"""Distance from the sample, as a multiple of that of a second sequencing, that an unperturbed sample may have."""


def measure(evidence: Evidence) -> list[Score]:
    """Latents, identity, and perturbed genes, in bulk; counts of single cells not seen."""
    groups = [g for g in bulk_samples(evidence) if g.material in ("healthy", "culture", "tumour")]
    models = {g.study: _models(g.weights) for g in groups}
    seen = np.array([_seen(g, *models[g.study]) for g in groups])
    returned = np.array([_returned(g, models[g.study][1]) for g in groups])
    right = np.array([_targets(g, models[g.study][1]) for g in groups])
    single = [g for g in cells(evidence) if g.material == "cell"]
    halves = np.array([_halves(g) for g in single])
    n = f"{len(groups)} groups, {SAMPLES} samples of each"
    return [
        Score(
            "genes that latents tell, error beside the profile's",
            float(seen[:, 0].mean()),
            n,
            "Latents found from half of the genes, judged on the other half: error of log2 CPM as a part of that of "
            "the plain profile of what the sample was taken for. Below 1, latents say something true of the sample.",
            mean_interval(seen[:, 0]),
            {"plain profile": 1.0},
            ("plain profile",),
            higher_is_better=False,
        ),
        Score(
            "unperturbed sample, distance beside sequencing it again",
            float(returned[:, 0].mean()),
            n,
            "A sample that is given and not perturbed comes back: its distance from itself (log2 CPM of expressed "
            "genes) as a multiple of the distance of a second sequencing of the same library.",
            mean_interval(returned[:, 0]),
            {"another sample of its kind": float(returned[:, 1].mean())},
            ("another sample of its kind",),
            ("sequenced again", 1.0),
            at_most=MOST_REPLICATE,
            higher_is_better=False,
        ),
        Score(
            "samples nearest to their own reference",
            float(returned[:, 2].mean()),
            n,
            "Share of answers that are more like the sample they were made from than like any other of its group.",
            mean_interval(returned[:, 2]),
            {"chance": 1 / SAMPLES},
            ("chance",),
            at_least=0.99,
        ),
        Score(
            "perturbed genes that move the right way in real samples",
            float(right.mean()),
            f"{len(groups)} groups, {TARGETS} genes by crispr and by overexpression",
            "The gene that is knocked down falls and the one that is overexpressed rises, in a real sample.",
            mean_interval(right),
            {"chance": 0.5},
            ("chance",),
            at_least=1.0,
        ),
        Score(
            "unseen half of a cell's counts, error beside the profile's",
            float(halves[:, 0].mean()),
            f"{len(single)} types, {SAMPLES} cells of each",
            "Half of the counts of a single cell are given, the other half predicted: deviance as a part of that of "
            "the plain profile of what the cell was taken for.",
            mean_interval(halves[:, 0]),
            {"plain profile": 1.0, "the given half as it is": float(halves[:, 1].mean())},
            ("plain profile", "the given half as it is"),
            higher_is_better=False,
        ),
    ]


def _models(weights: Weights) -> tuple[SampleReader, EmbeddedReferenceModel]:
    contract = "gem-1-bulk" if weights.name == "bulk" else "gem-1-sc"
    base = EmbeddedModel(contract, weights, load_effects(FOLDER), default_index())
    reader = SampleReader(base)
    return reader, EmbeddedReferenceModel(base, reader)


def _seen(group: Labelled, reader: SampleReader, model: EmbeddedReferenceModel) -> tuple[float]:
    """Error at the posterior latents over that of the profile, on genes that the latents were not found from."""
    ratios = []
    for counts in group.counts[:SAMPLES]:
        sample = reader.read(counts)
        loadings = model.base.expectation.loadings * sample.expected.spread
        phi = sample.expected.phi + LAB_VARIANCE
        scale = np.ones(len(loadings))
        for found_from in (slice(0, None, 2), slice(1, None, 2)):
            given = np.zeros(len(phi), dtype=bool)
            given[found_from] = True
            found = position(sample.counts[given], sample.cpm[given], loadings[:, given], phi[given], scale)
            judged = ~given & (counts > 0) & (sample.cpm > LEAST_CPM)
            real, plain = (log2_cpm(v[judged]) for v in (sample.counts, sample.cpm))
            moved = log2_cpm((sample.cpm * np.exp(found.mean @ loadings))[judged])
            ratios.append(_distance(real, moved) / _distance(real, plain))
    return (float(np.mean(ratios)),)


def _distance(a: Array, b: Array) -> float:
    """Root mean squared difference, a common factor taken out."""
    return float(np.std(a - b))


def _asked(model: EmbeddedReferenceModel, counts: Sequence[Array], metadata: Mapping[str, str]) -> Prediction:
    inputs = [{"counts": c.tolist(), "metadata": dict(metadata), "num_samples": 1} for c in counts]
    noisy = "sample generation" if model.model_id.startswith("gem-1-bulk") else "mean estimation"
    query = ReferenceQuery.model_validate({"inputs": inputs, "sampling_strategy": noisy, "seed": 31})
    return model.predict(query)


def _returned(group: Labelled, model: EmbeddedReferenceModel) -> tuple[float, float, float]:
    """Distance from itself and from another sample, as multiples of a replicate's; share nearest to its own."""
    real = group.counts[:SAMPLES]
    answer = _asked(model, list(real), {}).expression.to_numpy()
    generator = np.random.default_rng(32)
    again = np.stack([generator.multinomial(c.sum(), c / c.sum()) for c in real])
    expressed = (real / real.sum(axis=1, keepdims=True) * 1e6 > LEAST_CPM).all(axis=0)
    reals, answers, replicates = (log2_cpm(table.T)[expressed].T for table in (real, answer, again))
    replicate = np.mean([_distance(a, b) for a, b in zip(reals, replicates, strict=True)])
    between = np.array([[_distance(a, b) for b in reals] for a in answers])
    own = np.diag(between).mean()
    other = between[~np.eye(len(real), dtype=bool)].mean()
    nearest = (between.argmin(axis=1) == np.arange(len(real))).mean()
    return float(own / replicate), float(other / replicate), float(nearest)


def _targets(group: Labelled, model: EmbeddedReferenceModel) -> float:
    """Share of genes that move the right way in the first sample of a group."""
    counts = group.counts[0]
    generator = np.random.default_rng(33)
    expressed = np.flatnonzero(counts / counts.sum() * 1e6 > LEAST_CPM)
    chosen = generator.choice(expressed, TARGETS, replace=False)
    before = _asked(model, [counts], {}).expression.to_numpy()[0]
    right = []
    for place in chosen:
        gene = str(model.genes.index[place])
        for kind, up in (("crispr", False), ("overexpression", True)):
            metadata = {"perturbation_type": kind, "perturbation_ontology_id": gene}
            after = _asked(model, [counts], metadata).expression.to_numpy()[0]
            right.append((after[place] > before[place]) == up)
    return float(np.mean(right))


def _halves(group: Labelled) -> tuple[float, float]:
    """Poisson deviance of the unseen half beside that of the profile: of the model, and of the given half alone."""
    reader, model = _models(group.weights)
    generator = np.random.default_rng(34)
    own, naive = [], []
    for counts in group.counts[:SAMPLES]:
        given = generator.binomial(counts, 0.5)
        unseen = counts - given
        answer = _asked_mean(model, given)
        profile = reader.read(given).cpm
        of_profile = _deviance(unseen, profile)
        own.append(_deviance(unseen, answer) / of_profile)
        naive.append(_deviance(unseen, given.astype(np.float64)) / of_profile)
    return float(np.mean(own)), float(np.mean(naive))


def _asked_mean(model: EmbeddedReferenceModel, counts: Array) -> Array:
    """CPM of the unperturbed cell at mean latents; a large library, so that rounding does not matter."""
    body = {
        "inputs": [{"counts": counts.tolist(), "num_samples": 1}],
        "sampling_strategy": "mean estimation",
        "deterministic_latents": True,
        "fixed_total_count": True,
        "total_count": 100_000_000,
    }
    cpm: Array = model.predict(ReferenceQuery.model_validate(body)).expression.to_numpy()[0].astype(np.float64)
    return cpm


def _deviance(counts: Array, expected: Array) -> float:
    """Twice the log likelihood short of a perfect prediction, Poisson; a thousandth of a count a gene is always due."""
    mean = expected + expected.sum() * 1e-7
    mean = mean * (counts.sum() / mean.sum())
    log = np.where(counts > 0, counts * np.log(np.maximum(counts, 1) / mean), 0.0)
    return float(2.0 * (log - (counts - mean)).sum())
