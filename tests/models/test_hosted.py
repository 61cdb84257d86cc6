"""The hosted answerer and a service that answers as agreed: what is asked, and what is made of the answer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthome.errors import QueryError
from synthome.models.protocol import Progress
from synthome.query import Query, read_query
from tests.models.remote_services import DOWNLOAD, ORDER, PREDICT, STATUS, answer, hosted, outputs
from tests.models_for_tests import genes, liver_query
from tests.servers import Reply, ScriptedServer


def test_a_query_is_started_polled_and_downloaded(server: ScriptedServer, query: Query) -> None:
    model = hosted(server, known_genes=genes())
    prediction = model.predict(query)
    assert server.paths() == [PREDICT[1], STATUS[1], STATUS[1], DOWNLOAD[1]]
    assert server.body() == query.to_contract()
    assert prediction.expression.to_numpy().tolist() == [[1, 2, 0], [2, 2, 0]]
    assert list(prediction.expression.columns) == ORDER
    assert prediction.condition.tolist() == [0, 1]
    assert prediction.latents["biological"].tolist() == [[0.5, 0.0], [0.5, 1.0]]
    assert prediction.provenance.answered_by == "hosted"
    assert prediction.provenance.model_version == model.version == "gem-1.4"
    assert prediction.provenance.seed == query.seed


def test_genes_are_described_where_they_are_known_and_left_empty_elsewhere(
    server: ScriptedServer, query: Query
) -> None:
    known = hosted(server, known_genes=genes()).predict(query)
    assert known.genes["symbol"].tolist() == ["GENE2", "GENE1", ""]
    assert known.symbols() == ["GENE2", "GENE1", ORDER[2]]
    server.on(*STATUS, Reply(body={"status": "ready", "downloadUrl": f"{server.url}/signed/q-1.json"}))
    assert hosted(server).predict(query).genes["symbol"].tolist() == ["", "", ""]


@pytest.mark.parametrize(
    "counts", [[7, 0, 9], {"counts": [7, 0, 9]}, {ORDER[0]: 7, ORDER[2]: 9}, {ORDER[2]: 9.0, ORDER[0]: 7}]
)
def test_counts_are_read_in_all_three_shapes(server: ScriptedServer, query: Query, counts: object) -> None:
    server.on(*DOWNLOAD, Reply(body=answer(outputs(counts))))
    assert hosted(server).predict(query).expression.to_numpy().tolist() == [[7, 0, 9]] * 2


def test_counts_above_32_bits_are_kept_whole(server: ScriptedServer, query: Query) -> None:
    server.on(*DOWNLOAD, Reply(body=answer(outputs([2**40, 0, 1]))))
    assert hosted(server).predict(query).expression.iloc[0, 0] == 2**40


def test_an_answer_without_latents_has_empty_ones(server: ScriptedServer, query: Query) -> None:
    samples = [{"counts": [1, 2, 3], "metadata": {}} for _ in range(2)]
    server.on(*DOWNLOAD, Reply(body=answer(samples)))
    latents = hosted(server).predict(query).latents
    assert {name: latents[name].tolist() for name in latents} == {
        name: [[], []] for name in ("biological", "technical", "perturbation")
    }


def test_metadata_are_those_answered_completed_by_those_asked(server: ScriptedServer, query: Query) -> None:
    samples = outputs()
    samples[0]["metadata"]["age_years"] = 54
    server.on(*DOWNLOAD, Reply(body=answer(samples)))
    prediction = hosted(server).predict(query)
    assert prediction.metadata["age_years"].tolist() == ["54", None]
    assert prediction.metadata["disease_ontology_id"].tolist() == [None, "MONDO:0007256"]
    assert prediction.provenance.warnings == ()


def test_metadata_that_are_not_as_asked_are_warned_of(server: ScriptedServer, query: Query) -> None:
    samples = outputs()
    samples[1]["metadata"]["sex"] = "female"
    server.on(*DOWNLOAD, Reply(body=answer(samples)))
    assert hosted(server).predict(query).provenance.warnings == ("sex is not in every sample as it was asked for.",)


def test_a_seed_is_drawn_sent_and_told_where_none_was_given(server: ScriptedServer) -> None:
    prediction = hosted(server).predict(liver_query(1, seed=None))
    assert prediction.provenance.seed == server.body()["seed"]


def test_nothing_is_claimed_of_what_the_hosted_model_knows(server: ScriptedServer, query: Query) -> None:
    vocabulary = hosted(server).vocabulary()
    assert vocabulary.support("tissue_ontology_id", "UBERON:0002107").status == "unchecked"
    refused = vocabulary.support("sex", "femal")
    assert refused.status == "refused"
    assert "did you mean female?" in refused.reason
    assert vocabulary.learned("sex") == {}
    supports = hosted(server).predict(query).provenance.conditions[1].supports
    assert {support.status for support in supports} == {"unchecked"}


def test_progress_says_what_is_being_waited_for(server: ScriptedServer, query: Query) -> None:
    seen: list[Progress] = []
    hosted(server).predict(query, progress=seen.append)
    assert list(dict.fromkeys(progress.activity for progress in seen)) == [
        "sending the query",
        "waiting for the hosted service",
        "downloading the answer",
        "done",
    ]
    assert (seen[-1].done, seen[-1].total) == (2, 2)


def test_every_answer_makes_a_prediction_that_holds_together(server: ScriptedServer) -> None:
    body = liver_query().to_contract()
    body["inputs"][0]["num_samples"], body["inputs"][1]["num_samples"] = 3, 1
    server.on(*DOWNLOAD, Reply(body=answer(outputs(num_samples=4))))
    prediction = hosted(server).predict(read_query(body))
    assert prediction.condition.tolist() == [0, 0, 0, 1]
    assert isinstance(prediction.expression.index, pd.RangeIndex)
    assert prediction.expression.to_numpy().dtype == np.int32


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("path", ["inputs.0.metadata.sex", "inputs[0].metadata.sex"])
def test_the_services_field_errors_reach_their_fields(
    server: ScriptedServer, query: Query, status: int, path: str
) -> None:
    errors = [{"path": path, "message": "unknown sex"}, {"path": "", "message": "too odd"}]
    server.on(*PREDICT, Reply(status, {"error": "Invalid", "errors": errors}))
    with pytest.raises(QueryError) as caught:
        hosted(server).predict(query)
    assert [(error.path, error.key, error.message) for error in caught.value.errors] == [
        ("inputs.0.metadata.sex", "sex", "unknown sex"),
        ("", "query", "too odd"),
    ]


def test_a_refusal_without_field_errors_keeps_its_sentence(server: ScriptedServer, query: Query) -> None:
    server.on(*PREDICT, Reply(422, {"error": "Metadata validation failed"}))
    with pytest.raises(QueryError, match="Metadata validation failed"):
        hosted(server).predict(query)
