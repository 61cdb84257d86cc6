"""When a request is sent once more, and after how long."""

from __future__ import annotations

import random
from typing import Literal

from synthome.models.failures import Failure
from synthome.models.refusals import Refusal
from synthome.models.timing import Timing

__all__ = ["may_repeat", "pause_before_next"]

_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_LONGEST_BACKOFF = 30.0


def pause_before_next(
    method: Literal["GET", "POST"], outcome: Refusal | Failure, attempt: int, timing: Timing, left: float
) -> float | None:
    """Seconds until the next attempt; ``None`` where there is none to be made.

    ``attempt`` counts from 0, and ``left`` is the time that remains for everything. A service that asks for longer
    than that is not waited for; one that has not taken the query yet, for no longer than ``timing.longest_wait``.
    """
    if attempt + 1 >= timing.attempts or not may_repeat(method, outcome):
        return None
    asked = (outcome.wait or 0.0) if isinstance(outcome, Refusal) else 0.0
    if method == "POST" and asked > timing.longest_wait:
        return None
    pause = min(timing.backoff * 2**attempt, _LONGEST_BACKOFF)
    # Clients that were turned away together shall not come back together.
    pause *= random.uniform(0.5, 1.5)  # noqa: S311 - no secret
    pause = max(pause, asked)
    return pause if pause < left else None


def may_repeat(method: Literal["GET", "POST"], outcome: Refusal | Failure) -> bool:
    """Whether trying again can help, and does no harm: a question that may have been taken on is not sent again."""
    if isinstance(outcome, Failure):
        return outcome.may_pass and (method == "GET" or outcome.never_sent)
    if method == "POST":
        turned_away = outcome.status == 503 and outcome.wait is not None
        return outcome.status == 429 or turned_away
    return outcome.status in _PASSING
