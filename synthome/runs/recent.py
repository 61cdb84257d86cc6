"""Finished predictions kept at hand in memory, the least recently used forgotten first."""

from __future__ import annotations

import threading
from collections import OrderedDict

from synthome.prediction import Prediction

__all__ = ["RecentPredictions"]


class RecentPredictions:
    """Predictions by run id, of no more than ``budget`` bytes together; a larger one is not kept at all."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._bytes = 0
        self._kept: OrderedDict[str, tuple[Prediction, int]] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, run_id: str, prediction: Prediction) -> None:
        """Keep ``prediction``, forgetting the least recently used ones that no longer fit beside it."""
        size = _size(prediction)
        with self._lock:
            self._forget(run_id)
            self._kept[run_id] = prediction, size
            self._bytes += size
            while self._bytes > self._budget:
                self._forget(next(iter(self._kept)))

    def get(self, run_id: str) -> Prediction | None:
        """The prediction of ``run_id`` if it is still here."""
        with self._lock:
            if run_id not in self._kept:
                return None
            self._kept.move_to_end(run_id)
            return self._kept[run_id][0]

    def forget(self, run_id: str) -> None:
        """Let go of the prediction of ``run_id``."""
        with self._lock:
            self._forget(run_id)

    def _forget(self, run_id: str) -> None:
        _, size = self._kept.pop(run_id, (None, 0))
        self._bytes -= size


def _size(prediction: Prediction) -> int:
    """Bytes of the counts and, roughly, of the latents' lists; the rest is small beside them."""
    cells = (cell for column in prediction.latents.columns for cell in prediction.latents[column])
    return int(prediction.expression.to_numpy().nbytes) + 32 * sum(len(cell or ()) for cell in cells)
