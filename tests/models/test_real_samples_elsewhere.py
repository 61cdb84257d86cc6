"""Both remote answerers asked about real samples: to perturb them, and to tell what they are."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from synthome.errors import AnswerError, ModelError, QueryError
from synthome.models.hosted import HostedModel
from synthome.models.protocol import Model
from synthome.models.self_hosted import SelfHostedModel
from synthome.query import Query, read_query
from tests.models.remote_services import DOWNLOAD, KEY, ORDER, QUICK, STATUS, arrow_reply, as_stream, ready
from tests.models_for_tests import liver_query
from tests.servers import Reply, ScriptedServer

TELLING = "gem-1-bulk_predict-metadata"
PERTURBING = "gem-1-bulk_reference-conditioning"
COUNTS = [[5, 0, 7], [1, 2, 3]]
PERTURBATION = {"perturbation_type": "compound", "perturbation_ontology_id": "CHEBI:16681"}

TOLD: list[dict[str, Any]] = [
    {
        "metadata": {"tissue_ontology_id": "UBERON:0002107", "sex": "male"},
        "classifier_probs": {
            "tissue": {"UBERON:0002107": 0.9, "UBERON:0000945": 0.1},
            "sex": {"male": 0.7, "female": 0.3},
        },
        "latents": {"biological": [0.5], "technical": [1.0], "perturbation": []},
        "decoder_sample": {"counts": [6, 0, 8]},
    },
    {
        "metadata": {"tissue_ontology_id": "UBERON:0000945", "sex": None},
        "classifier_probs": {"tissue": {"UBERON:0000945": 1.0}, "sex": {"male": 0.5, "female": 0.5}},
        "latents": {"biological": [0.25], "technical": [2.0], "perturbation": []},
        "decoder_sample": {"counts": [1, 1, 4]},
    },
]


def telling_query() -> Query:
    return read_query({"inputs": [{"counts": counts} for counts in COUNTS], "seed": 4}, TELLING)


def perturbing_query() -> Query:
    inputs = [{"counts": COUNTS[0], "metadata": PERTURBATION, "num_samples": 2}]
    body = {"sampling_strategy": "sample generation", "inputs": inputs, "conditioning": ["biological"], "seed": 4}
    return read_query({**body, "fixed_total_count": True, "total_count": 5000}, PERTURBING)


def ask_hosted(server: ScriptedServer, model_id: str) -> HostedModel:
    server.on("POST", f"/api/models/{model_id}/predict", Reply(body={"modelQueryId": "q-1"}))
    server.on(*STATUS, Reply(body=ready(server)))
    return HostedModel(model_id, server.url, KEY, timing=QUICK)


def telling_hosted(server: ScriptedServer, told: list[dict[str, Any]]) -> Model:
    server.on(*DOWNLOAD, Reply(body={"gene_order": ORDER, "outputs": told, "model_version": "gem-1.4"}))
    return ask_hosted(server, TELLING)


def telling_self_hosted(server: ScriptedServer, told: list[dict[str, Any]]) -> Model:
    body = as_stream(pa.Table.from_pylist(told), batch=1, request_type="predict_metadata", model_version="gem-1.4")
    server.on("POST", f"/api/models/{TELLING}/predict", arrow_reply(body))
    return SelfHostedModel(TELLING, server.url, timing=QUICK)


TELLERS = pytest.mark.parametrize("telling", [telling_hosted, telling_self_hosted], ids=["hosted", "self-hosted"])
Telling = Callable[[ScriptedServer, list[dict[str, Any]]], Model]


@TELLERS
def test_real_samples_are_told_what_they_are(server: ScriptedServer, telling: Telling) -> None:
    prediction = telling(server, TOLD).predict(telling_query())
    assert server.body() == {"inputs": [{"counts": counts} for counts in COUNTS], "seed": 4}
    assert prediction.classifier_probs is not None
    assert prediction.classifier_probs["sex"].tolist() == [{"male": 0.7, "female": 0.3}, {"male": 0.5, "female": 0.5}]
    assert prediction.classifier_probs["tissue"].tolist() == [
        {"UBERON:0002107": 0.9, "UBERON:0000945": 0.1},
        {"UBERON:0000945": 1.0},
    ]
    assert prediction.metadata["tissue_ontology_id"].tolist() == ["UBERON:0002107", "UBERON:0000945"]
    assert prediction.metadata["sex"].tolist() == ["male", None]
    assert prediction.expression.to_numpy().tolist() == [[6, 0, 8], [1, 1, 4]]
    assert prediction.latents["technical"].tolist() == [[1.0], [2.0]]
    assert prediction.condition.tolist() == [0, 1]
    assert prediction.provenance.model_id == TELLING
    assert prediction.provenance.warnings == ()


@TELLERS
@pytest.mark.parametrize("chance", [1.5, -0.1, float("nan"), float("inf")])
def test_a_probability_is_from_0_to_1(server: ScriptedServer, telling: Telling, chance: float) -> None:
    told = [{**TOLD[0], "classifier_probs": {"sex": {"male": chance}}}, TOLD[1]]
    with pytest.raises(AnswerError, match="probability of sex; probabilities are numbers from 0 to 1"):
        telling(server, told).predict(telling_query())


@pytest.mark.parametrize("chance", ["0.9", True, [0.9]])
def test_a_probability_is_a_number(server: ScriptedServer, chance: object) -> None:
    told = [{**sample, "classifier_probs": {"sex": {"male": chance}}} for sample in TOLD]
    with pytest.raises(AnswerError, match="numbers from 0 to 1"):
        telling_hosted(server, told).predict(telling_query())


def test_an_answer_to_another_question_is_not_taken_for_one(server: ScriptedServer) -> None:
    samples = [{"counts": counts, "metadata": {"sex": "male"}} for counts in COUNTS]
    with pytest.raises(AnswerError, match="does not tell of every sample what it is"):
        telling_hosted(server, samples).predict(telling_query())


def test_a_container_s_answer_without_what_was_asked_says_what_is_missing(server: ScriptedServer) -> None:
    told = [{key: value for key, value in sample.items() if key != "classifier_probs"} for sample in TOLD]
    with pytest.raises(AnswerError, match="no column classifier_probs"):
        telling_self_hosted(server, told).predict(telling_query())


@pytest.mark.parametrize("kind", [pa.large_list(pa.int64()), pa.list_(pa.int32(), 3)])
def test_decoded_counts_may_come_in_any_list(server: ScriptedServer, kind: pa.DataType) -> None:
    rows = pa.Table.from_pylist(TOLD)
    decoded = pa.StructArray.from_arrays([pa.array([[6, 0, 8], [1, 1, 4]], type=kind)], names=["counts"])
    rows = rows.set_column(rows.schema.get_field_index("decoder_sample"), "decoder_sample", decoded)
    server.on("POST", f"/api/models/{TELLING}/predict", arrow_reply(as_stream(rows, request_type="predict_metadata")))
    prediction = SelfHostedModel(TELLING, server.url, timing=QUICK).predict(telling_query())
    assert prediction.expression.to_numpy().tolist() == [[6, 0, 8], [1, 1, 4]]


def test_a_real_sample_is_perturbed_by_the_hosted_service(server: ScriptedServer) -> None:
    samples = [{"counts": [9, 9, row], "metadata": PERTURBATION} for row in range(2)]
    server.on(*DOWNLOAD, Reply(body={"gene_order": ORDER, "outputs": samples, "model_version": "gem-1.4"}))
    prediction = ask_hosted(server, PERTURBING).predict(perturbing_query())
    assert server.body() == {
        "inputs": [{"counts": COUNTS[0], "metadata": PERTURBATION, "num_samples": 2}],
        "sampling_strategy": "sample generation",
        "conditioning": ["biological"],
        "fixed_total_count": True,
        "total_count": 5000,
        "seed": 4,
    }
    assert prediction.expression.to_numpy().tolist() == [[9, 9, 0], [9, 9, 1]]
    assert prediction.metadata["perturbation_type"].tolist() == ["compound"] * 2
    assert prediction.classifier_probs is None


def test_a_real_sample_is_perturbed_by_a_container(server: ScriptedServer) -> None:
    rows = pa.table({"counts": pa.array([[9, 9, 0], [9, 9, 1]]), "metadata": pa.array([PERTURBATION] * 2)})
    body = as_stream(rows, request_type="reference_conditioned")
    server.on("POST", f"/api/models/{PERTURBING}/predict", arrow_reply(body))
    prediction = SelfHostedModel(PERTURBING, server.url, timing=QUICK).predict(perturbing_query())
    assert prediction.expression.to_numpy().tolist() == [[9, 9, 0], [9, 9, 1]]
    assert json.loads(server.asked[-1].body) == perturbing_query().to_contract()


def test_samples_of_other_genes_than_the_answer_s_are_warned_of(server: ScriptedServer) -> None:
    told = [{**sample, "decoder_sample": {"counts": [1, 2, 3, 4]}} for sample in TOLD]
    server.on(*DOWNLOAD, Reply(body={"gene_order": [*ORDER, "ENSG4"], "outputs": told}))
    prediction = ask_hosted(server, TELLING).predict(telling_query())
    assert prediction.provenance.warnings == ("The samples were given with 3 genes, and answered with 4.",)


@pytest.mark.parametrize("model_id", [TELLING, PERTURBING])
def test_a_question_to_another_kind_of_model_is_refused_before_it_is_sent(
    server: ScriptedServer, model_id: str
) -> None:
    for model in (ask_hosted(server, model_id), SelfHostedModel(model_id, server.url)):
        (fault,) = model.faults(liver_query())
        assert "counts of real samples" in fault.message
        with pytest.raises(QueryError, match="for another model"):
            model.predict(liver_query())
    assert server.asked == []


@pytest.mark.parametrize("model_id", [TELLING, PERTURBING])
def test_an_example_of_real_samples_is_not_made_up(server: ScriptedServer, model_id: str) -> None:
    for model in (ask_hosted(server, model_id), SelfHostedModel(model_id, server.url)):
        with pytest.raises(ModelError, match="order of genes that only the service knows"):
            model.example_query()
    assert server.asked == []


def test_an_example_of_a_baseline_model_is_known_without_asking(server: ScriptedServer) -> None:
    assert HostedModel("gem-1-bulk", server.url, KEY).example_query().num_samples == 10
    assert server.asked == []
