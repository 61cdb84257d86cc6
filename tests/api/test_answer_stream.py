"""Predictions on the wire, read by the official client's own functions and by pyarrow."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from synthome.api.answer_stream import arrow_stream, json_stream
from synthome.prediction import Prediction
from synthome.query import BULK, SINGLE_CELL, model_named
from synthome.query.vocabulary import PREDICT_METADATA, REFERENCE_CONDITIONING
from tests.predictions import make_prediction

arrow_transformers = pytest.importorskip("pysynthbio.arrow_transformers")
output_transformers = pytest.importorskip("pysynthbio.output_transformers")

ODD = pd.DataFrame(
    {
        "genotype": ['TP53 "null"', None, "β-\u2028\\", "x"],
        "sex": [None, None, "male", "female"],
        "nothing": [None, None, None, None],
    },
    dtype=object,
)
PROBABILITIES = pd.DataFrame(
    {
        "tissue": [{"UBERON:1": 0.9, "UBERON:2": 0.1}, {"UBERON:3": 1.0}, {"UBERON:1": 1.0}, {"UBERON:2": 1.0}],
        "sex": [{"male": 0.25, "female": 0.75}] * 4,
    }
)


def answered(model_id: str, **changes: Any) -> Prediction:
    made = make_prediction([3, 1], n_genes=50, metadata=ODD)
    told = PROBABILITIES if model_id.endswith(PREDICT_METADATA) else None
    return replace(made, provenance=replace(made.provenance, model_id=model_id), classifier_probs=told, **changes)


def as_json(prediction: Prediction) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(b"".join(json_stream(prediction)))
    return content


def as_table(prediction: Prediction) -> pa.Table:
    return pa.ipc.open_stream(b"".join(arrow_stream(prediction))).read_all()


def given(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in row.items() if value is not None and value == value}
        for row in frame.to_dict("records")
    ]


@pytest.mark.parametrize("model_id", [BULK, SINGLE_CELL, model_named(BULK, REFERENCE_CONDITIONING)])
def test_expression_is_read_by_the_official_client_from_both_forms(model_id: str) -> None:
    prediction = answered(model_id)
    by_json = output_transformers.OUTPUT_TRANSFORMERS[model_id](as_json(prediction))
    by_arrow = arrow_transformers.transform_arrow_stream(b"".join(arrow_stream(prediction)))
    for result in (by_json, by_arrow):
        assert (result["expression"].to_numpy() == prediction.expression.to_numpy()).all()
        assert list(result["expression"].columns) == list(prediction.expression.columns)
        assert given(result["metadata"]) == given(prediction.metadata)
        assert [list(cell) for cell in result["latents"]["technical"]] == prediction.latents["technical"].tolist()


def test_what_samples_were_told_is_read_by_the_official_client_from_both_forms() -> None:
    model_id = model_named(SINGLE_CELL, PREDICT_METADATA)
    prediction = answered(model_id)
    by_json = output_transformers.OUTPUT_TRANSFORMERS[model_id](as_json(prediction))
    by_arrow = arrow_transformers.transform_arrow_stream(b"".join(arrow_stream(prediction)))
    for result in (by_json, by_arrow):
        assert set(result) == {"metadata", "latents", "classifier_probs", "expression"}
        assert (result["expression"].to_numpy() == prediction.expression.to_numpy()).all()
        assert given(result["metadata"]) == given(prediction.metadata)
        tissues = [{k: p for k, p in cell.items() if p is not None} for cell in result["classifier_probs"]["tissue"]]
        assert tissues == PROBABILITIES["tissue"].tolist()
        assert [list(cell) for cell in result["latents"]["biological"]] == prediction.latents["biological"].tolist()


@pytest.mark.parametrize(
    ("model_id", "request_type"),
    [
        (BULK, "baseline"),
        (model_named(BULK, REFERENCE_CONDITIONING), "reference_conditioned"),
        (model_named(BULK, PREDICT_METADATA), "predict_metadata"),
    ],
)
def test_the_stream_says_what_was_asked_for(model_id: str, request_type: str) -> None:
    about = as_table(answered(model_id)).schema.metadata
    assert about[b"request_type"] == request_type.encode()
    assert json.loads(about[b"gene_order"]) == list(answered(model_id).genes.index)


def test_every_output_has_the_same_keys() -> None:
    for model_id in (BULK, model_named(BULK, PREDICT_METADATA)):
        assert len({frozenset(output) for output in as_json(answered(model_id))["outputs"]}) == 1


def test_samples_without_any_metadata_have_empty_ones() -> None:
    prediction = answered(BULK)
    prediction = replace(prediction, metadata=pd.DataFrame(index=range(4)))
    assert [output["metadata"] for output in as_json(prediction)["outputs"]] == [{}] * 4
    assert as_table(prediction).column("metadata").to_pylist() == [{}] * 4
    assert arrow_transformers.transform_arrow_stream(b"".join(arrow_stream(prediction)))["expression"].shape == (4, 50)


def test_counts_of_64_bits_and_empty_latents_are_carried_whole() -> None:
    prediction = answered(BULK)
    expression = prediction.expression.astype(np.int64)
    expression.iloc[0, 0] = 2**40
    latents = prediction.latents.assign(perturbation=[[], [], [], [1.5]])
    prediction = replace(prediction, expression=expression, latents=latents)
    assert as_json(prediction)["outputs"][0]["counts"][0] == 2**40
    assert as_table(prediction).column("counts")[0].as_py()[0] == 2**40
    assert as_table(prediction).column("perturbation_latent").to_pylist() == [[], [], [], [1.5]]


@pytest.mark.parametrize("stream", [json_stream, arrow_stream])
def test_streaming_needs_little_memory_beside_the_matrix(stream: Any) -> None:
    prediction = make_prediction([400], n_genes=10_000)
    prediction = replace(prediction, provenance=replace(prediction.provenance, model_id=BULK))
    matrix = prediction.expression.to_numpy().nbytes
    tracemalloc.start()
    for _ in stream(prediction):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.5 * matrix
