"""Real samples of one kind, beside made ones of the same kind whose spread was learned without that study.

The directions in which samples differ and the dispersion are fitted anew from the other studies. The mean profile is
the shipped one, or a given one where only spread is to be judged: a study's gene models decide which genes it never
sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded.model import EmbeddedModel
from synthome.models.embedded.scale import decoded, log_expression
from synthome.models.embedded.signatures import load_effects
from synthome.models.embedded.vocabulary import LEARNED_KEYS
from synthome.models.embedded.weights import FOLDER, Dispersion, Weights, load_weights
from synthome.ontology import default_index
from training.bulk_tables import load_sources
from training.noise_statistics import thinned
from training.save import codes
from training.scorecard.asking import expected_cpm, generated
from training.scorecard.evidence import Evidence
from training.sex import fit_sex
from training.studies import Study, residuals, study_of
from training.tissues import between_laboratories
from training.variability import Variability, fit_variability

__all__ = [
    "GROUPS",
    "SampleSet",
    "at_one_size",
    "pooled_deviation",
    "real_counts",
    "sample_sets",
    "weights_without",
]

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
GROUPS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "islets: islets": {"tissue_ontology_id": "UBERON:0000006"},
        "gtex_bladder: Bladder": {"tissue_ontology_id": "UBERON:0001255"},
        "gtex_skin: Cells - Transformed fibroblasts": {"cell_type_ontology_id": "CL:0000057"},
        "tcga_CHOL: 11": {"tissue_ontology_id": "UBERON:0002107"},
    }
)
"""Groups of nine samples or more of a kind that the model knows, and how it is asked for them."""
_MORE = 1.5
"""Made libraries are this much larger than wanted, since genes that the study lacks are taken out of them."""


@dataclass(frozen=True)
class SampleSet:
    """One group. ``real`` is genes x samples, whole counts of the genes in ``rows`` (of the models' genes)."""

    group: str
    real: Counts
    rows: npt.NDArray[np.bool_]
    weights: Weights

    @property
    def label(self) -> str:
        """The group in a word or two."""
        return {"tcga_CHOL: 11": "liver"}.get(self.group, self.group.split(": ")[1].rsplit(" - ")[-1].lower())

    @cached_property
    def expected(self) -> Array:
        """CPM that the model expects of this kind."""
        expected: Array = expected_cpm(_model(self.weights), [GROUPS[self.group]])[self.rows, 0]
        return expected

    def made(self, samples: int, seed: int, mean: Array | None = None) -> Counts:
        """As many synthetic samples on the same genes, at libraries somewhat larger than the real ones' median.

        ``mean`` (CPM of the genes in ``rows``) stands in for the learned profile.
        """
        weights = self.weights if mean is None else self._with_profile(mean)
        total = int(np.median(self.real.sum(axis=0)) * _MORE)
        prediction = generated(_model(weights), [GROUPS[self.group]], samples, seed=seed, total_count=total)
        return prediction.expression.to_numpy().T[self.rows].astype(np.int64)

    def _with_profile(self, mean: Array) -> Weights:
        ((key, term),) = GROUPS[self.group].items()
        name = LEARNED_KEYS[key]
        family = self.weights.learned[name]
        stored = family.codes.copy()
        stored[family.ids.index(term), self.rows] = codes(log_expression(mean)[:, None])[0]
        learned = {**self.weights.learned, name: replace(family, codes=stored)}
        return replace(self.weights, learned=MappingProxyType(learned))


def sample_sets(evidence: Evidence) -> Iterator[SampleSet]:
    """Every group, on the genes of the nucleus that its study measures and that do not tell sex."""
    for group in GROUPS:
        rows = _judged_genes(evidence, (group,))
        (real,) = real_counts(evidence, (group,))
        yield SampleSet(group, real, rows, weights_without(evidence, _study(group)))


def real_counts(evidence: Evidence, groups: Sequence[str]) -> tuple[Counts, ...]:
    """Whole counts of each group, genes x samples: of the nuclear genes that all measure and that do not tell sex."""
    rows = _judged_genes(evidence, groups)
    tables = [_counts_of(evidence, group).to_numpy()[rows] for group in groups]
    return tuple(np.rint(table).astype(np.int64) for table in tables)


def at_one_size(*tables: Counts, seed: int) -> tuple[Counts, ...]:
    """Tables cut down at random to the smallest library among them."""
    generator = np.random.default_rng(seed)
    total = min(int(table.sum(axis=0).min()) for table in tables)
    return tuple(thinned(table, total, generator) for table in tables)


def _counts_of(evidence: Evidence, group: str) -> pd.DataFrame:
    return evidence.genes.ensembl_rows(evidence.count_sets[group.split(":")[0]].counts_of(group))


def _judged_genes(evidence: Evidence, groups: Sequence[str]) -> npt.NDArray[np.bool_]:
    genes = evidence.genes
    telling = fit_sex(genes, []).telling | (genes.table["chromosome"] == "MT").to_numpy()
    measured = np.all([_counts_of(evidence, group).notna().all(axis=1).to_numpy() for group in groups], axis=0)
    rows: npt.NDArray[np.bool_] = measured & ~telling
    return rows


@lru_cache(maxsize=4)
def weights_without(evidence: Evidence, study: str) -> Weights:
    """The bulk model's weights with the spread of samples learned without sets whose name begins with ``study``."""
    genes = evidence.genes
    studies = list(_studies_without(evidence, study))
    telling = fit_sex(genes, studies).telling
    sets = [part for one in studies for part in residuals(one)]
    shipped = load_weights("bulk")
    tissues, cell_types = (decoded(shipped.learned[name].codes).T for name in ("tissue", "cell_type"))
    fitted = fit_variability(sets, between_laboratories(load_sources(genes)), ~telling, tissues, cell_types)
    return replace(
        shipped,
        biological=fitted.biological.T.copy(),
        technical=fitted.technical.T.copy(),
        dispersion=_dispersion(fitted),
        latent_scale=fitted.scale_by_material,
    )


def _model(weights: Weights) -> EmbeddedModel:
    return EmbeddedModel("gem-1-bulk", weights, load_effects(FOLDER), default_index())


def _dispersion(fitted: Variability) -> Dispersion:
    return Dispersion(fitted.dispersion, fitted.trend)


@lru_cache(maxsize=4)
def _studies_without(evidence: Evidence, study: str) -> tuple[Study, ...]:
    sources = evidence.count_sets.items()
    return tuple(study_of(evidence.genes, source) for name, source in sources if not name.startswith(study))


def pooled_deviation(evidence: Evidence, one: SampleSet) -> Array:
    """Standard deviation of ln(CPM + c) of each gene of ``one``, learned from the other studies' normal samples.

    What a model that knows one variance a gene would learn from the data that ours learns from.
    """
    sets = [r for study in _studies_without(evidence, _study(one.group)) for r in residuals(study)]
    squares, degrees = np.zeros(len(one.rows)), np.zeros(len(one.rows))
    for part in sets:
        if part.material != "tumour":
            squares += (part.values**2).sum(axis=1)  # noqa: PD011 - of Residuals, not of a table
            degrees += part.degrees * part.measured
    deviation: Array = np.sqrt(squares / np.maximum(degrees, 1))[one.rows]
    return deviation


def _study(group: str) -> str:
    return group.split("_")[0].split(":")[0]
