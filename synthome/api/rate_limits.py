"""How often one client may ask: moving windows of a minute, by key or address, counted in this process."""

from __future__ import annotations

import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from synthome.errors import TooManyRequestsError
from synthome.settings import settings

__all__ = ["RateLimits"]


class RateLimits:
    """Counts the requests and the predictions of each client."""

    def __init__(self) -> None:
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def request(self, client: str) -> None:
        """Count a request; ``TooManyRequestsError`` where it is one too many."""
        self._count("requests", settings().api_requests_per_minute, client)

    def prediction(self, client: str) -> None:
        """Count a prediction; ``TooManyRequestsError`` where it is one too many."""
        self._count("predictions", settings().api_predictions_per_minute, client)

    def _count(self, what: str, most: int, client: str) -> None:
        if most <= 0:
            return
        limit = RateLimitItemPerMinute(most)
        if self._windows.hit(limit, what, client):
            return
        wait = self._seconds_left(limit, what, client)
        message = f"More than {most:,} {what} in a minute were asked for; try again in {wait:.0f} s."
        raise TooManyRequestsError(message, retry_after=wait)

    def _seconds_left(self, limit: RateLimitItem, what: str, client: str) -> float:
        return max(1.0, self._windows.get_window_stats(limit, what, client).reset_time - time.time())
