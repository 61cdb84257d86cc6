"""Metadata prediction: real samples are told what they are, and how sure that is."""

from __future__ import annotations

import numpy as np
import pytest

from synthome.errors import PredictionCancelled, QueryError
from synthome.models import MODEL_IDS, Progress, embedded_model
from synthome.models.embedded.real_sample import SampleReader
from synthome.query import KEYS, read_query
from tests.models.embedded.asking import BLOOD, BRAIN, LIVER, LUNG
from tests.models.embedded.real import B_CELL, liver, made, real_samples, t_cell, told

BULK, CELLS = "gem-1-bulk_predict-metadata", "gem-1-sc_predict-metadata"


@pytest.fixture(scope="module")
def model():
    return embedded_model(BULK)


@pytest.fixture(scope="module")
def cell_model():
    return embedded_model(CELLS)


@pytest.mark.parametrize("tissue", [LIVER, BRAIN, LUNG, "UBERON:0000473", "UBERON:0000948"])
def test_made_samples_of_a_tissue_are_told_as_that_tissue(model, tissue):
    answer = told(model, *made("gem-1-bulk", {"tissue_ontology_id": tissue}, n=3))
    assert answer.metadata["tissue_ontology_id"].tolist() == [tissue] * 3
    assert set(answer.metadata["sample_type"]) == {"primary tissue"}
    assert "cell_line_ontology_id" not in answer.metadata


def test_a_cell_line_is_told_as_one_and_as_nothing_else(model):
    answer = told(model, *made("gem-1-bulk", {"cell_line_ontology_id": "CVCL_0023"}, n=2))
    assert answer.metadata["cell_line_ontology_id"].tolist() == ["CVCL_0023"] * 2
    assert set(answer.metadata["sample_type"]) == {"cell line"}
    assert not {"tissue_ontology_id", "cell_type_ontology_id"} & set(answer.metadata)


@pytest.mark.parametrize(
    ("set_name", "group", "tissue"),
    [
        ("islets", "islets", "UBERON:0000006"),
        ("gtex_bladder", "Bladder", "UBERON:0001255"),
        ("tcga_CHOL", "11", LIVER),
        ("gtex_skin", "Skin - Sun Exposed (Lower leg)", None),
    ],
)
def test_real_samples_are_told_as_the_tissue_that_they_are(model, set_name, group, tissue):
    answer = told(model, *real_samples(set_name, group, 4))
    skin = {"UBERON:0000014", "UBERON:0001416", "UBERON:0001511", "UBERON:0036149"}
    assert set(answer.metadata["tissue_ontology_id"]) <= ({tissue} if tissue else skin)


@pytest.mark.parametrize("sex", ["female", "male"])
def test_sex_is_told(model, sex):
    answer = told(model, *made("gem-1-bulk", {"tissue_ontology_id": BLOOD, "sex": sex}, n=3))
    assert answer.metadata["sex"].tolist() == [sex] * 3
    assert all(p[sex] > 0.9 for p in answer.classifier_probs["sex"])
    assert {row[-1] for row in answer.latents["biological"]} == {1.0 if sex == "female" else -1.0}


def test_sex_is_left_open_where_nothing_tells_it(model):
    counts = liver()
    genes = model.genes
    telling = (genes["chromosome"] == "Y") | genes["symbol"].isin(["XIST", "TSIX"])
    answer = told(model, np.where(telling.to_numpy(), 0, counts))
    assert "sex" not in answer.metadata
    assert max(answer.classifier_probs["sex"][0].values()) < 0.9


def test_cells_are_told_their_type(cell_model):
    cells = [made("gem-1-sc", {"cell_type_ontology_id": term})[0] for term in (B_CELL, "CL:0000182", "CL:0000127")]
    answer = told(cell_model, *cells)
    assert answer.metadata["cell_type_ontology_id"].tolist() == [B_CELL, "CL:0000182", "CL:0000127"]
    assert "tissue" not in answer.classifier_probs


def test_a_cell_of_few_counts_is_less_certain_than_one_of_many(cell_model):
    cell = t_cell()
    few = np.random.default_rng(2).binomial(cell, 0.01)
    sure, unsure = (max(p.values()) for p in told(cell_model, cell, few).classifier_probs["cell_type"])
    assert unsure < 0.6 * sure


def test_probabilities_of_everything_told_sum_to_one_and_come_largest_first(model, cell_model):
    for one, counts, columns in (
        (model, liver(), ["tissue", "cell_type", "cell_line", "sex", "sample_type"]),
        (cell_model, t_cell(), ["cell_type", "cell_line", "sex", "sample_type"]),
    ):
        answer = told(one, counts, np.full(len(counts), 3))
        assert list(answer.classifier_probs) == columns
        for column in columns:
            for shares in answer.classifier_probs[column]:
                assert sum(shares.values()) == pytest.approx(1.0)
                assert all(0.0 <= share <= 1.0 for share in shares.values())
        for shares in answer.classifier_probs[columns[0]]:
            assert list(shares.values()) == sorted(shares.values(), reverse=True)


def test_what_is_told_is_what_the_contract_accepts_and_can_be_asked_for(model):
    answer = told(model, liver())
    (row,) = answer.metadata.to_dict("records")
    assert set(row) <= set(KEYS)
    body = {"sampling_strategy": "mean estimation", "inputs": [{"metadata": row, "num_samples": 1}]}
    assert embedded_model("gem-1-bulk").faults(read_query(body, "gem-1-bulk")) == []


def test_the_models_view_of_a_sample_has_its_library_size_and_its_shape(model):
    sample = liver()
    answer = told(model, sample, sample // 1000)
    assert answer.expression.sum(axis=1).tolist() == [sample.sum(), (sample // 1000).sum()]
    a, b = (np.log(x + 5.0) for x in (answer.expression.to_numpy()[0], sample))
    assert np.corrcoef(a, b)[0, 1] > 0.97


def test_answers_are_the_same_whatever_the_seed_and_whatever_stands_beside(model):
    sample, other = liver(), made("gem-1-bulk", {"tissue_ontology_id": BRAIN})[0]
    alone, beside = told(model, sample, seed=1), told(model, other, sample, seed=2)
    np.testing.assert_array_equal(alone.expression.to_numpy()[0], beside.expression.to_numpy()[1])
    assert alone.classifier_probs["tissue"][0] == beside.classifier_probs["tissue"][1]
    assert (alone.provenance.seed, beside.provenance.seed) == (1, 2)


@pytest.mark.parametrize("counts", ["one gene", "one count", "flat"])
def test_odd_samples_are_answered_without_certainty(model, counts):
    genes = len(model.genes)
    odd = {
        "one gene": np.where(np.arange(genes) == 7, 5_000_000, 0),
        "one count": np.where(np.arange(genes) == 7, 1, 0),
        "flat": np.full(genes, 100),
    }[counts]
    answer = told(model, odd)
    assert answer.expression.sum(axis=1).tolist() == [odd.sum()]
    assert max(answer.classifier_probs["tissue"][0].values()) < 0.9


def test_a_sample_like_nothing_learned_is_said_to_be(model):
    answer = told(model, np.full(len(model.genes), 1))
    assert "is the most probable" in answer.provenance.conditions[0].warnings[0]


def test_counts_of_another_length_are_refused_with_what_is_needed(model):
    query = read_query({"inputs": [{"counts": [1, 2, 3]}]}, BULK)
    (fault,) = model.faults(query)
    assert fault.path == "inputs.0.counts"
    assert "3 counts, the model has 20,002 genes" in fault.message
    assert "gene_order" in fault.message
    with pytest.raises(QueryError, match="20,002 genes"):
        model.predict(query)


def test_a_query_of_another_operation_is_refused(model):
    with pytest.raises(QueryError, match="counts alone"):
        model.predict(embedded_model("gem-1-bulk").example_query())


@pytest.mark.parametrize("model_id", [BULK, CELLS])
def test_the_example_runs_as_it_stands_and_is_told_right(model_id):
    model = embedded_model(model_id)
    query = model.example_query()
    assert read_query(query.to_contract(), model_id) == query
    told_as = model.predict(query).metadata.iloc[0]
    key, term = ("tissue_ontology_id", LIVER) if model_id == BULK else ("cell_type_ontology_id", "CL:0000084")
    assert told_as[key] == term


def test_two_hundred_samples_with_progress_and_a_way_out(model):
    counts = (liver() // 100).tolist()
    query = read_query({"inputs": [{"counts": counts}] * 200}, BULK)
    seen: list[Progress] = []
    answer = model.predict(query, seen.append)
    assert len(answer.metadata) == 200
    assert (seen[-1].done, seen[-1].total) == (200, 200)
    with pytest.raises(PredictionCancelled):
        model.predict(query, cancelled=lambda: True)


def test_all_operations_share_weights_and_what_samples_are_compared_with():
    assert len(MODEL_IDS) == 6
    for base in ("gem-1-bulk", "gem-1-sc"):
        reference, metadata = (embedded_model(f"{base}_{o}") for o in ("reference-conditioning", "predict-metadata"))
        assert embedded_model(f"{base}_predict-metadata") is metadata
        assert reference.vocabulary() is metadata.vocabulary() is embedded_model(base).vocabulary()
        assert isinstance(reference._reader, SampleReader)
        assert reference._reader is metadata._reader
        assert reference.version != metadata.version
