"""A prediction on the wire, sample by sample: the contract's JSON download and its Arrow IPC stream.

What a sample holds follows from the operation that was asked for: ``counts``, ``metadata`` and ``latents``; or, for a
real sample that was told what it is, ``metadata``, ``classifier_probs``, ``latents`` and a ``decoder_sample``.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from synthome.prediction import Prediction
from synthome.query import operation_of
from synthome.query.vocabulary import PREDICT_METADATA, REQUEST_TYPES

__all__ = ["arrow_stream", "json_stream"]

_LATENTS = ("biological", "technical", "perturbation")
_BATCH = 64
"""Samples in one Arrow batch: about 5 MB of counts."""


def json_stream(prediction: Prediction) -> Iterator[bytes]:
    """The contract's download: ``gene_order``, ``outputs`` (one object a sample), ``model_version``, and the seed."""
    head = json.dumps({"gene_order": list(prediction.genes.index)}, separators=(",", ":"))
    yield f'{head[:-1]},"outputs":['.encode()
    counts = prediction.expression.to_numpy()
    for row, output in enumerate(_outputs(prediction)):
        yield b"".join((b"," if row else b"", *_written(output, _digits(counts[row]))))
    provenance = prediction.provenance
    tail = json.dumps({"model_version": provenance.model_version, "seed": provenance.seed}, separators=(",", ":"))
    yield f"],{tail[1:]}".encode()


def arrow_stream(prediction: Prediction) -> Iterator[bytes]:
    """The contract's Arrow IPC stream, one record batch for every few samples."""
    outputs = list(_outputs(prediction))
    schema = _schema(prediction, outputs)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, schema) as writer:
        for start in range(0, len(outputs), _BATCH):
            writer.write_batch(_batch(prediction, outputs, schema, slice(start, start + _BATCH)))
            yield _drain(sink)
    yield _drain(sink)


def _outputs(prediction: Prediction) -> Iterator[dict[str, Any]]:
    """What there is of each sample beside its counts."""
    told = _is_told(prediction)
    kinds = [name for name in _LATENTS if name in prediction.latents]
    columns = {str(key): prediction.metadata[key].tolist() for key in prediction.metadata.columns}
    for row in range(len(prediction.expression)):
        output: dict[str, Any] = {"metadata": _given({key: column[row] for key, column in columns.items()})}
        if told and prediction.classifier_probs is not None:
            output["classifier_probs"] = prediction.classifier_probs.iloc[row].to_dict()
        yield output | {"latents": {kind: prediction.latents[kind].iloc[row] for kind in kinds}}


def _given(metadata: Mapping[str, object]) -> dict[str, str]:
    return {key: str(value) for key, value in metadata.items() if value is not None and value == value}


def _is_told(prediction: Prediction) -> bool:
    return operation_of(prediction.provenance.model_id) == PREDICT_METADATA


# JSON ---------------------------------------------------------------------------------------------------------------


def _written(output: Mapping[str, Any], digits: bytes) -> tuple[bytes, ...]:
    """One object of ``outputs``, its counts put in as they are written."""
    rest = json.dumps(output, separators=(",", ":"), allow_nan=False).encode()
    if "classifier_probs" in output:
        return (rest[:-1], b',"decoder_sample":{"counts":[', digits, b"]}}")
    return (b'{"counts":[', digits, b"],", rest[1:])


def _digits(counts: npt.NDArray[np.integer]) -> bytes:
    """Whole numbers between commas, written by Arrow: twice as fast as by way of Python's integers."""
    written = pc.cast(pa.array(counts), pa.string())
    whole = pa.ListArray.from_arrays(pa.array([0, len(written)], pa.int32()), written)
    return bytes(pc.binary_join(whole, ",")[0].as_buffer())


# Arrow --------------------------------------------------------------------------------------------------------------


def _schema(prediction: Prediction, outputs: list[dict[str, Any]]) -> pa.Schema:
    counts = pa.list_(pa.from_numpy_dtype(prediction.expression.to_numpy().dtype))
    metadata = pa.struct([pa.field(key, pa.string()) for key in _keys(outputs, "metadata")])
    latents = [pa.field(kind, pa.list_(pa.float64())) for kind in _keys(outputs, "latents")]
    if _is_told(prediction):
        fields = [
            pa.field("metadata", metadata),
            pa.field("latents", pa.struct(latents)),
            pa.field("classifier_probs", _probabilities(outputs)),
            pa.field("decoder_sample", pa.struct([pa.field("counts", counts)])),
        ]
    else:
        fields = [pa.field("counts", counts), pa.field("metadata", metadata)]
        fields += [pa.field(f"{field.name}_latent", field.type) for field in latents]
    about: Mapping[str, str] = {
        "request_type": REQUEST_TYPES[operation_of(prediction.provenance.model_id)],
        "model_version": prediction.provenance.model_version,
        "gene_order": json.dumps(list(prediction.genes.index)),
        "seed": json.dumps(prediction.provenance.seed),
    }
    return pa.schema(fields, metadata=dict(about))


def _keys(outputs: list[dict[str, Any]], part: str) -> list[str]:
    """Every key of one part of the outputs, in the order in which they come."""
    return list(dict.fromkeys(key for output in outputs for key in output[part]))


def _probabilities(outputs: list[dict[str, Any]]) -> pa.StructType:
    """A struct for each thing told, with a field for each value that any sample may have."""
    values: dict[str, dict[str, None]] = {}
    for output in outputs:
        for what, probabilities in output["classifier_probs"].items():
            values.setdefault(what, {}).update(dict.fromkeys(probabilities))
    return pa.struct(
        [pa.field(what, pa.struct([pa.field(value, pa.float64()) for value in told])) for what, told in values.items()]
    )


def _batch(prediction: Prediction, outputs: list[dict[str, Any]], schema: pa.Schema, rows: slice) -> pa.RecordBatch:
    counts = prediction.expression.to_numpy()[rows]
    n, genes = counts.shape
    offsets = pa.array(np.arange(n + 1, dtype=np.int32) * genes)
    lists = pa.ListArray.from_arrays(offsets, pa.array(np.ascontiguousarray(counts).reshape(-1)))
    columns = []
    for field in schema:
        if field.name == "counts":
            columns.append(lists)
        elif field.name == "decoder_sample":
            columns.append(pa.StructArray.from_arrays([lists], fields=list(field.type)))
        elif field.name.endswith("_latent"):
            kind = field.name.removesuffix("_latent")
            columns.append(pa.array([output["latents"][kind] for output in outputs[rows]], type=field.type))
        else:
            columns.append(pa.array([output[field.name] for output in outputs[rows]], type=field.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _drain(sink: io.BytesIO) -> bytes:
    written = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return written
