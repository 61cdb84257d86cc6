from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthome.errors import QueryError
from synthome.models.embedded import sampling
from synthome.query import Query
from tests.models.embedded.asking import BLOOD, BRAIN, LIVER, LUNG, ask, query

TISSUE = {"tissue_ontology_id": LIVER, "sex": "female"}


def latents_of(answer):
    return np.array([[*b, *t, *p] for b, t, p in answer.latents.itertuples(index=False)])


def test_mean_estimation_with_drawn_latents_differs_between_samples_without_counting_noise(bulk):
    answer = ask(bulk, TISSUE, n=4, strategy="mean estimation", seed=3)
    assert len(np.unique(answer.expression.to_numpy(), axis=0)) == 4
    again = ask(bulk, TISSUE, n=4, strategy="mean estimation", seed=3, total_count=1_000_000_000)
    proportions = answer.expression.to_numpy() / 1e7
    # Beyond rounding to whole counts there is no noise: a hundred times the depth gives the same proportions.
    assert np.abs(proportions - again.expression.to_numpy() / 1e9).max() < 1.01e-7


def test_mean_estimation_with_mean_latents_gives_identical_samples_whatever_the_seed(bulk):
    answers = [
        ask(bulk, TISSUE, n=3, strategy="mean estimation", deterministic_latents=True, **seed)
        for seed in ({"seed": 1}, {"seed": 2}, {})
    ]
    first = answers[0].expression.to_numpy()
    assert (first == first[0]).all()
    for other in answers[1:]:
        np.testing.assert_array_equal(other.expression.to_numpy(), first)


def test_the_mean_of_many_samples_is_what_is_expected_at_mean_latents(bulk):
    condition = {"tissue_ontology_id": LIVER, "sex": "male"}
    drawn = ask(bulk, condition, n=400, strategy="mean estimation").expression.mean()
    expected = ask(bulk, condition, n=1, strategy="mean estimation", deterministic_latents=True)
    expected = expected.expression.iloc[0]
    for low, high in ((10, 100), (100, 1_000), (1_000, 10_000)):
        level = (expected > low) & (expected <= high)
        assert (drawn[level] / expected[level]).mean() == pytest.approx(1.0, abs=0.05)


def test_sample_generation_with_drawn_latents_differs_by_latents_and_noise(bulk):
    answer = ask(bulk, TISSUE, n=3, seed=3)
    assert len(np.unique(answer.expression.to_numpy(), axis=0)) == 3
    assert len(np.unique(latents_of(answer), axis=0)) == 3
    mean = ask(bulk, TISSUE, n=3, seed=3, strategy="mean estimation")
    assert not np.array_equal(mean.expression.to_numpy(), answer.expression.to_numpy())


def test_sample_generation_with_mean_latents_shares_latents_and_differs_by_noise(bulk):
    answer = ask(bulk, TISSUE, n=3, seed=3, deterministic_latents=True)
    assert len(np.unique(latents_of(answer), axis=0)) == 1
    assert len(np.unique(answer.expression.to_numpy(), axis=0)) == 3
    drawn = ask(bulk, TISSUE, n=12, seed=3)
    fixed = ask(bulk, TISSUE, n=12, seed=3, deterministic_latents=True)
    spread = [np.log(a.expression.to_numpy() + 1).std(axis=0).mean() for a in (fixed, drawn)]
    assert spread[0] < spread[1]


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(bulk):
    first, again, other = (ask(bulk, TISSUE, n=2, seed=seed).expression.to_numpy() for seed in (8, 8, 9))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_without_a_seed_one_is_drawn_and_reported_and_repeats_the_answer(bulk):
    answer = ask(bulk, TISSUE, n=2)
    seed = answer.provenance.seed
    assert seed is not None
    assert ask(bulk, TISSUE).provenance.seed != seed
    repeated = ask(bulk, TISSUE, n=2, seed=seed)
    np.testing.assert_array_equal(repeated.expression.to_numpy(), answer.expression.to_numpy())


def test_asking_for_more_samples_keeps_the_first_ones(bulk):
    few, many = (ask(bulk, TISSUE, n=n, seed=4) for n in (3, 60))
    np.testing.assert_array_equal(many.expression.to_numpy()[:3], few.expression.to_numpy())
    np.testing.assert_array_equal(latents_of(many)[:3], latents_of(few))


def test_the_latents_do_not_depend_on_library_size_or_strategy(bulk):
    answers = [
        ask(bulk, TISSUE, n=3, seed=4),
        ask(bulk, TISSUE, n=3, seed=4, total_count=50_000),
        ask(bulk, TISSUE, n=3, seed=4, strategy="mean estimation"),
    ]
    for answer in answers[1:]:
        np.testing.assert_array_equal(latents_of(answer), latents_of(answers[0]))


@pytest.mark.parametrize(("chunk", "threads"), [(1, 1), (7, 2), (1000, 1), (3, 5)])
def test_numbers_do_not_depend_on_chunks_or_threads(bulk, monkeypatch, chunk, threads):
    conditions = ({"tissue_ontology_id": LIVER}, {"tissue_ontology_id": BRAIN})
    usual = ask(bulk, *conditions, n=9, seed=5)
    monkeypatch.setattr(sampling, "CHUNK", chunk)
    monkeypatch.setattr(sampling, "THREADS", threads)
    other = ask(bulk, *conditions, n=9, seed=5)
    np.testing.assert_array_equal(other.expression.to_numpy(), usual.expression.to_numpy())
    np.testing.assert_array_equal(latents_of(other), latents_of(usual))


def test_a_condition_keeps_its_numbers_when_later_conditions_are_added(bulk):
    alone = ask(bulk, TISSUE, seed=6)
    together = ask(bulk, TISSUE, {"tissue_ontology_id": BLOOD}, seed=6)
    np.testing.assert_array_equal(together.expression.to_numpy()[:2], alone.expression.to_numpy())


def test_seeds_that_differ_above_32_bits_give_different_samples(bulk):
    low, high = (ask(bulk, TISSUE, n=1, seed=seed).expression.to_numpy() for seed in (5, 5 + 2**32))
    assert not np.array_equal(low, high)


@pytest.mark.parametrize("strategy", ["sample generation", "mean estimation"])
@pytest.mark.parametrize("total", [1_000, 54_321, 10_000_000, 1_000_000_000])
def test_every_sample_sums_exactly_to_the_library_size(bulk, strategy, total):
    answer = ask(bulk, {"tissue_ontology_id": BLOOD}, n=2, strategy=strategy, total_count=total, seed=1)
    counts = answer.expression.to_numpy()
    assert np.issubdtype(counts.dtype, np.integer)
    assert counts.min() >= 0
    assert counts.sum(axis=1, dtype=np.int64).tolist() == [total, total]


def test_library_sizes_default_to_ten_million_and_ten_thousand(bulk, single_cell):
    assert ask(bulk, TISSUE, n=1).expression.to_numpy().sum() == 10_000_000
    cell = ask(single_cell, {"cell_type_ontology_id": "CL:0000084"}, n=1, strategy="mean estimation")
    assert cell.expression.to_numpy().sum() == 10_000


def test_single_cells_are_answered_by_mean_estimation_only(single_cell):
    with pytest.raises(QueryError) as refused:
        single_cell.predict(query({"cell_type_ontology_id": "CL:0000084"}))
    (error,) = refused.value.errors
    assert (error.path, error.suggestion) == ("sampling_strategy", "mean estimation")


def test_single_cells_of_one_condition_differ_unless_the_latents_are_fixed(single_cell):
    cell = {"cell_type_ontology_id": "CL:0000084"}
    drawn = ask(single_cell, cell, n=3, strategy="mean estimation", seed=2)
    fixed = ask(single_cell, cell, n=3, strategy="mean estimation", deterministic_latents=True)
    assert len(np.unique(drawn.expression.to_numpy(), axis=0)) == 3
    assert len(np.unique(fixed.expression.to_numpy(), axis=0)) == 1


def test_genes_come_in_the_same_order_in_every_answer_of_both_models(bulk, single_cell):
    first = ask(bulk, TISSUE, n=1)
    second = ask(bulk, {"tissue_ontology_id": LUNG}, n=1, strategy="mean estimation")
    cell = ask(single_cell, {"cell_type_ontology_id": "CL:0000236"}, n=1, strategy="mean estimation")
    columns = list(first.expression.columns)
    assert columns == sorted(columns)
    assert columns == list(second.expression.columns) == list(cell.expression.columns) == list(first.genes.index)
    assert len(columns) >= 18_500
    assert len(set(columns)) == len(columns)
    assert all(len(gene) == 15 and gene.startswith("ENSG") for gene in columns)


def test_metadata_has_the_union_of_the_keys_with_values_as_given(bulk):
    answer = ask(bulk, TISSUE, {"tissue_ontology_id": BRAIN, "age_years": "65"}, n=1)
    assert list(answer.metadata.columns) == ["tissue_ontology_id", "sex", "age_years"]
    assert answer.metadata.to_dict("records") == [
        {"tissue_ontology_id": LIVER, "sex": "female", "age_years": None},
        {"tissue_ontology_id": BRAIN, "sex": None, "age_years": "65"},
    ]
    assert answer.condition.tolist() == [0, 1]


def test_the_version_says_that_the_answer_is_ours(bulk, single_cell):
    assert bulk.version == "synthome-open-1.2 (gem-1-bulk contract)"
    assert single_cell.version == "synthome-open-1.2 (gem-1-sc contract)"
    assert ask(bulk, TISSUE, n=1).provenance.answered_by == "embedded"


@pytest.mark.parametrize("name", ["bulk", "single_cell"])
def test_the_example_query_is_answered(request, name):
    model = request.getfixturevalue(name)
    answer = model.predict(model.example_query())
    assert len(answer.expression) == model.example_query().num_samples
    assert answer.provenance.seed == 11


def test_a_seeded_answer_is_what_it_was_when_these_weights_were_released(bulk):
    answer = ask(bulk, TISSUE, n=1, seed=2024)
    counts = answer.expression.set_axis(answer.symbols(), axis=1).iloc[0]
    # Another processor may round an exponential differently in the last bit, which moves a draw by a count at most.
    released = {"ALB": 776879, "APOA1": 18760, "GAPDH": 13444, "XIST": 8928, "ACTB": 18957, "CYP3A4": 2959}
    assert {symbol: counts[symbol] for symbol in released} == pytest.approx(released, abs=1)


KNOWN = {
    "tissue_ontology_id": [LIVER, BRAIN, LUNG, "UBERON:0001114"],
    "cell_type_ontology_id": ["CL:0000084", "CL:0000236", "CL:0000899"],
    "cell_line_ontology_id": ["CVCL_0023", "CVCL_0004"],
    "sex": ["male", "female"],
    "age_years": ["0", "65"],
    "sample_type": ["cell line", "primary tissue"],
}
METADATA = st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in KNOWN.items()})


@settings(max_examples=25, deadline=None)
@given(
    conditions=st.lists(st.tuples(METADATA, st.integers(1, 3)), min_size=1, max_size=3),
    deterministic=st.booleans(),
    strategy=st.sampled_from(["sample generation", "mean estimation"]),
    total=st.integers(1_000, 2_000_000),
    seed=st.integers(0, 2**53 - 1),
)
def test_every_valid_query_is_answered_as_a_whole(bulk, conditions, deterministic, strategy, total, seed):
    body = {
        "sampling_strategy": strategy,
        "deterministic_latents": deterministic,
        "total_count": total,
        "seed": seed,
        "inputs": [{"metadata": metadata, "num_samples": n} for metadata, n in conditions],
    }
    asked = Query.model_validate(body)
    answer = bulk.predict(asked)
    assert answer.expression.to_numpy().sum(axis=1).tolist() == [total] * asked.num_samples
    assert np.bincount(answer.condition).tolist() == [n for _, n in conditions]
    assert np.isfinite(latents_of(answer)).all()
    for (metadata, _), provenance in zip(conditions, answer.provenance.conditions, strict=True):
        assert {support.key for support in provenance.supports} == set(metadata)
        assert all(0 < support.confidence <= 1 and support.reason for support in provenance.supports)
    np.testing.assert_array_equal(bulk.predict(asked).expression.to_numpy(), answer.expression.to_numpy())
