"""Who may answer, and the model that stands behind each choice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from synthome.errors import AddressError, AuthenticationError, ServiceUnavailableError, UnknownModelError
from synthome.models import embedded_model
from synthome.models.hosted import HostedModel
from synthome.models.self_hosted import SelfHostedModel
from synthome.query import BULK, CONTRACT_MODELS, MODEL_RULES, SINGLE_CELL, example_query
from synthome.runs import MODEL_IDS, answerers, model_for, vocabulary_for
from synthome.runs.addresses import checked_address, container_addresses
from synthome.runs.api_keys import environment_key, tidied_key
from synthome.runs.choices import Choice, ChoiceStore
from synthome.runs.discreet import DiscreetModel
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
    assert answerers()[2].answers("gem-1-sc_predict-metadata")


@pytest.mark.parametrize("variable", ["SYNTHESIZE_API_BASE_URL__GEM_1_BULK", "SYNTHOME_SELF_HOSTED_URL_BULK"])
def test_a_container_for_bulk_alone_answers_bulk_and_its_variants_alone(
    set_address: pytest.MonkeyPatch, variable: str
) -> None:
    set_address.delenv("SYNTHOME_SELF_HOSTED_URL", raising=False)
    set_address.setenv(variable, "http://bulk:8000")
    container = answerers()[2]
    assert container.models == (BULK,)
    assert container.note == "The container at http://bulk:8000 for gem-1-bulk."
    assert container.answers("gem-1-bulk_reference-conditioning")
    assert not container.answers(SINGLE_CELL)
    assert isinstance(model_for(BULK, "self-hosted"), SelfHostedModel)
    with pytest.raises(
        ServiceUnavailableError, match=r"container for gem-1-sc is not set \(there is one for gem-1-bulk"
    ):
        model_for(SINGLE_CELL, "self-hosted")


def test_a_model_s_own_container_comes_before_the_one_for_all(set_address: pytest.MonkeyPatch) -> None:
    set_address.setenv("SYNTHOME_SELF_HOSTED_URL", "http://all:1")
    set_address.setenv("SYNTHESIZE_API_BASE_URL__GEM_1_SC", "http://sc:2")
    assert container_addresses() == {BULK: "http://all:1", SINGLE_CELL: "http://sc:2"}
    assert answerers()[2].note == "Containers at http://all:1 for gem-1-bulk and at http://sc:2 for gem-1-sc."


def test_an_entered_address_counts_for_a_single_user_and_for_nobody_else(set_address: pytest.MonkeyPatch) -> None:
    entered = {BULK: "http://mine:9", SINGLE_CELL: "http://user:password@mine:9"}
    set_address.delenv("SYNTHOME_SELF_HOSTED_URL", raising=False)
    assert container_addresses(entered) == {}
    with pytest.raises(ServiceUnavailableError, match="not set"):
        model_for(BULK, "self-hosted", entered=entered)
    settings.cache_clear()
    set_address.setenv("SYNTHOME_SINGLE_USER", "1")
    assert container_addresses(entered) == {BULK: "http://mine:9"}
    assert not answerers(entered)[2].answers(SINGLE_CELL)


@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_each_choice_gives_its_own_kind_of_model(set_address: pytest.MonkeyPatch, model_id: str) -> None:
    set_address.setenv("SYNTHOME_SELF_HOSTED_URL", "http://box:8000")
    assert model_for(model_id) is embedded_model(model_id)
    assert isinstance(model_for(model_id, "hosted"), HostedModel)
    with_key = model_for(model_id, "hosted", "sk-1")
    assert isinstance(with_key, DiscreetModel)
    assert isinstance(with_key.model, HostedModel)
    assert isinstance(model_for(model_id, "self-hosted"), SelfHostedModel)
    assert {model_for(model_id, choice).model_id for choice in ("embedded", "hosted", "self-hosted")} == {model_id}


@pytest.mark.parametrize("model_id", MODEL_RULES)
def test_the_contract_s_example_is_known_without_asking(model_id: str) -> None:
    assert model_for(model_id, "hosted", "sk-1").example_query() == example_query(model_id)


def test_models_are_those_of_the_contract() -> None:
    assert MODEL_IDS == CONTRACT_MODELS
    with pytest.raises(UnknownModelError, match="the models are gem-1-bulk and gem-1-sc"):
        model_for("gem-9")
    with pytest.raises(UnknownModelError, match="no model 'gem-9'"):
        vocabulary_for("gem-9", "hosted")


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


# Addresses, keys, choices ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://localhost:8000", "http://localhost:8000"),
        ("  https://box.lab.org/gem/ ", "https://box.lab.org/gem"),
        ("http://10.0.0.7:80", "http://10.0.0.7:80"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_is_taken_as_people_write_it(text: str, address: str) -> None:
    assert checked_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "localhost:8000", "ftp://box", "file:///etc/passwd", "javascript:alert(1)", "http://", "http://a b", "http://box:99999",
        "http://box:0", "http://box/?a=1", "http://box/#x", "http://box?", "http://-box", "http://a..b", "http://x\ny",
        "http://" + "a" * 400, "gopher://box", "//box",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_an_example_of_one(text: str) -> None:
    with pytest.raises(AddressError, match="Write it such as http://localhost:8000"):
        checked_address(text)


def test_a_password_in_an_address_is_refused_without_being_repeated() -> None:
    with pytest.raises(AddressError, match="Leave them out") as caught:
        checked_address("http://me:hunter2@box:8000")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "pasted",
    [
        "abc-1", "  abc-1\n", '"abc-1"', "'abc-1'", "Bearer abc-1", "bearer  abc-1", '"Bearer abc-1"', "abc\r\n-1",
        "Authorization: Bearer abc-1", "SYNTHESIZE_API_KEY=abc-1", "export SYNTHESIZE_API_KEY='abc-1';",
        "API key: abc-1",
        "\u201cabc-1\u201d", "\ufeffabc-1\u200b",
    ],
)  # fmt: skip
def test_a_key_is_tidied_of_what_was_copied_with_it(pasted: str) -> None:
    assert tidied_key(pasted) == "abc-1"


def test_the_environment_s_key_is_a_single_user_s_alone(set_address: pytest.MonkeyPatch) -> None:
    set_address.setenv("SYNTHESIZE_API_KEY", "abc-1")
    set_address.delenv("SYNTHOME_SINGLE_USER", raising=False)
    assert environment_key() is None
    settings.cache_clear()
    set_address.setenv("SYNTHOME_SINGLE_USER", "1")
    assert environment_key() == "abc-1"
    assert "abc-1" not in repr(settings())


def test_a_choice_is_found_again_and_a_broken_one_is_the_embedded_model(tmp_path: Path) -> None:
    choices = ChoiceStore(tmp_path)
    choices.save("w", Choice("hosted", {BULK: "http://box:1"}))
    assert choices.load("w") == Choice("hosted", {BULK: "http://box:1"})
    assert choices.load("other") == Choice()
    (tmp_path / "w.json").write_text('{"answerer": "elephant", "addresses": [1]}')
    assert choices.load("w").answerer == "embedded"
    assert choices.load("w").addresses == {}
