"""How a perturbation's strength depends on dose and time: prior curves, the same for all perturbations of a kind.

No source of the weights varies dose or time, so nothing here is learned: the curves are textbook forms with usual
constants, and every answer that uses one says so. Each gives 1 at the dose and time of the learned signature.

- Compounds and ligands: the Hill equation with exponent 1, d / (d + EC50).
- Infections: the share of cells that at least one particle reaches, 1 - exp(-m) (Poisson; Ellis and Delbrueck 1939).
- Time: 1 - exp(-t / tau), the approach to a new steady state at a constant rate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from synthome.query.units import Dimension, Quantity, read_dose, read_time

__all__ = ["KINETICS", "Kind", "Kinetics"]

Kind = Literal["compound", "gene", "ligand", "infection"]


@dataclass(frozen=True, slots=True)
class Kinetics:
    """Prior constants of one kind of perturbation.

    ``half_dose`` is the dose of half the effect in the base unit of ``dimension`` (see ``query.units``); ``tau`` the
    time constant in hours. ``dose`` and ``time`` are taken where a signature does not tell its own.
    """

    dimension: Dimension | None
    half_dose: float
    tau: float
    dose: str
    time: str

    def dose_factor(self, dose: Quantity, reference: str) -> float | None:
        """Strength at ``dose`` beside that at ``reference``; ``None`` where the unit is not one of the kind's.

        >>> round(KINETICS["compound"].dose_factor(read_dose("2 um"), "10 um"), 2)
        0.6
        """
        usual = read_dose(reference or self.dose)
        if self.dimension is None or dose.dimension != self.dimension:
            return None
        if usual is None or usual.dimension != self.dimension:
            usual = read_dose(self.dose)
        return self._reached(dose.magnitude) / self._reached(usual.magnitude) if usual is not None else None

    def time_factor(self, time: Quantity, reference: str) -> float:
        """Strength after ``time`` beside that after ``reference``.

        >>> round(KINETICS["compound"].time_factor(read_time("6 hours"), "24 hours"), 2)
        0.46
        """
        usual = read_time(reference) or read_time(self.time)
        hours = usual.magnitude if usual is not None and usual.magnitude > 0 else self.tau
        return math.expm1(-time.magnitude / self.tau) / math.expm1(-hours / self.tau)

    def _reached(self, dose: float) -> float:
        if self.dimension == "multiplicity":
            return -math.expm1(-dose)
        return dose / (dose + self.half_dose)


KINETICS: dict[Kind, Kinetics] = {
    "compound": Kinetics("molar", 2.0, 12.0, "10 um", "24 hours"),
    "ligand": Kinetics("mass per volume", 5.0, 12.0, "20 ng/ml", "24 hours"),
    "infection": Kinetics("multiplicity", 0.0, 12.0, "1 moi", "24 hours"),
    "gene": Kinetics(None, 0.0, 24.0, "", "96 hours"),
}
