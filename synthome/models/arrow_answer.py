"""A container's Arrow IPC stream, read batch by batch while it comes."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import requests
from urllib3.exceptions import HTTPError as TransportError

from synthome.errors import AnswerError
from synthome.models.answer import Answer, gene_names
from synthome.models.count_matrix import CountMatrix, Counts, as_counts
from synthome.models.wire import Service
from synthome.query.vocabulary import PREDICT_METADATA, REQUEST_TYPES, operation_of

__all__ = ["ArrowStream"]

_UNREADABLE = (pa.ArrowException, TransportError, OSError, UnicodeDecodeError)


class ArrowStream:
    """Reads the answer of ``service`` for ``samples`` samples; ``received`` counts those that have come."""

    def __init__(self, service: Service, model_id: str, samples: int) -> None:
        self._service = service
        self._operation = operation_of(model_id)
        self._samples = samples
        self.received = 0

    def read(self, response: requests.Response, abandoned: threading.Event) -> Answer:
        """The whole stream as an answer; ``AnswerError`` where it is cut off or not as agreed."""
        response.raw.decode_content = True
        self._check_kind(response.headers.get("Content-Type", "").partition(";")[0].strip().lower())
        try:
            with pa.ipc.open_stream(response.raw) as reader:
                return self._read(reader, abandoned)
        except _UNREADABLE as error:
            kind = type(error).__name__
        message = (
            f"The answer of {self._service.name} is cut off, or no Arrow stream as agreed ({kind}). Try again; if it "
            "stays so, ask for fewer samples."
        )
        raise AnswerError(message)

    def _check_kind(self, content_type: str) -> None:
        if content_type == "text/html":
            raise self._service.web_page()
        if content_type.endswith("json"):
            message = (
                f"JSON and no Arrow stream came from {self._service.name}. It may be a hosted service and no "
                "container: check its address under Settings."
            )
            raise AnswerError(message)

    def _read(self, reader: pa.RecordBatchStreamReader, abandoned: threading.Event) -> Answer:
        about = self._about(reader.schema)
        self._check_request_type(about.get("request_type"))
        self._check_columns(reader.schema.names)
        genes = gene_names(_parsed(about.get("gene_order", "")))
        counts = CountMatrix(self._samples, len(genes))
        metadata: list[Mapping[str, Any]] = []
        latents: list[Mapping[str, Any]] = []
        probabilities: list[Mapping[str, Any]] = []
        for batch in reader:
            if abandoned.is_set():
                break
            if not batch.num_rows:
                continue
            batch.validate(full=True)
            counts.add(self._counts(batch, len(genes), counts.rows), batch.num_rows)
            metadata += self._rows(batch, "metadata")
            latents += _latents(batch)
            if "classifier_probs" in batch.schema.names:
                probabilities += self._rows(batch, "classifier_probs")
            self.received = counts.rows
        version = about.get("model_version") or "unknown"
        return Answer(genes, version, counts.whole(len(genes)), metadata, latents, probabilities, about.get("model_id"))

    def _about(self, schema: pa.Schema) -> dict[str, str]:
        raw = schema.metadata or {}
        return self._service.hide(
            {key.decode("utf-8", "replace"): value.decode("utf-8", "replace") for key, value in raw.items()}
        )

    def _check_request_type(self, told: str | None) -> None:
        expected = REQUEST_TYPES[self._operation]
        if told is not None and told in REQUEST_TYPES.values() and told != expected:
            message = (
                f"The answer of {self._service.name} is one to another kind of question ('{told}' and not "
                f"'{expected}'). Check that its address is that of the model that was chosen."
            )
            raise AnswerError(message)

    def _check_columns(self, names: list[str]) -> None:
        told = self._operation == PREDICT_METADATA
        needed = ("metadata", "classifier_probs", "decoder_sample") if told else ("counts", "metadata")
        missing = [name for name in needed if name not in names]
        if missing:
            message = (
                f"The answer of {self._service.name} has no column {' and no column '.join(missing)}. It may be one of "
                "an older or another model: check the container's version."
            )
            raise AnswerError(message)

    def _counts(self, batch: pa.RecordBatch, genes: int, before: int) -> Counts:
        """The counts of a batch, one sample after the other, without a Python number in between."""
        if self._operation == PREDICT_METADATA:
            decoded = _plain(batch.column("decoder_sample"))
            is_whole = pa.types.is_struct(decoded.type) and decoded.type.get_field_index("counts") >= 0
            lists = _plain(pc.struct_field(decoded, "counts")) if is_whole else pa.nulls(batch.num_rows)
        else:
            lists = _plain(batch.column("counts"))
        if lists.null_count or not _is_list(lists.type):
            message = "The counts of a sample are no list of numbers. Report it to the service."
            raise AnswerError(message)
        lengths = lists.value_lengths().to_numpy(zero_copy_only=False)
        uneven = next((row for row, length in enumerate(lengths) if length != genes), None)
        if uneven is not None:
            message = (
                f"Sample {before + uneven + 1} of the answer has {lengths[uneven]:,} counts for {genes:,} genes. Try "
                "again; if it stays so, report it to the service."
            )
            raise AnswerError(message)
        return as_counts(_plain(lists.flatten()).to_numpy(zero_copy_only=False))

    def _rows(self, batch: pa.RecordBatch, column: str) -> list[Mapping[str, Any]]:
        rows = batch.column(column).to_pylist()
        return [self._service.hide(row) if isinstance(row, dict) else {} for row in rows]


def _is_list(kind: pa.DataType) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _plain(column: pa.Array) -> pa.Array:
    """``column`` with its values in place, where it is a dictionary of them."""
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _latents(batch: pa.RecordBatch) -> list[Mapping[str, Any]]:
    if "latents" in batch.schema.names:
        return [row if isinstance(row, dict) else {} for row in batch.column("latents").to_pylist()]
    names = [name for name in batch.schema.names if name.endswith("_latent")]
    columns = [batch.column(name).to_pylist() for name in names]
    kinds = [name.removesuffix("_latent") for name in names]
    return [{kind: column[row] for kind, column in zip(kinds, columns, strict=True)} for row in range(batch.num_rows)]
