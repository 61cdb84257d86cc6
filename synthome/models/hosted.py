"""The hosted answerer: the Synthesize Bio HTTP API, by starting a query, polling it and downloading its answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from synthome.errors import AnswerError, AuthenticationError, ModelError, QueryError
from synthome.models.answer import Answer, with_seed
from synthome.models.exchange import read_body
from synthome.models.json_answer import JsonDownload
from synthome.models.protocol import Cancelled, Progress, ProgressCallback, never_cancelled, no_progress
from synthome.models.remote import RemoteModel
from synthome.models.service_words import said_in
from synthome.models.wire import Service
from synthome.prediction import Prediction
from synthome.query import Query

__all__ = ["HostedModel"]

_QUERY_ID = re.compile(r"[\w.:-]{1,200}", re.ASCII)
_ENDED = frozenset({"failed", "error", "cancelled", "canceled", "expired"})


class HostedModel(RemoteModel):
    """A model of the hosted service, which wants an API key."""

    answered_by = "hosted"
    service_name = "the hosted service"

    def predict(
        self,
        query: Query,
        progress: ProgressCallback = no_progress,
        cancelled: Cancelled = never_cancelled,
    ) -> Prediction:
        """Answer ``query``; a cancel ends the waiting, though perhaps not the service's work."""
        self._check(query)
        query = with_seed(query)
        total = query.num_samples

        def tell(activity: str, done: int = 0) -> None:
            progress(Progress(done, total, activity))

        with self._service() as service:
            tell("sending the query")
            query_id = self._start(service, query, cancelled)
            tell(f"waiting for {service.name}")
            service.doing = f"working on query {query_id}, which it may yet finish"
            url = self._poll(service, query_id, cancelled)
            tell("downloading the answer")
            service.doing = f"sending the answer to query {query_id}"
            answer = _download(service, url, total, cancelled, tell)
        prediction = self._prediction(answer, query)
        tell("done", total)
        return prediction

    def _service(self) -> Service:
        if not self._key:
            message = (
                f"{self.service_name.capitalize()} needs an API key. Give one under Settings; it stays in this session."
            )
            raise AuthenticationError(message)
        return super()._service()

    def _start(self, service: Service, query: Query, cancelled: Cancelled) -> str:
        path = f"/api/models/{self._model_id}/predict"
        content = service.as_object(service.post(path, query.to_contract(), read_body, cancelled))
        query_id = str(content.get("modelQueryId") or "").strip()
        # A name that leads to another path, or repeats the key, is none.
        if not _QUERY_ID.fullmatch(query_id) or ".." in query_id:
            said = said_in(content, service.clean).sentence
            message = f"The query was taken by {service.name}, but no id came back. {said} Try again."
            raise AnswerError(" ".join(message.split()))
        return query_id

    def _poll(self, service: Service, query_id: str, cancelled: Cancelled) -> str:
        """Ask until the query is answered; the address of its download."""
        pause = self._timing.first_poll
        while True:
            status = service.get_json(f"/api/model-queries/{query_id}/status", cancelled, about="query")
            state = status.get("status")
            if state in _ENDED:
                raise _failed(status, service)
            if state == "ready":
                return _download_url(status, service)
            if not isinstance(state, str):
                message = f"How query {query_id} stands was asked of {service.name}, but it does not say. Try again."
                raise AnswerError(message)
            service.sleep(pause, cancelled)
            pause = min(pause * 1.25, self._timing.last_poll)


def _failed(status: dict[str, Any], service: Service) -> ModelError | QueryError:
    said = said_in(status, service.clean)
    if said.faults:
        return QueryError(said.faults)
    reason = said.sentence or "it does not say why. Try again; if it fails again, report it to the service."
    return ModelError(f"The query failed at {service.name}: {reason}")


def _download_url(status: dict[str, Any], service: Service) -> str:
    url = status.get("downloadUrl")
    if not isinstance(url, str) or not url.strip():
        message = f"The query is answered, but {service.name} names no download. Try again."
        raise AnswerError(message)
    return url


def _download(
    service: Service, url: str, samples: int, cancelled: Cancelled, tell: Callable[[str, int], None]
) -> Answer:
    """The answer at ``url``; each sample that comes is told."""
    download = JsonDownload(service, samples)
    told = 0

    def tick() -> None:
        nonlocal told
        if download.received != told:
            told = download.received
            tell("downloading the answer", told)

    return service.download(url, download.read, cancelled, tick)
