"""How it was done, as a paper's methods section says it: from what was asked to each analysis that was used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from synthome.analysis.differential import Comparison
from synthome.analysis.figures.words import is_given, key_label
from synthome.analysis.views import DifferentialView, GenesView, HeatmapView, PCAView
from synthome.export.citations import ONTOLOGY_WORKS, WORKS, Citation, software_versions
from synthome.export.takeaway import Takeaway
from synthome.query.vocabulary import KEYS, operation_of
from synthome.wording import counted, joined

__all__ = ["Analyses", "Compared", "Methods", "methods"]

_MOST_CONDITIONS = 12
"""More conditions are not described one by one."""
_SYNTHETIC = (
    "All expression data described here are synthetic: they were made by a statistical model and no biological "
    "material was measured. P-values and fold changes describe the model, not nature."
)


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """A differential comparison that was made, with the thresholds at which genes were called."""

    comparison: Comparison
    method: Literal["welch", "deseq2"] = "welch"
    view: DifferentialView = field(default_factory=DifferentialView)


@dataclass(frozen=True, slots=True, eq=False)
class Analyses:
    """What was done with a prediction; ``None`` and empty for what was not."""

    pca: PCAView | None = None
    heatmap: HeatmapView | None = None
    genes: GenesView | None = None
    compared: tuple[Compared, ...] = ()


@dataclass(frozen=True, slots=True)
class Methods:
    """A methods text: headed paragraphs, and the works that they cite in the order of their first mention."""

    sections: tuple[tuple[str, str], ...]
    citations: tuple[Citation, ...]

    def to_text(self) -> str:
        """Plain text, one paragraph a line."""
        parts = [f"{heading}\n{paragraph}" for heading, paragraph in self.sections]
        if self.citations:
            parts.append("References\n" + "\n".join(f"{work.full} {work.url}" for work in self.citations))
        return "\n\n".join(parts) + "\n"

    def to_markdown(self) -> str:
        """Markdown with headings of the second level."""
        parts = [f"## {heading}\n\n{_as_markdown(paragraph)}" for heading, paragraph in self.sections]
        if self.citations:
            works = "\n".join(f"- {_as_markdown(work.full)} <{work.url}>" for work in self.citations)
            parts.append(f"## References\n\n{works}")
        return "\n\n".join(parts) + "\n"


def methods(taken: Takeaway, analyses: Analyses | None = None) -> Methods:
    """The methods text of a run and of the ``analyses`` that were used, and of no others.

    Versions are those installed where the text is made; the ontologies' come with ``taken``.
    """
    text = _Text(taken, analyses or Analyses())
    sections = tuple((heading, " ".join(sentences)) for heading, sentences in text.sections() if sentences)
    return Methods(sections, tuple(text.cited))


class _Text:
    """Sentences, and the works that they cite on the way."""

    def __init__(self, taken: Takeaway, analyses: Analyses) -> None:
        self.taken, self.analyses = taken, analyses
        self.cited: list[Citation] = []

    def cite(self, *works: Citation) -> str:
        """The works as they stand in the text."""
        self.cited += [work for work in works if work not in self.cited]
        return f"({'; '.join(work.short for work in works)})"

    def sections(self) -> Iterator[tuple[str, list[str]]]:
        """Every heading with its sentences; none where there is nothing to say."""
        yield ("Samples told by a model" if self.taken.told else "Synthetic samples"), list(self.samples())
        yield "Conditions", list(self.conditions())
        yield "Ontologies", list(self.ontologies())
        if self.analyses.pca or self.analyses.heatmap or self.analyses.genes or self.analyses.compared:
            yield "Normalisation", list(self.normalisation())
        yield "Principal components", list(self.principal_components())
        yield "Heatmap", list(self.heatmap())
        yield "Expression of single genes", list(self.genes())
        yield "Differential expression", list(self.differential())
        yield "Software", list(self.software())
        yield "Data sources", list(self.sources())

    def samples(self) -> Iterator[str]:
        prediction, query = self.taken.prediction, self.taken.query
        source = prediction.provenance
        n = counted(len(prediction.expression), "sample")
        yield _SYNTHETIC
        by = {
            "embedded": f"the model {source.model_id} that is embedded in Synthome (version {source.model_version})",
            "hosted": f"Synthesize Bio's hosted model {source.model_id} (version {source.model_version})",
            "self-hosted": f"the model {source.model_id} in a self-hosted container (version {source.model_version})",
        }[source.answered_by]
        if self.taken.told:
            yield f"The counts of {n} were given to {by}, which told the most probable metadata of each."
            return
        yield f"{n} of {counted(len(prediction.condition_names), 'condition')} were made by {by}."
        if operation_of(source.model_id) == "reference-conditioning":
            yield "Real samples were given as references, and the model made them as if they had been treated."
        yield {
            "sample generation": "The sampling strategy was sample generation, which includes measurement error.",
            "mean estimation": "The sampling strategy was mean estimation, which includes no measurement error.",
        }[query.sampling_strategy]
        if query.deterministic_latents:
            yield "Latent variables were set to their means."
        sizes = prediction.expression.to_numpy().sum(axis=1, dtype=np.int64)
        genes = counted(prediction.expression.shape[1], "gene")
        yield f"The median library size was {np.median(sizes):,.0f} counts over {genes}."
        if source.seed is not None:
            yield f"The random seed was {source.seed}."

    def conditions(self) -> Iterator[str]:
        prediction = self.taken.prediction
        if self.taken.told:
            return
        for place, name in enumerate(prediction.condition_names[:_MOST_CONDITIONS]):
            rows = np.flatnonzero(prediction.condition == place)
            given = self.taken.query.inputs[place].metadata.given() if place < len(self.taken.query.inputs) else {}
            described = ", ".join(
                f"{key_label(key).lower()} {self.named(value)}" for key, value in given.items() if is_given(value)
            )
            yield f"{name}: {counted(len(rows), 'sample')}{f' ({described})' if described else ''}."
        more = len(prediction.condition_names) - _MOST_CONDITIONS
        if more > 0:
            yield f"{counted(more, 'further condition')} are listed in the metadata."

    def named(self, value: object) -> str:
        """A value with its label where it is a term."""
        text = str(value)
        label = self.taken.labels.get(text)
        return f"{label} [{text}]" if label and label != text else text

    def ontologies(self) -> Iterator[str]:
        names = [name for name in self.taken.ontologies if self._uses(name)]
        if not names:
            return
        versions = []
        for name in names:
            cited = f" {self.cite(ONTOLOGY_WORKS[name])}" if name in ONTOLOGY_WORKS else ""
            versions.append(f"{name} {self.taken.ontologies[name]}{cited}")
        yield f"Terms are those of {joined(versions)}."

    def _uses(self, ontology: str) -> bool:
        """Whether a metadata value is a term of that ontology."""
        for key in self.taken.prediction.metadata.columns:
            if key in KEYS and (KEYS[key].ontology or key == "perturbation_ontology_id" or KEYS[key].ontologies):
                values = self.taken.prediction.metadata[key].dropna().unique()
                if any(str(value).startswith((f"{ontology}:", f"{ontology}_")) for value in values):
                    return True
        return False

    def normalisation(self) -> Iterator[str]:
        yield "Counts were normalised to log2(CPM + 1), CPM being counts per million of the sample's total count."

    def principal_components(self) -> Iterator[str]:
        view = self.analyses.pca
        if view is None:
            return
        yield (
            f"Principal components were computed from the {view.n_genes:,} most variable genes, ranked by their "
            "variance less that expected of Poisson counts of the same mean "
            f"{self.cite(WORKS['variable genes'])}."
        )
        scaled = "centred and scaled to unit variance" if view.scaled else "centred and not scaled"
        yield f"Genes were {scaled}; the components are the exact singular vectors."

    def heatmap(self) -> Iterator[str]:
        view = self.analyses.heatmap
        if view is None:
            return
        shown = "z-scores over the samples" if view.values == "z-score" else "log2(CPM + 1)"
        yield f"The heatmap shows {shown} of {view.source or counted(len(view.genes), 'gene')}."
        distance = "1 - r (Pearson)" if view.metric == "correlation" else "Euclidean distance"
        linkage = f"{view.linkage} linkage"
        if view.linkage == "ward":
            linkage = f"Ward's criterion {self.cite(WORKS['ward'])}"
        what = "Genes and samples were" if view.samples == "clustered" else "Genes were"
        yield (
            f"{what} clustered hierarchically by {distance} with {linkage}; up to 300 leaves were ordered optimally "
            f"{self.cite(WORKS['leaf order'])}."
        )

    def genes(self) -> Iterator[str]:
        view = self.analyses.genes
        if view is None:
            return
        symbols = dict(zip(self.taken.prediction.genes.index, self.taken.prediction.symbols(), strict=True))
        names = [symbols.get(gene, gene) for gene in view.genes]
        scale = "log2(CPM + 1)" if view.scale == "log CPM" else "counts"
        shown = joined(names) if len(names) <= 8 else counted(len(names), "gene")
        yield f"The levels of {shown} are shown as {scale}, by {key_label(view.by).lower()}."

    def differential(self) -> Iterator[str]:
        for compared in self.analyses.compared:
            yield f"Differential expression of {compared.comparison.sentence} was tested {self._test(compared.method)}."
            view = compared.view
            yield (
                f"Genes were called at an adjusted p-value of at most {view.most_adjusted_p:g} and a change of at "
                f"least {2**view.least_log2_fold_change:.3g}-fold."
            )

    def _test(self, method: str) -> str:
        rate = WORKS["false discovery rate"]
        if method == "deseq2":
            return (
                "by negative binomial regression of counts with Wald tests, the model of DESeq2 "
                f"{self.cite(WORKS['deseq2'])} as PyDESeq2 fits it {self.cite(WORKS['pydeseq2'])}, with "
                f"Benjamini-Hochberg adjustment {self.cite(rate)}"
            )
        return (
            f"by Welch's t-test on log2(CPM + 1) {self.cite(WORKS['welch'])} with Benjamini-Hochberg adjustment "
            f"{self.cite(rate)}"
        )

    def software(self) -> Iterator[str]:
        packages = ["numpy", "pandas", "scipy", "plotly"]
        if any(compared.method == "deseq2" for compared in self.analyses.compared):
            packages.append("pydeseq2")
        versions = [f"{name} {version}" for name, version in software_versions(*packages).items()]
        works = self.cite(WORKS["numpy"], WORKS["scipy"])
        yield f"The software was {joined(versions)} {works}."

    def sources(self) -> Iterator[str]:
        if self.taken.prediction.provenance.answered_by != "embedded":
            return
        yield (
            "The parameters of the embedded model were fitted to public expression data, among them the Human Protein "
            "Atlas, GTEx and TCGA, and are shared under CC BY-SA 4.0. The complete list of sources with their licences "
            "is the file NOTICE of Synthome."
        )


def _as_markdown(text: str) -> str:
    """``text`` with what Markdown would read as markup escaped."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in text)
