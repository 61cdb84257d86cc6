"""One figure of the scorecard, with all that is needed to judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Score"]


@dataclass(frozen=True, slots=True)
class Score:
    """A measured value beside what makes it mean something.

    Attributes
    ----------
    name
        What was measured, in a few words.
    value
        The figure. NaN fails.
    n
        How many conditions it rests on, and of what (``31 tissues``).
    meaning
        One sentence for a biologist.
    interval
        95 per cent, by resampling conditions; ``None`` where the figure is exact.
    baselines
        The same figure for naive answers, by name.
    beaten
        Names of baselines that the value must be better than.
    ceiling
        The same figure for real data against real data, with its name.
    at_least, at_most
        The floor; both where the value must lie between.
    higher_is_better
        Direction, for comparing with ``beaten``.
    """

    name: str
    value: float
    n: str
    meaning: str
    interval: tuple[float, float] | None = None
    baselines: Mapping[str, float] = field(default_factory=dict)
    beaten: tuple[str, ...] = ()
    ceiling: tuple[str, float] | None = None
    at_least: float | None = None
    at_most: float | None = None
    higher_is_better: bool = True

    def __post_init__(self) -> None:
        unknown = set(self.beaten) - set(self.baselines)
        if unknown:
            message = f"{self.name}: no baseline is called {', '.join(sorted(unknown))}"
            raise ValueError(message)

    @property
    def judged(self) -> bool:
        """Whether there is anything that the value may fail."""
        return self.at_least is not None or self.at_most is not None or bool(self.beaten)

    def shortfalls(self) -> tuple[str, ...]:
        """What the value fails, in words; empty where it passes.

        >>> Score("r", 0.7, "3 tissues", "", at_least=0.8).shortfalls()
        ('0.700 is under 0.8',)
        """
        out = []
        # Written so that NaN fails.
        if self.at_least is not None and not self.value >= self.at_least:
            out.append(f"{self.value:.3f} is under {self.at_least:g}")
        if self.at_most is not None and not self.value <= self.at_most:
            out.append(f"{self.value:.3f} is over {self.at_most:g}")
        for name in self.beaten:
            other = self.baselines[name]
            better = self.value > other if self.higher_is_better else self.value < other
            if not better:
                out.append(f"{self.value:.3f} is no better than the {name}'s {other:.3f}")
        return tuple(out)

    @property
    def passed(self) -> bool:
        """Whether no floor is missed."""
        return not self.shortfalls()

    @property
    def floor(self) -> str:
        """The floor in words; empty where there is none."""
        bounds = []
        if self.at_least is not None and self.at_most is not None:
            bounds.append(f"{self.at_least:g} to {self.at_most:g}")
        elif self.at_least is not None:
            bounds.append(f"≥ {self.at_least:g}")
        elif self.at_most is not None:
            bounds.append(f"≤ {self.at_most:g}")
        if self.beaten:
            bounds.append("better than " + " and ".join(self.beaten))
        return "; ".join(bounds)
