"""How recognition is judged: on made data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from synthome.models.embedded.recognition import TEMPERATURE, Candidates
from synthome.models.embedded.weights import LearnedTerm, load_weights
from training.recognition import GRID, Told, best_temperature, log_loss
from training.scorecard.recognition import expected_calibration_error
from training.unseen_samples import Labelled, related

KINDS = ("tissue", "tissue", "cell_line")


def told(scores: np.ndarray, share: float = 1.0) -> Told:
    """Samples whose right answer is the first of two tissues."""
    terms = tuple(LearnedTerm(name, name, ("study",)) for name in ("right", "wrong", "line"))
    candidates = Candidates(terms, KINDS, np.arange(3), np.ones((3, 3), dtype=np.float32))
    labelled = Labelled(
        "made",
        "study",
        "healthy",
        load_weights("bulk"),
        np.ones((1, 3), dtype=np.int64),
        "tissue",
        frozenset({"right"}),
    )
    return Told(labelled, candidates, scores, np.full(len(scores), share), np.log(np.full(3, 1 / 3)))


def test_a_calibration_error_is_none_where_probabilities_are_how_often_they_are_right():
    most = np.repeat([0.25, 0.75], [400, 400])
    right = np.concatenate([np.arange(400) % 4 == 0, np.arange(400) % 4 != 0]).astype(float)
    assert expected_calibration_error(most, right) == pytest.approx(0.0)
    assert expected_calibration_error(np.full(10, 0.95), np.zeros(10)) == pytest.approx(0.95)


def test_the_temperature_found_makes_probabilities_right():
    # Likelihoods 80 times too sure: three samples in four are right by a factor of e^(80 ln 3).
    sure = 80 * np.log(3)
    scores = np.array([[sure, 0.0, 0.0]] * 3 + [[0.0, sure, 0.0]])
    assert best_temperature([told(scores)]) == 80.0
    assert told(scores).posterior(80.0)[0, 0] == pytest.approx(0.75)


def test_counting_noise_is_not_tempered():
    scores = np.array([[np.log(3), 0.0, 0.0]])
    assert told(scores, share=0.0).posterior(100.0)[0].tolist() == pytest.approx([0.75, 0.25])
    assert told(scores, share=1.0).posterior(1.0)[0].tolist() == pytest.approx([0.75, 0.25])


def test_being_wrong_costs_more_the_surer_it_was():
    wrong = told(np.array([[0.0, 5.0, 0.0]]))
    losses = [log_loss([wrong], temperature) for temperature in (1.0, 10.0, 100.0)]
    assert losses == sorted(losses, reverse=True)


def test_the_constants_in_use_are_on_the_grid():
    assert set(TEMPERATURE.values()) <= set(GRID)


def test_related_terms_are_ancestors_and_descendants_but_not_siblings():
    t_cell, cd4, b_cell, lymphocyte = "CL:0000084", "CL:0000624", "CL:0000236", "CL:0000542"
    assert related([t_cell], [t_cell, cd4, b_cell, lymphocyte]) == {t_cell, cd4, lymphocyte}
    assert related([cd4], [b_cell]) == frozenset()
