"""Groups of samples that a user has named, at most one a sample: kept beside the run, a metadata column to all else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from synthome.errors import SynthomeError
from synthome.prediction import GROUP, Prediction

__all__ = ["SampleGroups", "read_sample_groups"]

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class SampleGroups:
    """The group of each of n samples; an empty string for samples in none.

    >>> groups = SampleGroups.none(4).named([0, 1], "Left").named([1, 2], "Right")
    >>> groups.of_samples, groups.names
    (('Left', 'Right', 'Right', ''), ('Left', 'Right'))
    """

    of_samples: tuple[str, ...]

    @classmethod
    def none(cls, num_samples: int) -> SampleGroups:
        """No group yet."""
        return cls(("",) * num_samples)

    @property
    def names(self) -> tuple[str, ...]:
        """The groups there are, as they first appear among the samples."""
        return tuple(dict.fromkeys(name for name in self.of_samples if name))

    def named(self, rows: Iterable[int], name: str) -> SampleGroups:
        """The samples in ``rows`` are the group ``name`` and of no other any more; a group left empty is gone.

        Raises
        ------
        SynthomeError
            The name is blank or longer than 60 characters, or there is no such sample.
        """
        tidy = re.sub(r"\s+", " ", name).strip()
        if not tidy or len(tidy) > _LONGEST or not tidy.isprintable():
            message = (
                f"A group's name has 1 to {_LONGEST} characters; '{tidy[:_LONGEST]}' cannot be one. Choose another."
            )
            raise SynthomeError(message)
        chosen = set(rows)
        if not chosen <= set(range(len(self.of_samples))):
            message = (
                f"There are {len(self.of_samples)} samples; the group '{tidy}' names others. Pick its samples again."
            )
            raise SynthomeError(message)
        return SampleGroups(tuple(tidy if row in chosen else old for row, old in enumerate(self.of_samples)))

    def without(self, name: str) -> SampleGroups:
        """The samples of the group ``name`` are in none."""
        return SampleGroups(tuple("" if old == name else old for old in self.of_samples))

    def laid_over(self, prediction: Prediction) -> Prediction:
        """``prediction`` with the column ``group`` in its metadata; as it was where there is no group."""
        if not self.names or len(self.of_samples) != len(prediction.metadata):
            return prediction
        metadata = prediction.metadata.copy()
        metadata[GROUP] = [name or None for name in self.of_samples]
        return replace(prediction, metadata=metadata)

    def to_json(self) -> bytes:
        """As :func:`read_sample_groups` reads it."""
        return json.dumps(self.of_samples, ensure_ascii=False).encode()


def read_sample_groups(text: bytes) -> SampleGroups:
    """The groups that ``to_json`` wrote; ``ValueError`` where ``text`` is no such thing."""
    names = json.loads(text)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        message = "not a list of one group name a sample"
        raise ValueError(message)
    return SampleGroups(tuple(names))
