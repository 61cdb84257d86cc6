"""The answer: the one type that models make and everything after them reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.query.support import Support

__all__ = ["GROUP", "ConditionProvenance", "Prediction", "Provenance"]

GROUP = "group"
"""The metadata column of groups of samples that a user has named herself; a sample may be in none."""


@dataclass(frozen=True, slots=True)
class ConditionProvenance:
    """How one condition was answered: a ``Support`` for each metadata key that was set, what to beware of, and what is
    good to know."""

    supports: tuple[Support, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an answer comes from. ``seed`` is the one used, drawn where none was asked for."""

    model_id: str
    model_version: str
    answered_by: Literal["embedded", "hosted", "self-hosted"]
    seed: int | None
    conditions: tuple[ConditionProvenance, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Prediction:
    """Synthetic expression of n samples.

    Attributes
    ----------
    metadata : DataFrame, n rows
        One column a metadata key that any condition sets, values as the contract writes them, ``None`` where unset.
    expression : DataFrame, n x genes, integer counts
        Columns are Ensembl gene ids, always in the model's order; each row sums to the library size.
    latents : DataFrame, n rows
        Columns ``biological``, ``technical``, ``perturbation``; each cell a list of floats.
    genes : DataFrame, one row a gene, in the order of the expression columns
        Index: Ensembl id. Columns: ``symbol``, ``biotype``, ``chromosome`` (empty strings where unknown).
    condition : int array, n
        Index of the query's input that each sample belongs to.
    condition_names : tuple of str
        One name a condition, for people.
    classifier_probs : DataFrame, n rows, or None
        Where real samples were told what they are: a column for each thing told (``tissue``, ``sex`` ...), each cell a
        mapping from value to probability, whose sum is 1. ``metadata`` are then the most probable values, and
        ``expression`` is how the model sees the samples.
    """

    metadata: pd.DataFrame
    expression: pd.DataFrame
    latents: pd.DataFrame
    genes: pd.DataFrame
    condition: npt.NDArray[np.intp]
    condition_names: tuple[str, ...]
    provenance: Provenance
    sample_names: tuple[str, ...] = field(default=())
    classifier_probs: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        n = len(self.expression)
        if not len(self.metadata) == len(self.latents) == len(self.condition) == n:
            message = (
                f"metadata ({len(self.metadata)}), latents ({len(self.latents)}), condition ({len(self.condition)}) "
                f"and expression ({n}) must have one row a sample"
            )
            raise ValueError(message)
        if self.classifier_probs is not None and len(self.classifier_probs) != n:
            message = f"classifier_probs has {len(self.classifier_probs)} rows but expression has {n}"
            raise ValueError(message)
        if len(self.genes) != self.expression.shape[1]:
            message = f"genes has {len(self.genes)} rows but expression has {self.expression.shape[1]} columns"
            raise ValueError(message)
        if not self.sample_names:
            object.__setattr__(self, "sample_names", _sample_names(self.condition, self.condition_names))

    @property
    def conditions(self) -> tuple[str, ...]:
        """The condition's name of each sample, n long."""
        return tuple(self.condition_names[i] for i in self.condition)

    def symbols(self) -> list[str]:
        """Gene symbols in column order; the Ensembl id where a gene has none."""
        return [symbol or gene for gene, symbol in zip(self.genes.index, self.genes["symbol"], strict=True)]


def _sample_names(condition: npt.NDArray[np.intp], names: tuple[str, ...]) -> tuple[str, ...]:
    """``Liver 01`` and so on: the condition's name and a running number of even width."""
    counts = np.bincount(condition, minlength=len(names))
    seen = [0] * len(names)
    out = []
    for index in condition:
        seen[index] += 1
        width = max(2, len(str(counts[index])))
        out.append(f"{names[index]} {seen[index]:0{width}d}")
    return tuple(out)
