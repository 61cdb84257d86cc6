"""What the routes stand on: a runner, the term index and the models, each made when it is first needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Annotated

from anyio import CapacityLimiter
from fastapi import Depends, Request

from synthome.api.rate_limits import RateLimits
from synthome.errors import UnknownModelError
from synthome.models import MODEL_IDS, embedded_model
from synthome.models.protocol import Model
from synthome.ontology import TermIndex, default_index
from synthome.runs import Runner, default_runner
from synthome.runs.workspaces import API_WORKSPACE
from synthome.settings import settings

__all__ = ["Backend", "TheBackend"]

_READ_AT_ONCE = 2
_FORGET_EVERY = 60.0


class Backend:
    """The given parts, or this process's own in their stead."""

    def __init__(
        self, runner: Runner | None = None, index: TermIndex | None = None, models: Mapping[str, Model] | None = None
    ) -> None:
        self._runner = runner
        self._index = index
        self._models = models
        self._forgetting = threading.Lock()
        self._forgotten = float("-inf")
        self.rate_limits = RateLimits()
        self.reading = CapacityLimiter(_READ_AT_ONCE)
        """Holds back the reading of queries, so that many large ones do not take their memory all at once."""

    @cached_property
    def runner(self) -> Runner:
        """Answers queries in the background."""
        return self._runner or default_runner()

    @property
    def index(self) -> TermIndex:
        """Finds terms; opening it for the first time may build it. A refresh of the ontologies puts another here."""
        return self._index or default_index()

    @property
    def model_ids(self) -> tuple[str, ...]:
        """The names of the models that answer here."""
        return MODEL_IDS if self._models is None else tuple(self._models)

    def model(self, model_id: str) -> Model:
        """The model of that name; ``UnknownModelError`` where there is none."""
        if model_id not in self.model_ids:
            message = f"There is no model '{model_id[:60]}' here; the models are {', '.join(self.model_ids)}."
            raise UnknownModelError(message)
        if self._models is not None:
            return self._models[model_id]
        return embedded_model(model_id)

    def forget_expired(self) -> None:
        """Remove answers that have been kept for long enough; looks for them once a minute at most."""
        with self._forgetting:
            if time.monotonic() - self._forgotten < _FORGET_EVERY:
                return
            self._forgotten = time.monotonic()
        self.runner.delete_finished(API_WORKSPACE, datetime.now(UTC) - timedelta(hours=settings().api_kept_hours))


def _backend(request: Request) -> Backend:
    backend: Backend = request.app.state.backend
    return backend


TheBackend = Annotated[Backend, Depends(_backend)]
