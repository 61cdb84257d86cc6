"""How long a service is waited for: for each step, and for all of them together."""

from __future__ import annotations

import time
from dataclasses import dataclass

__all__ = ["Deadline", "Timing", "spoken"]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long to wait for what, in seconds. The pause between polls grows from ``first_poll`` to ``last_poll``.

    ``connect`` and ``read`` end one step; ``total`` ends everything, retries and a slow download included. A service
    that turns a query away and asks for more than ``longest_wait`` is not waited for: the user is told when to return.
    """

    connect: float = 10.0
    read: float = 60.0
    total: float = 900.0
    first_poll: float = 2.0
    last_poll: float = 5.0
    attempts: int = 4
    backoff: float = 0.5
    longest_wait: float = 30.0


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of a whole prediction, ``total`` seconds after its begin, whatever happens in between."""

    total: float
    end: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline that is ``seconds`` away."""
        return cls(seconds, time.monotonic() + seconds)

    @property
    def left(self) -> float:
        """Seconds until the end, at least 0."""
        return max(0.0, self.end - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether the time is over."""
        return self.left <= 0.0


def spoken(seconds: float) -> str:
    """A span of time as people say it.

    >>> spoken(17), spoken(0.4), spoken(900), spoken(7000), spoken(200_000)
    ('17 s', '0.4 s', '15 minutes', '1.9 hours', '2.3 days')
    """
    if seconds < 120:
        return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds:.1g} s"
    for unit, length in (("minutes", 60), ("hours", 3600)):
        if seconds < 100 * 60 or (unit == "hours" and seconds < 48 * 3600):
            return f"{seconds / length:.2g} {unit}"
    return f"{seconds / 86_400:.2g} days"
