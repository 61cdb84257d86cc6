"""A prediction on the wire, sample by sample: the contract's JSON download and its Arrow IPC stream."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from synthome.prediction import Prediction

__all__ = ["ARROW_STREAM", "arrow_stream", "json_stream"]

ARROW_STREAM = "application/vnd.apache.arrow.stream"

_LATENTS = ("biological", "technical", "perturbation")
_BATCH = 64
"""Samples in one Arrow batch: about 5 MB of counts."""


def json_stream(prediction: Prediction) -> Iterator[bytes]:
    """The contract's download: ``gene_order``, ``outputs`` (one object a sample), ``model_version``, and the seed."""
    head = json.dumps({"gene_order": list(prediction.genes.index)}, separators=(",", ":"))
    yield f'{head[:-1]},"outputs":['.encode()
    counts = prediction.expression.to_numpy()
    for row, metadata in enumerate(_metadata(prediction)):
        latents = {name: prediction.latents[name].iloc[row] for name in prediction.latents.columns}
        output = {"counts": counts[row].tolist(), "metadata": metadata, "latents": latents}
        comma = "," if row else ""
        yield (comma + json.dumps(output, separators=(",", ":"), allow_nan=False)).encode()
    provenance = prediction.provenance
    tail = json.dumps({"model_version": provenance.model_version, "seed": provenance.seed}, separators=(",", ":"))
    yield f"],{tail[1:]}".encode()


def arrow_stream(prediction: Prediction) -> Iterator[bytes]:
    """The contract's Arrow IPC stream, one record batch for every few samples."""
    metadata = _metadata(prediction)
    schema = _schema(prediction, metadata)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, schema) as writer:
        for start in range(0, len(metadata), _BATCH):
            writer.write_batch(_batch(prediction, metadata, schema, slice(start, start + _BATCH)))
            yield _drain(sink)
    yield _drain(sink)


def _metadata(prediction: Prediction) -> list[dict[str, object]]:
    """One object a sample, of the keys that its condition sets."""
    rows = prediction.metadata.to_dict("records")
    return [{str(key): value for key, value in row.items() if value is not None and value == value} for row in rows]


def _schema(prediction: Prediction, metadata: list[dict[str, object]]) -> pa.Schema:
    keys = list(dict.fromkeys(key for row in metadata for key in row))
    counts = pa.from_numpy_dtype(prediction.expression.to_numpy().dtype)
    fields = [
        pa.field("counts", pa.list_(counts)),
        pa.field("metadata", pa.struct([pa.field(key, pa.string()) for key in keys])),
        *(pa.field(f"{name}_latent", pa.list_(pa.float64())) for name in _LATENTS if name in prediction.latents),
    ]
    about: Mapping[str, str] = {
        "request_type": "baseline",
        "model_version": prediction.provenance.model_version,
        "gene_order": json.dumps(list(prediction.genes.index)),
        "seed": json.dumps(prediction.provenance.seed),
    }
    return pa.schema(fields, metadata=dict(about))


def _batch(prediction: Prediction, metadata: list[dict[str, object]], schema: pa.Schema, rows: slice) -> pa.RecordBatch:
    counts = prediction.expression.to_numpy()[rows]
    n, genes = counts.shape
    offsets = pa.array(np.arange(n + 1, dtype=np.int32) * genes)
    columns = [pa.ListArray.from_arrays(offsets, pa.array(np.ascontiguousarray(counts).reshape(-1)))]
    texts = [{key: str(value) for key, value in row.items()} for row in metadata[rows]]
    columns.append(pa.array(texts, type=schema.field("metadata").type))
    for field in list(schema)[2:]:
        cells = prediction.latents[field.name.removesuffix("_latent")].iloc[rows]
        columns.append(pa.array(list(cells), type=field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _drain(sink: io.BytesIO) -> bytes:
    written = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return written
