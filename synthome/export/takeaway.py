"""All that is taken away of one run, handed on whole to what writes it: the prediction and what is known around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from synthome.analysis.normalisation import FloatArray, log_cpm
from synthome.prediction import Prediction
from synthome.query import Query

__all__ = ["Takeaway"]


@dataclass(frozen=True, eq=False)
class Takeaway:
    """A prediction of n samples with its question.

    Attributes
    ----------
    title : str
        As its user calls it.
    query : Query
        With the seed that was used, so that asking it again gives the same numbers.
    labels : mapping
        What people call the term ids in the metadata and in what was applied.
    ontologies : mapping
        The version of each ontology in use, by its prefix, such as ``{"UBERON": "2026-04-01"}``.
    """

    title: str
    query: Query
    prediction: Prediction
    labels: Mapping[str, str] = field(default_factory=dict)
    ontologies: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def log_expression(self) -> FloatArray:
        """log2(CPM + 1), n x genes; computed when first asked for."""
        return log_cpm(self.prediction.expression)

    @property
    def model_id(self) -> str:
        """The model that was asked."""
        return self.prediction.provenance.model_id

    @property
    def told(self) -> bool:
        """Whether real samples were told what they are, rather than samples made."""
        return self.prediction.classifier_probs is not None
