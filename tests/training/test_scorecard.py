"""The scorecard on made data whose answer is known, and the model card it writes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthome.query.vocabulary import KEYS
from training.scorecard.agreement import agreement, auroc
from training.scorecard.bootstrap import interval, mean_interval, median_interval
from training.scorecard.calibration import calibration_error
from training.scorecard.card import filled, plain_table
from training.scorecard.classifiers import recall
from training.scorecard.contract import measure as measure_contract
from training.scorecard.directions import direction, sign_agreement
from training.scorecard.evidence import Evidence
from training.scorecard.hidden_terms import compared
from training.scorecard.latents import neighbour_purity
from training.scorecard.registry import TESTS, named
from training.scorecard.results import CARD, RESULTS, Results, read_results, weights_digest, write_results
from training.scorecard.scores import Score
from training.scorecard.sexes import called
from training.scorecard.unseen_atlas import nearest_other, one_of_each_twin


def score(value: float, **more: object) -> Score:
    return Score("r", value, "3 tissues", "What it means.", **more)  # type: ignore[arg-type]


def test_a_score_fails_under_its_floor_over_its_ceiling_and_where_a_naive_answer_is_as_good():
    assert score(0.8, at_least=0.8).passed
    assert not score(0.79, at_least=0.8).passed
    assert not score(0.63, at_most=0.62).passed
    assert not score(0.5, baselines={"chance": 0.5}, beaten=("chance",)).passed
    assert score(0.4, baselines={"mean": 0.5}, beaten=("mean",), higher_is_better=False).passed
    assert not score(0.5, baselines={"mean": 0.5}, beaten=("mean",), higher_is_better=False).passed


def test_a_score_that_is_not_defined_passes_no_floor():
    nothing = float("nan")
    assert not score(nothing, at_least=0.0).passed
    assert not score(nothing, at_most=1.0).passed
    assert not score(nothing, baselines={"chance": 0.5}, beaten=("chance",)).passed


def test_what_a_score_falls_short_of_is_said_in_words():
    both = score(0.02, at_least=0.03, at_most=0.07, baselines={"chance": 0.5}, beaten=("chance",))
    assert both.shortfalls() == ("0.020 is under 0.03", "0.020 is no better than the chance's 0.500")
    assert both.floor == "0.03 to 0.07; better than chance"


def test_a_baseline_that_must_be_beaten_must_be_there():
    with pytest.raises(ValueError, match="no baseline is called chance"):
        score(1.0, beaten=("chance",))


def test_an_interval_holds_the_mean_and_narrows_with_more_conditions():
    generator = np.random.default_rng(1)
    few, many = generator.normal(2.0, 1.0, 10), generator.normal(2.0, 1.0, 1_000)
    assert mean_interval(few)[0] < few.mean() < mean_interval(few)[1]
    low, high = mean_interval(many)
    assert high - low == pytest.approx(2 * 1.96 / np.sqrt(1_000), rel=0.15)
    assert mean_interval(few) == mean_interval(few)
    assert median_interval(np.full(5, 3.0)) == (3.0, 3.0)


def test_intervals_resample_whole_conditions():
    # Rows hold a value and its baseline: their ratio is 2 whichever rows are drawn.
    rows = np.column_stack([np.arange(1.0, 9.0) * 2, np.arange(1.0, 9.0)])
    assert interval(rows, lambda drawn: float(drawn[:, 0].mean() / drawn[:, 1].mean())) == pytest.approx((2.0, 2.0))


def test_a_constant_offset_a_gene_between_atlases_costs_nothing():
    generator = np.random.default_rng(2)
    truth = generator.normal(5, 2, (2_000, 8))
    found = agreement(truth, truth + generator.normal(0, 3, (2_000, 1)))
    np.testing.assert_allclose(found.r, 1.0)
    np.testing.assert_allclose(found.error, 0.0, atol=1e-9)
    np.testing.assert_allclose(found.slope, 1.0)
    assert found.found.all()
    assert found.marker_auroc.min() == 1.0


def test_noise_in_the_prediction_shows_as_the_error_that_was_put_in():
    generator = np.random.default_rng(3)
    truth = generator.normal(0, 1, (5_000, 20))
    predicted = truth + generator.normal(0, 0.5, truth.shape)
    found = agreement(predicted, truth)
    # The offset is a mean over the other 19 tissues, which adds a nineteenth of the variance.
    assert found.error.mean() == pytest.approx(0.5 * np.sqrt(1 + 1 / 19), rel=0.02)
    assert found.r.mean() == pytest.approx(1 / np.sqrt(1.25), rel=0.02)
    assert found.slope.mean() == pytest.approx(1 / 1.25, rel=0.02)


def test_an_answer_by_another_condition_is_never_its_own_retrieval():
    truth = np.random.default_rng(4).normal(0, 1, (500, 6))
    by_the_next = agreement(truth, truth, np.roll(np.arange(6), 1))
    assert not by_the_next.found.any()
    assert by_the_next.r.max() < 0.2
    assert (by_the_next.error > agreement(truth, truth).error).all()


def test_auroc_counts_pairs():
    positive = np.array([True, True, False, False])
    assert auroc(np.array([3.0, 2.0, 1.0, 0.0]), positive) == 1.0
    assert auroc(np.array([0.0, 1.0, 2.0, 3.0]), positive) == 0.0
    assert auroc(np.array([1.0, 1.0, 1.0, 1.0]), positive) == 0.5
    assert auroc(np.array([3.0, 1.0, 2.0, 0.0]), positive) == 0.75


def test_the_nearest_relative_is_another_term():
    terms = ["UBERON:0000955", "UBERON:0000956", "UBERON:0002107", "UBERON:0001255"]
    nearest = nearest_other(terms)
    assert nearest[0] == 1
    assert nearest[1] == 0
    assert (nearest != np.arange(4)).all()


def test_of_terms_on_the_same_samples_one_is_judged():
    kept = one_of_each_twin(["UBERON:0000955", "UBERON:0000956", "UBERON:0000948", "UBERON:0002349", "UBERON:0002107"])
    assert "UBERON:0000956" in kept, "cerebral cortex is what HPA measured, brain is wider"
    assert "UBERON:0000955" not in kept
    assert len(kept) == 3


def test_a_hidden_term_is_compared_in_log2_with_what_naive_answers_miss_by():
    truth, average = np.log(2.0) * np.array([1.0, 3.0, 5.0]), np.log(2.0) * np.array([0.0, 2.0, 4.0])
    found = compared(truth, truth, average, average + np.log(4.0))
    assert (found.error, found.of_average, found.of_nearest) == pytest.approx((0.0, 1.0, 1.0))
    assert compared(average, truth, average, average).r == 0.0


def test_signs_agree_where_the_same_genes_rise_and_fall():
    generator = np.random.default_rng(5)
    change = generator.normal(0, 1, 4_000)
    assert sign_agreement(change, change * 0.01) == 1.0
    assert sign_agreement(-change, change) == 0.0
    assert sign_agreement(generator.normal(0, 1, 4_000), change) == pytest.approx(0.5, abs=0.12)


def test_an_offset_of_a_whole_experiment_does_not_make_genes_rise():
    change = np.random.default_rng(6).normal(0, 1, 4_000)
    assert sign_agreement(change, change + 50.0) == 1.0


def test_a_signature_of_too_few_genes_is_not_judged():
    signature = np.zeros(1_000)
    signature[:10] = 1.0
    assert np.isnan(sign_agreement(signature, np.ones(1_000)))
    assert direction(np.stack([signature, signature], axis=1), np.ones((1_000, 2))) == []


def test_what_all_diseases_share_tells_none_of_them_apart():
    generator = np.random.default_rng(7)
    shared = generator.normal(0, 1, (3_000, 1)) * np.ones((1, 8))
    found = direction(shared, shared + generator.normal(0, 0.01, shared.shape))
    assert np.mean([d.own for d in found]) > 0.99
    assert np.mean([d.of_others for d in found]) > 0.99
    assert np.mean([d.rank for d in found]) == pytest.approx(0.5, abs=0.15)
    own = generator.normal(0, 1, (3_000, 8))
    specific = direction(own, own)
    assert np.mean([d.rank for d in specific]) == 1.0
    assert np.mean([d.of_others for d in specific]) < 0.65


def test_calibration_is_perfect_for_the_same_spread_and_bad_for_none():
    generator = np.random.default_rng(8)
    observed, same = generator.normal(0, 1, (400, 60)), generator.normal(0, 1, (400, 400))
    assert calibration_error(same, observed) < 0.01
    assert calibration_error(same * 0.01, observed) == pytest.approx(0.237, abs=0.02)
    assert calibration_error(same * 100, observed) == pytest.approx(0.237, abs=0.02)


def test_neighbours_are_pure_where_kinds_lie_apart_and_at_chance_where_not():
    generator = np.random.default_rng(9)
    kind = np.repeat(np.arange(10), 6)
    apart = generator.normal(0, 0.01, (60, 4)) + kind[:, None] * np.array([1.0, -1.0, 2.0, 0.5])
    assert neighbour_purity(apart, kind).mean() == 1.0
    assert neighbour_purity(generator.normal(0, 1, (60, 4)), kind).mean() == pytest.approx(5 / 59, abs=0.06)


def test_recall_is_by_class_and_over_the_chosen_genes():
    generator = np.random.default_rng(10)
    labels = np.repeat([0, 1, 2], 30)
    train, test = (np.eye(3)[labels] * 5 + generator.normal(0, 0.3, (90, 3)) for _ in range(2))
    np.testing.assert_array_equal(recall(np.arange(3), labels, train, test), 1.0)
    swapped = test[:, [1, 0, 2]]
    np.testing.assert_array_equal(recall(np.arange(3), labels, train, swapped), [0.0, 0.0, 1.0])


@given(xist=st.floats(0, 1e4), y=st.floats(0, 1e4))
def test_sex_is_called_female_only_where_xist_exceeds_y(xist: float, y: float):
    assert (called(np.array([xist]), np.array([y]))[0] == "female") == (xist > y)


def test_the_shipped_models_keep_the_contract_to_the_last_count():
    for found in measure_contract(Evidence()):
        assert found.value == 1.0, found.name


def test_every_test_of_the_registry_is_a_module_and_unknown_names_are_refused():
    folder = Path(__file__).resolve().parents[2] / "training" / "scorecard"
    for test in TESTS:
        assert (folder / f"{test.name}.py").is_file(), test.name
    assert [test.name for test in named(["sexes"])] == ["sexes"]
    assert named([]) == TESTS
    with pytest.raises(ValueError, match="There is no test sex; there are: unseen_atlas"):
        named(["sex"])


def results_for_tests() -> Results:
    good = score(0.91, interval=(0.88, 0.93), baselines={"global mean": 0.0}, beaten=("global mean",), at_least=0.8)
    bad = score(0.3, ceiling=("real halves", 0.7), at_least=0.5)
    scores = {"sexes": (good,), "noise": (bad, score(0.5))}
    return Results(scores, {"sexes": "abc", "noise": "abc"}, {"gem-1-bulk": {"genes": 20_002}, "gem-1-sc": {}})


def test_kept_figures_come_back_as_they_were(tmp_path: Path):
    path = tmp_path / "scorecard.json"
    write_results(results_for_tests(), path)
    assert read_results(path) == results_for_tests()
    assert read_results(tmp_path / "none.json") == Results({}, {}, {})


def test_one_test_run_alone_leaves_the_figures_of_the_others():
    changed = results_for_tests().with_test("sexes", [score(0.1)], "def")
    assert changed.scores["noise"] == results_for_tests().scores["noise"]
    assert changed.scores["sexes"][0].value == 0.1
    assert changed.judged == {"sexes": "def", "noise": "abc"}


def test_tables_stand_between_their_markers_and_nothing_else_is_touched():
    card = "# Card\n\nWords.\n<!-- scorecard: sexes -->\nold\n<!-- end -->\nMore.\n<!-- learned -->\n<!-- end -->\n"
    new = filled(card, results_for_tests())
    assert "old" not in new
    assert "| r (3 tissues) | 0.910 (0.880 to 0.930) | global mean 0.000 |  | ≥ 0.8; better than global mean |" in new
    assert "| genes | 20,002 | 0 |" in new
    assert new.startswith("# Card\n\nWords.\n<!-- scorecard: sexes -->\n")
    assert filled(new, results_for_tests()) == new


def test_a_failure_is_told_in_the_card_and_on_the_terminal():
    new = filled("<!-- scorecard: summary -->\n<!-- end -->\n", results_for_tests())
    assert "| Noise and correlation between genes | 0 of 1 | r: 0.300 is under 0.5 |" in new
    assert "| Sex | 1 of 1 |  |" in new
    assert "| Drugs against unseen experiments | not computed yet | |" in new
    table = plain_table("Noise", results_for_tests().scores["noise"])
    assert "**fails**" in table
    assert "stated" in table


def test_the_model_card_shows_the_kept_figures():
    card = CARD.read_text(encoding="utf-8")
    assert filled(card, read_results()) == card, "python -m training.scorecard writes the card's tables"
    assert "Not computed yet" not in card


def test_the_kept_figures_are_those_of_the_shipped_weights():
    assert RESULTS.exists()
    results = read_results()
    assert set(results.judged) == {test.name for test in TESTS}
    stale = [name for name, digest in results.judged.items() if digest != weights_digest()]
    assert stale == [], "weights changed since these were computed: make scorecard"


def test_every_metadata_key_has_a_section_of_its_own_in_the_model_card():
    card = CARD.read_text(encoding="utf-8")
    anchors = re.findall(r'<a id="([a-z_]+)"></a>\n\n?### ', card)
    assert set(KEYS) <= set(anchors)
    assert len(anchors) == len(set(anchors))
