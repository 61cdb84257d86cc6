"""The hosted answerer: the Synthesize Bio HTTP API, by starting a query, polling it and downloading its answer."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np

from synthome.errors import AnswerError, AuthenticationError, ModelError, QueryError, ServiceUnavailableError
from synthome.models.answer import Answer, Counts, as_counts, with_seed
from synthome.models.interruptible import sleep_unless_cancelled
from synthome.models.protocol import Cancelled, Progress, ProgressCallback, never_cancelled, no_progress
from synthome.models.refusals import field_errors
from synthome.models.remote import RemoteModel
from synthome.models.wire import Service, read_body
from synthome.prediction import Prediction
from synthome.query import Query

__all__ = ["HostedModel"]

_NAME = "the hosted service"


class HostedModel(RemoteModel):
    """A model of the hosted service, which wants an API key."""

    answered_by = "hosted"

    def predict(
        self,
        query: Query,
        progress: ProgressCallback = no_progress,
        cancelled: Cancelled = never_cancelled,
    ) -> Prediction:
        """Answer ``query``; a cancel ends the waiting, though perhaps not the service's work."""
        if not (self._api_key or "").strip():
            message = f"{_NAME.capitalize()} needs an API key. Give one under Settings; it stays in this session."
            raise AuthenticationError(message)
        query = with_seed(query)
        total = query.num_samples
        with Service(_NAME, self._base_url, self._api_key, self._timing) as service:
            progress(Progress(0, total, "sending the query"))
            query_id = self._start(service, query, cancelled)
            progress(Progress(0, total, f"waiting for {_NAME}"))
            url = self._poll(service, query_id, cancelled)
            progress(Progress(0, total, "downloading the answer"))
            body = service.download(url, cancelled)
            answer = read_download(body, service)
        prediction = self._prediction(answer, query)
        progress(Progress(total, total, "done"))
        return prediction

    def _start(self, service: Service, query: Query, cancelled: Cancelled) -> str:
        path = f"/api/models/{self._model_id}/predict"
        content = service.as_object(service.post(path, query.to_contract(), read_body, cancelled))
        query_id = str(content.get("modelQueryId") or "").strip()
        if not query_id or not query_id.replace("-", "").replace("_", "").isalnum():
            message = f"The query was taken by {_NAME}, but no id came back. Try again."
            raise AnswerError(message)
        return query_id

    def _poll(self, service: Service, query_id: str, cancelled: Cancelled) -> str:
        """Ask until the query is answered; the address of its download."""
        timing = self._timing
        end = time.monotonic() + timing.total
        pause = timing.first_poll
        while True:
            status = service.get_json(f"/api/model-queries/{query_id}/status", cancelled)
            if status.get("status") == "failed":
                raise _failed(status, service)
            if status.get("status") == "ready":
                return _download_url(status)
            if time.monotonic() + pause > end:
                message = (
                    f"No answer came from {_NAME} within {timing.total / 60:.0f} minutes. It may still be working on "
                    f"query {query_id}; try again later, or ask for fewer samples."
                )
                raise ServiceUnavailableError(message)
            sleep_unless_cancelled(pause, cancelled)
            pause = min(pause * 1.25, timing.last_poll)


def _failed(status: dict[str, Any], service: Service) -> ModelError | QueryError:
    faults = field_errors(status.get("errors"), service.clean)
    if faults:
        return QueryError(faults)
    said = status.get("message")
    reason = service.clean(said) if isinstance(said, str) and said.strip() else "it does not say why."
    return ModelError(f"The query failed at {_NAME}: {reason}")


def _download_url(status: dict[str, Any]) -> str:
    url = status.get("downloadUrl")
    if not isinstance(url, str) or not url:
        message = f"The query is answered, but {_NAME} names no download. Try again."
        raise AnswerError(message)
    return url


# Reading the download -----------------------------------------------------------------------------------------------


def read_download(body: bytes, service: Service) -> Answer:
    """The contract's download; counts may be a list, ``{"counts": list}`` or a mapping from gene to count.

    In a mapping, a gene that is left out counts zero, as in the official client.
    """
    try:
        content = json.loads(body, object_hook=_compact)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("outputs"), list):
        said = content.get("error") if isinstance(content, dict) else None
        words = f" It says: {service.clean(said)}" if isinstance(said, str) else " It is cut off or not as agreed."
        message = f"The answer of {_NAME} cannot be read.{words} Try again."
        raise AnswerError(message)
    order = content.get("gene_order")
    genes = order if isinstance(order, list) and all(isinstance(gene, str) for gene in order) else []
    outputs = [output if isinstance(output, dict) else {} for output in content["outputs"]]
    place = {gene: index for index, gene in enumerate(genes)}
    return Answer(
        gene_order=genes,
        model_version=str(content.get("model_version") or "unknown"),
        counts=[_counts(output.get("counts"), place) for output in outputs],
        metadata=[_object(output.get("metadata")) for output in outputs],
        latents=[_object(output.get("latents")) for output in outputs],
    )


def _compact(parsed: dict[str, Any]) -> dict[str, Any]:
    """Counts as an array while the rest is still being parsed: a list of Python numbers takes ten times the memory."""
    counts = parsed.get("counts")
    if isinstance(counts, list):
        parsed["counts"] = as_counts(counts)
    return parsed


def _counts(counts: object, place: dict[str, int]) -> Counts:
    if isinstance(counts, dict) and isinstance(counts.get("counts"), np.ndarray):
        counts = counts["counts"]
    if isinstance(counts, np.ndarray):
        return counts
    if not isinstance(counts, dict):
        message = "A sample of the answer has no counts. Try again; if it stays so, report it to the service."
        raise AnswerError(message)
    strange = next((gene for gene in counts if gene not in place), None)
    if strange is not None:
        message = f"The answer counts {str(strange)[:40]}, which is not among its genes. Report it to the service."
        raise AnswerError(message)
    given = as_counts(list(counts.values()))
    row = np.zeros(len(place), dtype=given.dtype)
    row[[place[gene] for gene in counts]] = given
    return row


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
