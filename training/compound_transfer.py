"""What drugs do to genes beyond the 978 landmarks, carried over from drugs that Tahoe and NeurIPS measured there.

Ridge regression of all genes on landmarks over the drugs of a source, in its dual form: a drug is written as a
combination of the source's drugs that match its landmarks, and answers elsewhere as that combination does. The drug
itself is never among them. How much of it is kept is measured on drugs that L1000 shares with the *other* source:
within a source it would seem twice as good, for what its drugs share with each other beyond the drug.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from training.compound_sources import DrugResponses, SourceName

__all__ = ["Carrier", "Transfer"]

RIDGE = 1.0
"""Penalty beside landmark profiles of unit length: a perfect match of one drug counts by half."""
COMMON = 0.38
"""Correlation of what Tahoe and NeurIPS carry over, on the 150 drugs of L1000 that replicate best."""
LEAST_PAIRS = 20
"""Drugs of L1000 that the other source must judge for a slope of its own."""
UNCALIBRATED = 1.9
"""Slope where no other source can judge: what Tahoe and NeurIPS are worth to each other."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Carrier:
    """Drugs of one source with all their genes; ``landmarks`` are the rows that queries are given on."""

    source: SourceName
    profiles: Array
    drugs: pd.Index
    landmarks: npt.NDArray[np.intp]
    measured: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, response: DrugResponses, landmarks: npt.NDArray[np.intp]) -> Carrier:
        """From a source; the landmarks that it lacks are left out of the comparison."""
        profiles = response.profiles
        measured = profiles.notna().any(axis=1).to_numpy()
        used = landmarks[measured[landmarks]]
        return cls(response.name, profiles.fillna(0.0).to_numpy(), profiles.columns, used, measured)

    @cached_property
    def _all(self) -> tuple[Array, Array]:
        return self._solved(self.profiles)

    def _solved(self, profiles: Array) -> tuple[Array, Array]:
        """Centred profiles, and the matrix that makes weights of a query's landmarks."""
        centred = profiles - profiles.mean(axis=1, keepdims=True)
        known = centred[self.landmarks] / np.sqrt(len(self.landmarks))
        ridge = known.T @ known + RIDGE * np.eye(profiles.shape[1])
        return centred, np.linalg.solve(ridge, known.T) / np.sqrt(len(self.landmarks))

    def carry(self, query: Array, drug: str) -> Array:
        """All genes of the models for a drug with this landmark profile; zero where the source measures nothing.

        ``query`` has one value a gene of the models, of which the landmarks are read.
        """
        others = self.drugs != drug
        profiles, weights = self._all if others.all() else self._solved(self.profiles[:, others])
        carried: Array = profiles @ (weights @ query[self.landmarks])
        carried[~self.measured] = 0.0
        return carried


@dataclass(frozen=True)
class Transfer:
    """Carriers and what each is worth: the slope of a drug's true profile on what is carried."""

    carriers: tuple[Carrier, ...]
    slope: Mapping[SourceName, float]

    @classmethod
    def calibrate(
        cls, carriers: tuple[Carrier, ...], queries: pd.DataFrame, reliability: Mapping[SourceName, pd.Series]
    ) -> Transfer:
        """``queries``: shrunk profiles of L1000's drugs; ``reliability`` of each source's drugs."""
        slope = {}
        for carrier in carriers:
            judges = [judge for judge in carriers if judge.source != carrier.source]
            slope[carrier.source] = _slope(carrier, judges, queries, reliability)
        return cls(carriers, slope)

    def carry(self, query: Array, drug: str) -> Array:
        """Expected profile of all genes that some carrier measures, zero elsewhere.

        What two carriers say of a gene adds up but for the part that both say already: of predictors that are each
        right by themselves and correlate by c, the best sum is divided by 1 + c.
        """
        total, count = np.zeros(len(query)), np.zeros(len(query))
        for carrier in self.carriers:
            total += self.slope[carrier.source] * carrier.carry(query, drug)
            count += carrier.measured
        return total / (1.0 + COMMON * np.maximum(count - 1.0, 0.0))


def _slope(
    carrier: Carrier, judges: list[Carrier], queries: pd.DataFrame, reliability: Mapping[SourceName, pd.Series]
) -> float:
    """Least squares of the judges' profiles (rho x truth + noise) on what is carried beyond the landmarks."""
    products = squares = 0.0
    pairs = 0
    for judge in judges:
        beyond = carrier.measured & judge.measured
        beyond[carrier.landmarks] = False
        for column, drug in enumerate(judge.drugs):
            if drug not in queries.columns:
                continue
            carried = carrier.carry(queries[drug].to_numpy(), drug)[beyond]
            rho = float(np.sqrt(reliability[judge.source][drug]))
            products += rho * float(judge.profiles[beyond, column] @ carried)
            squares += rho**2 * float(carried @ carried)
            pairs += 1
    return max(0.0, products / squares) if pairs >= LEAST_PAIRS else UNCALIBRATED
