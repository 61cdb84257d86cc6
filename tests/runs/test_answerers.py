"""Who may answer, and the model that stands behind each choice."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from synthome.errors import AuthenticationError, ServiceUnavailableError, UnknownModelError
from synthome.models import embedded_model
from synthome.models.hosted import HostedModel
from synthome.models.self_hosted import SelfHostedModel
from synthome.query import BULK, SINGLE_CELL, example_query
from synthome.runs import MODEL_IDS, answerers, model_for, vocabulary_for
from synthome.settings import settings
from tests.models_for_tests import liver_query
from tests.servers import Reply, scripted_server


@pytest.fixture
def set_address(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Set ``SYNTHOME_*`` variables for one test, and have them read."""
    settings.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()


def test_the_embedded_model_comes_first_and_needs_nothing() -> None:
    first = answerers()[0]
    assert (first.name, first.needs_key, first.available) == ("embedded", False, True)
    assert [answerer.name for answerer in answerers()] == ["embedded", "hosted", "self-hosted"]


def test_a_container_is_offered_once_its_address_is_set(set_address: pytest.MonkeyPatch) -> None:
    set_address.delenv("SYNTHOME_SELF_HOSTED_URL", raising=False)
    assert not answerers()[2].available
    assert "SYNTHOME_SELF_HOSTED_URL" in answerers()[2].note
    settings.cache_clear()
    set_address.setenv("SYNTHOME_SELF_HOSTED_URL", "http://box:8000")
    assert answerers()[2].available
    assert "http://box:8000" in answerers()[2].note


@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_each_choice_gives_its_own_kind_of_model(model_id: str) -> None:
    assert model_for(model_id) is embedded_model(model_id)
    assert isinstance(model_for(model_id, "hosted", "sk-1"), HostedModel)
    assert isinstance(model_for(model_id, "self-hosted"), SelfHostedModel)
    assert {model_for(model_id, choice).model_id for choice in ("embedded", "hosted", "self-hosted")} == {model_id}
    assert model_for(model_id, "hosted", "sk-1").example_query() == example_query(model_id)


def test_models_are_those_of_the_contract() -> None:
    assert MODEL_IDS == (BULK, SINGLE_CELL)
    with pytest.raises(UnknownModelError, match="the models are gem-1-bulk and gem-1-sc"):
        model_for("gem-9")


def test_what_the_embedded_model_knows_is_told_and_what_others_know_is_not() -> None:
    liver = ("tissue_ontology_id", "UBERON:0002107")
    assert vocabulary_for(BULK).support(*liver).status == "known"
    assert vocabulary_for(BULK, "hosted").support(*liver).status == "unchecked"
    assert vocabulary_for(BULK, "self-hosted").support(*liver).status == "unchecked"


def test_a_remote_model_without_key_or_address_says_what_to_set(set_address: pytest.MonkeyPatch) -> None:
    set_address.delenv("SYNTHOME_SELF_HOSTED_URL", raising=False)
    with pytest.raises(AuthenticationError, match="needs an API key"):
        model_for(BULK, "hosted").predict(liver_query())
    with pytest.raises(ServiceUnavailableError, match="not set"):
        model_for(BULK, "self-hosted").predict(liver_query())


def test_a_hosted_answer_borrows_gene_symbols_from_the_embedded_model(set_address: pytest.MonkeyPatch) -> None:
    albumin, unknown = "ENSG00000163631", "ENSG99999999999"
    with scripted_server() as server:
        set_address.setenv("SYNTHOME_HOSTED_URL", server.url)
        settings.cache_clear()
        server.on("POST", f"/api/models/{BULK}/predict", Reply(body={"modelQueryId": "q-1"}))
        server.on("GET", "/api/model-queries/q-1/status", Reply(body={"status": "ready", "downloadUrl": "/q-1.json"}))
        outputs = [{"counts": [5, 1], "metadata": {}}] * 2
        server.on("GET", "/q-1.json", Reply(body={"gene_order": [albumin, unknown], "outputs": outputs}))
        genes = model_for(BULK, "hosted", "sk-1").predict(liver_query(1)).genes
    assert genes["symbol"].tolist() == ["ALB", ""]
