"""Real samples perturbed: the sample stays itself, and what is asked for is done to it."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from synthome.errors import PredictionCancelled, QueryError
from synthome.models import Progress, embedded_model
from synthome.models.embedded import sampling
from synthome.query import read_query
from synthome.query.schema import MAX_TOTAL_COUNT
from tests.models.embedded.asking import BRAIN, LIVER
from tests.models.embedded.real import DEXAMETHASONE, liver, made, perturbed, real_samples, t_cell

BULK, CELLS = "gem-1-bulk_reference-conditioning", "gem-1-sc_reference-conditioning"
NOISE = "sample generation"
COMPOUND_AS_INFECTION = {"perturbation_type": "infection", "perturbation_ontology_id": "CHEBI:41879"}


@pytest.fixture(scope="module")
def model():
    return embedded_model(BULK)


@pytest.fixture(scope="module")
def cell_model():
    return embedded_model(CELLS)


@pytest.fixture(scope="module")
def sample():
    return liver()


def log_cpm(counts):
    counts = np.atleast_2d(counts)
    return np.log2(counts / counts.sum(axis=1, keepdims=True) * 1e6 + 1)


def distance(a, b):
    return float(np.sqrt(((log_cpm(a) - log_cpm(b)) ** 2).mean()))


def test_an_unperturbed_sample_comes_back_as_near_as_if_it_were_sequenced_again(model, sample):
    again = np.random.default_rng(1).multinomial(sample.sum(), sample / sample.sum())
    answer = perturbed(model, sample, n=1, strategy=NOISE, seed=3).expression.to_numpy()[0]
    assert distance(sample, answer) < 1.5 * distance(sample, again)
    mean = perturbed(model, sample, n=1, seed=3).expression.to_numpy()[0]
    assert distance(sample, mean) < distance(sample, again)
    other = made("gem-1-bulk", {"tissue_ontology_id": LIVER, "sex": "female"}, seed=6)[0]
    assert distance(sample, other) > 2 * distance(sample, answer)


def test_real_samples_stay_themselves(model):
    samples = real_samples("islets", "islets", 4)
    answers = perturbed(model, *samples, n=1, strategy=NOISE, seed=3).expression.to_numpy()
    between = [[distance(answer, sample) for sample in samples] for answer in answers]
    assert np.argmin(between, axis=1).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("strategy", "deterministic", "latents", "counts"),
    [
        ("mean estimation", False, "differ", "differ"),
        ("mean estimation", True, "same", "same"),
        (NOISE, False, "differ", "differ"),
        (NOISE, True, "same", "differ"),
    ],
)
def test_samples_differ_by_latents_and_by_noise_as_the_strategy_says(
    model, sample, strategy, deterministic, latents, counts
):
    answer = perturbed(model, sample, n=3, strategy=strategy, deterministic_latents=deterministic, seed=4)
    different = len({tuple(row) for row in answer.latents["biological"]})
    assert different == (1 if latents == "same" else 3)
    assert len(np.unique(answer.expression.to_numpy(), axis=0)) == (1 if counts == "same" else 3)


def test_deterministic_means_do_not_depend_on_the_seed(model, sample):
    answers = [perturbed(model, sample, deterministic_latents=True, seed=seed).expression for seed in (1, 2)]
    np.testing.assert_array_equal(*(answer.to_numpy() for answer in answers))


def test_the_same_seed_gives_the_same_numbers_and_more_samples_keep_the_first(model, sample):
    few, again, many = (perturbed(model, sample, n=n, strategy=NOISE, seed=5) for n in (2, 2, 30))
    np.testing.assert_array_equal(few.expression.to_numpy(), again.expression.to_numpy())
    np.testing.assert_array_equal(few.expression.to_numpy(), many.expression.to_numpy()[:2])
    assert few.latents["biological"].tolist() == many.latents["biological"].tolist()[:2]
    other = perturbed(model, sample, strategy=NOISE, seed=6)
    assert not np.array_equal(few.expression.to_numpy(), other.expression.to_numpy())
    assert perturbed(model, sample).provenance.seed != perturbed(model, sample).provenance.seed


@pytest.mark.parametrize(("chunk", "threads"), [(1, 1), (3, 2)])
def test_numbers_do_not_depend_on_chunks_or_threads(model, sample, monkeypatch, chunk, threads):
    other = made("gem-1-bulk", {"tissue_ontology_id": BRAIN})[0]
    usual = perturbed(model, sample, other, n=5, strategy=NOISE, seed=7)
    monkeypatch.setattr(sampling, "CHUNK", chunk)
    monkeypatch.setattr(sampling, "THREADS", threads)
    again = perturbed(model, sample, other, n=5, strategy=NOISE, seed=7)
    np.testing.assert_array_equal(usual.expression.to_numpy(), again.expression.to_numpy())


@pytest.mark.parametrize("strategy", ["mean estimation", NOISE])
def test_libraries_are_as_large_as_the_reference_or_as_asked_for(model, sample, strategy):
    small = sample // 100
    own = perturbed(model, sample, small, n=2, strategy=strategy, metadata=DEXAMETHASONE)
    assert own.expression.sum(axis=1).tolist() == [sample.sum()] * 2 + [small.sum()] * 2
    usual = perturbed(model, small, strategy=strategy, fixed_total_count=True)
    assert usual.expression.sum(axis=1).unique().tolist() == [10_000_000]
    asked = perturbed(model, small, strategy=strategy, fixed_total_count=True, total_count=123_457)
    assert asked.expression.sum(axis=1).unique().tolist() == [123_457]


def test_left_out_latents_are_drawn_and_the_others_are_the_samples_own(model, sample):
    both, biological, technical = (
        perturbed(model, sample, n=20, seed=8, conditioning=conditioning)
        for conditioning in (["biological", "technical"], ["biological"], ["technical"])
    )
    spread = {
        name: [np.std(a.latents[name].tolist(), axis=0).mean() for a in (both, biological, technical)]
        for name in ("biological", "technical")
    }
    assert spread["biological"][1] == pytest.approx(spread["biological"][0])
    assert spread["biological"][2] > 2 * spread["biological"][0]
    assert spread["technical"][2] == pytest.approx(spread["technical"][0])
    assert spread["technical"][1] > 1.5 * spread["technical"][0]
    near = [np.mean([distance(sample, row) for row in a.expression.to_numpy()]) for a in (both, biological, technical)]
    assert near[0] < near[1] < near[2]


def test_left_out_latents_are_at_their_mean_where_they_are_deterministic(model, sample):
    answer = perturbed(model, sample, conditioning=["biological"], deterministic_latents=True)
    assert set(answer.latents["technical"][0]) == {0.0}


def test_dexamethasone_raises_its_marker_in_a_real_sample_and_leaves_the_rest(model, sample):
    before, after = (perturbed(model, sample, n=1, deterministic_latents=True, metadata=m) for m in ({}, DEXAMETHASONE))
    counts = [a.expression.set_axis(a.symbols(), axis=1).iloc[0] for a in (before, after)]
    assert counts[1]["TSC22D3"] > 1.3 * counts[0]["TSC22D3"]
    change = np.log2((counts[1].to_numpy() + 10) / (counts[0].to_numpy() + 10))
    assert np.median(np.abs(change)) < 0.05
    assert before.latents["perturbation"][0] == [0.0] * len(before.latents["perturbation"][0])
    assert after.latents["perturbation"][0][-1] == 1.0


def test_a_knocked_down_gene_falls_and_an_overexpressed_one_rises(model, sample):
    gene = "ENSG00000163631"  # ALB
    levels = [
        perturbed(
            model,
            sample,
            n=1,
            deterministic_latents=True,
            metadata={"perturbation_type": kind, "perturbation_ontology_id": gene} if kind else {},
        ).expression[gene][0]
        for kind in ("crispr", "", "overexpression")
    ]
    assert levels[0] < 0.5 * levels[1] < levels[1] < levels[2]


def test_latents_have_the_shape_and_the_meaning_of_made_samples(model, sample):
    answer = perturbed(model, sample, n=1, deterministic_latents=True)
    baseline = embedded_model("gem-1-bulk").predict(
        read_query(
            {"sampling_strategy": NOISE, "inputs": [{"metadata": {"tissue_ontology_id": LIVER}, "num_samples": 1}]}
        )
    )
    for name in ("biological", "technical", "perturbation"):
        assert len(answer.latents[name][0]) == len(baseline.latents[name][0])
    assert answer.latents["biological"][0][-1] == 1.0  # a woman's


def test_the_latents_of_a_made_sample_are_found_again():
    base, n = embedded_model("gem-1-bulk"), 6
    body = {
        "sampling_strategy": NOISE,
        "seed": 9,
        "inputs": [{"metadata": {"tissue_ontology_id": LIVER, "sex": "male"}, "num_samples": n}],
    }
    truth = base.predict(read_query(body))
    found = perturbed(embedded_model(BULK), *truth.expression.to_numpy(), n=1, deterministic_latents=True)
    for name in ("biological", "technical"):
        a, b = (np.array(x.latents[name].tolist()) for x in (truth, found))
        a, b = (x[:, :8] - x[:, :8].mean(axis=0) for x in (a, b))
        assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.9


def test_what_a_sample_is_taken_for_is_said(model, sample):
    answer = perturbed(model, sample, metadata=DEXAMETHASONE)
    condition = answer.provenance.conditions[0]
    assert condition.notes[0].startswith("Taken for liver (")
    assert {support.key: support.status for support in condition.supports} == {
        "perturbation_type": "known",
        "perturbation_ontology_id": "known",
    }
    assert set(answer.metadata) == set(DEXAMETHASONE)


def test_a_single_cell_keeps_its_library_and_is_told_from_few_counts(cell_model):
    cell = t_cell()
    answer = perturbed(cell_model, cell, n=3, metadata=DEXAMETHASONE, seed=2)
    assert answer.expression.sum(axis=1).unique().tolist() == [cell.sum()]
    few = np.zeros_like(cell)
    few[np.argmax(cell)] = 3
    sparse = perturbed(cell_model, few, n=1, deterministic_latents=True)
    assert sparse.expression.sum(axis=1).tolist() == [3]
    assert np.abs(np.array(sparse.latents["biological"][0])).max() < 10


@pytest.mark.parametrize("counts", ["one gene", "one count", "half of the genes unmeasured", "flat"])
def test_odd_samples_are_answered(model, sample, counts):
    odd = {
        "one gene": np.where(np.arange(len(sample)) == 7, 5_000_000, 0),
        "one count": np.where(np.arange(len(sample)) == 7, 1, 0),
        "half of the genes unmeasured": np.where(np.arange(len(sample)) % 2, sample, 0),
        "flat": np.full(len(sample), 100),
    }[counts]
    for strategy in ("mean estimation", NOISE):
        answer = perturbed(model, odd, n=2, strategy=strategy, metadata=DEXAMETHASONE, seed=1)
        assert answer.expression.sum(axis=1).tolist() == [odd.sum()] * 2
        assert np.isfinite(np.array(answer.latents["biological"].tolist())).all()


def test_unmeasured_genes_hardly_move_the_latents(model, sample):
    missing = np.random.default_rng(3).random(len(sample)) < 0.15
    whole, holed = (
        np.array(perturbed(model, counts, n=1, deterministic_latents=True).latents["biological"][0])
        for counts in (sample, np.where(missing, 0, sample))
    )
    assert np.sqrt(((whole - holed) ** 2).mean()) < 1.0


@pytest.mark.parametrize(
    ("inputs", "path", "words"),
    [
        ({"counts": [1, 2, 3]}, "inputs.0.counts", "3 counts, the model has 20,002 genes"),
        ({"metadata": COMPOUND_AS_INFECTION}, "inputs.0.metadata.perturbation_ontology_id", "needs"),
        ({"counts": "large"}, "inputs.0.counts", "fixed_total_count"),
    ],
)
def test_what_cannot_be_answered_is_named_before_and_when_asked(model, sample, inputs, path, words):
    large = [MAX_TOTAL_COUNT // 2 + 1] * 3 + [0] * (len(sample) - 3)
    body = {"counts": sample.tolist(), "num_samples": 1} | inputs
    body["counts"] = large if body["counts"] == "large" else body["counts"]
    query = read_query({"inputs": [body], "sampling_strategy": NOISE}, BULK)
    faults = model.faults(query)
    assert [fault.path for fault in faults] == [path]
    assert words in faults[0].message
    with pytest.raises(QueryError) as caught:
        model.predict(query)
    assert list(caught.value.errors) == faults


def test_single_cells_are_answered_by_means_alone(cell_model):
    query = read_query({"inputs": [{"counts": t_cell().tolist(), "num_samples": 1}], "sampling_strategy": NOISE}, BULK)
    assert "sampling_strategy" in [fault.path for fault in cell_model.faults(query)]


def test_a_query_of_another_operation_is_refused(model):
    with pytest.raises(QueryError, match="counts"):
        model.predict(embedded_model("gem-1-bulk").example_query())


@pytest.mark.parametrize("model_id", [BULK, CELLS])
def test_the_example_runs_as_it_stands_and_says_something(model_id):
    model = embedded_model(model_id)
    query = model.example_query()
    assert model.faults(query) == []
    assert read_query(query.to_contract(), model_id) == query
    answer = model.predict(query)
    assert {s.status for c in answer.provenance.conditions for s in c.supports} <= {"known", "extrapolated"}
    raised = answer.expression.set_axis(answer.symbols(), axis=1)["TSC22D3"].mean()
    before = np.array(query.inputs[0].counts)[answer.symbols().index("TSC22D3")]
    assert raised > before


def test_progress_reaches_the_end_and_cancelling_stops(model, sample):
    query = read_query(
        {"inputs": [{"counts": sample.tolist(), "num_samples": 60}], "sampling_strategy": "mean estimation"}, BULK
    )
    seen: list[Progress] = []
    model.predict(query, seen.append)
    assert (seen[-1].done, seen[-1].total) == (60, 60)
    with pytest.raises(PredictionCancelled):
        model.predict(query, cancelled=lambda: True)
    assert not [t for t in threading.enumerate() if t.name.startswith("embedded-model")]


def test_two_hundred_references_are_answered_each_from_its_own(model, sample):
    generator = np.random.default_rng(4)
    totals = generator.integers(20_000, 60_000, 200)
    counts = [generator.multinomial(total, sample / sample.sum()) for total in totals]
    answer = perturbed(model, *counts, n=1)
    assert answer.expression.sum(axis=1).tolist() == totals.tolist()
