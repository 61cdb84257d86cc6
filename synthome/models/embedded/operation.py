"""What the operations on real samples have in common: the weights of a baseline model, under another name."""

from __future__ import annotations

from typing import ClassVar

import pandas as pd

from synthome.models.embedded.context import ConditionVocabulary
from synthome.models.embedded.model import EmbeddedModel
from synthome.models.embedded.real_sample import SampleReader
from synthome.query.vocabulary import Operation, model_named

__all__ = ["SampleOperation"]


class SampleOperation:
    """An operation of the contract by the weights of a baseline model, which it shares; those below it answer."""

    operation: ClassVar[Operation]

    def __init__(self, base: EmbeddedModel, reader: SampleReader) -> None:
        self._base = base
        self._reader = reader

    @property
    def base(self) -> EmbeddedModel:
        """The baseline model whose weights these are."""
        return self._base

    @property
    def model_id(self) -> str:
        """The contract's name."""
        return model_named(self._base.model_id, self.operation)

    @property
    def version(self) -> str:
        """Whose answer it is: this open model, not the hosted one."""
        return self._base.version_under(self.model_id)

    @property
    def genes(self) -> pd.DataFrame:
        """The genes of every answer and of every sample that is given, in order."""
        return self._base.genes

    def vocabulary(self) -> ConditionVocabulary:
        """What the model can say, and how well it knows it."""
        return self._base.vocabulary()
