"""The self-hosted answerer: a container that speaks the contract and streams its answer as Apache Arrow."""

from __future__ import annotations

import json
import threading
from typing import Any

import numpy as np
import pyarrow as pa
import requests
from urllib3.exceptions import HTTPError as TransportError

from synthome.errors import AnswerError
from synthome.models.answer import Answer, Counts, as_counts, with_seed
from synthome.models.protocol import Cancelled, Progress, ProgressCallback, never_cancelled, no_progress
from synthome.models.remote import RemoteModel
from synthome.models.wire import Service
from synthome.prediction import Prediction
from synthome.query import Query

__all__ = ["ARROW_STREAM", "SelfHostedModel"]

ARROW_STREAM = "application/vnd.apache.arrow.stream"

_NAME = "the self-hosted service"


class SelfHostedModel(RemoteModel):
    """A model in a container at ``base_url``. Most containers want no key; one that is given goes into the header."""

    answered_by = "self-hosted"

    def predict(
        self,
        query: Query,
        progress: ProgressCallback = no_progress,
        cancelled: Cancelled = never_cancelled,
    ) -> Prediction:
        """Answer ``query``, reading each batch of samples as it arrives."""
        query = with_seed(query)
        total = query.num_samples
        batches = _Batches()

        def tick() -> None:
            progress(Progress(min(batches.samples, total), total, "receiving" if batches.samples else "waiting"))

        tick()
        with Service(_NAME, self._base_url, self._api_key, self._timing) as service:
            answer = service.post(
                f"/api/models/{self._model_id}/predict",
                query.to_contract(),
                batches.read,
                cancelled,
                accept=ARROW_STREAM,
                read_timeout=self._timing.total,
                tick=tick,
            )
        prediction = self._prediction(answer, query)
        tick()
        return prediction


class _Batches:
    """Reads an Arrow IPC stream off the socket; ``samples`` counts what has arrived."""

    def __init__(self) -> None:
        self.samples = 0

    def read(self, response: requests.Response, abandoned: threading.Event) -> Answer:
        """The whole stream as an answer; ``AnswerError`` where it is cut off or not as agreed."""
        response.raw.decode_content = True
        try:
            with pa.ipc.open_stream(response.raw) as reader:
                about = _about(reader.schema)
                counts: list[Counts] = []
                metadata: list[dict[str, Any]] = []
                latents: list[dict[str, Any]] = []
                for batch in reader:
                    if abandoned.is_set():
                        break
                    counts += _counts(batch.column("counts"))
                    metadata += _metadata(batch)
                    latents += _latents(batch)
                    self.samples += batch.num_rows
        except (pa.ArrowException, TransportError, KeyError, OSError) as error:
            message = (
                f"The answer of {_NAME} is cut off, or no Arrow stream as agreed ({type(error).__name__}). Try again."
            )
            raise AnswerError(message) from None
        return Answer(about["gene_order"], about["model_version"], counts, metadata, latents)


def _about(schema: pa.Schema) -> dict[str, Any]:
    """The gene order and the model's version from the schema's metadata."""
    raw = {key.decode(): value.decode("utf-8", "replace") for key, value in (schema.metadata or {}).items()}
    try:
        order = json.loads(raw.get("gene_order", "[]"))
    except ValueError:
        order = []
    genes = order if isinstance(order, list) and all(isinstance(gene, str) for gene in order) else []
    return {"gene_order": genes, "model_version": raw.get("model_version") or "unknown"}


def _counts(column: pa.Array) -> list[Counts]:
    """One array a sample, without a Python number in between."""
    if column.null_count or not (
        pa.types.is_list(column.type) or pa.types.is_large_list(column.type) or pa.types.is_fixed_size_list(column.type)
    ):
        message = "The counts of a sample are no list of numbers. Report it to the service."
        raise AnswerError(message)
    if not len(column):
        return []
    lengths = column.value_lengths().to_numpy(zero_copy_only=False)
    values = column.flatten().to_numpy(zero_copy_only=False)
    return [as_counts(row) for row in np.split(values, np.cumsum(lengths)[:-1])]


def _metadata(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    return [row or {} for row in batch.column("metadata").to_pylist()]


def _latents(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    names = [name for name in batch.schema.names if name.endswith("_latent")]
    columns = [batch.column(name).to_pylist() for name in names]
    kinds = [name.removesuffix("_latent") for name in names]
    return [{kind: column[row] for kind, column in zip(kinds, columns, strict=True)} for row in range(batch.num_rows)]
