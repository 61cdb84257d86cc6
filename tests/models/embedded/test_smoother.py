from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthome.models.embedded.smoother import NOISE, OntologySmoother
from synthome.models.embedded.vocabulary import EmbeddedVocabulary
from synthome.ontology import default_index

TISSUE, CELL = "tissue_ontology_id", "cell_type_ontology_id"
LIVER, LUNG, BRAIN, HEART = "UBERON:0002107", "UBERON:0002048", "UBERON:0000955", "UBERON:0000948"
LOBE_OF_LIVER, LOBE_OF_LUNG, VENTRICLE = "UBERON:0001114", "UBERON:0008952", "UBERON:0002082"
LIFE_CYCLE_STAGE, ANATOMICAL_ENTITY = "UBERON:0000105", "UBERON:0001062"
ORGANS = (LIVER, LUNG, BRAIN, HEART)


@pytest.fixture(scope="module")
def organs() -> OntologySmoother:
    return OntologySmoother(default_index().graph, ORGANS, NOISE["tissue"])


@pytest.fixture(scope="module")
def vocabulary(bulk) -> EmbeddedVocabulary:
    return bulk.vocabulary()


@pytest.mark.parametrize(("part", "whole"), [(LOBE_OF_LIVER, LIVER), (LOBE_OF_LUNG, LUNG), (VENTRICLE, HEART)])
def test_a_part_is_answered_mostly_from_what_it_is_part_of(organs, part, whole):
    answer = organs.extrapolate(part)
    assert answer.relations[0].id == whole
    assert answer.weights[whole] > 0.6
    assert sum(abs(answer.weights[other]) for other in ORGANS if other != whole) < 0.2


def test_a_hidden_term_has_no_weight_and_leaves_less_confidence(organs):
    known, hidden = organs.extrapolate(LOBE_OF_LIVER), organs.extrapolate(LOBE_OF_LIVER, {LIVER})
    assert LIVER not in hidden.weights
    assert hidden.confidence < 0.5 * known.confidence


def test_what_shares_no_ancestor_with_anything_learned_has_no_answer(organs):
    assert organs.extrapolate(LIFE_CYCLE_STAGE) is None
    assert organs.extrapolate(ANATOMICAL_ENTITY) is None
    assert organs.extrapolate("UBERON:9999999") is None


def test_more_noise_in_learned_profiles_draws_answers_nearer_to_the_mean():
    graph = default_index().graph
    weights = [OntologySmoother(graph, ORGANS, noise).extrapolate(LOBE_OF_LIVER).weights[LIVER] for noise in (0.1, 2.0)]
    assert weights[1] < 0.5 * weights[0]


@settings(max_examples=25, deadline=None)
@given(st.permutations(ORGANS), st.sampled_from([LOBE_OF_LIVER, LOBE_OF_LUNG, VENTRICLE, "UBERON:0002370"]))
def test_answers_do_not_depend_on_the_order_of_learned_terms(order, asked):
    graph = default_index().graph
    one, other = (OntologySmoother(graph, terms, 0.1).extrapolate(asked) for terms in (ORGANS, order))
    assert one.confidence == pytest.approx(other.confidence)
    assert one.weights == pytest.approx(other.weights)


def test_no_other_weights_have_a_smaller_expected_error():
    smoother = OntologySmoother(default_index().graph, ORGANS, 0.1)
    weights = np.array([smoother.extrapolate(VENTRICLE).weights[organ] for organ in ORGANS])
    covariance = np.array([smoother._with_learned(organ) for organ in ORGANS]) + 0.1 * np.eye(len(ORGANS))
    towards = smoother._with_learned(VENTRICLE)

    def error(w):
        return 1 - 2 * w @ towards + w @ covariance @ w

    least = error(weights)
    for step in np.concatenate([0.05 * np.eye(4), -0.05 * np.eye(4)]):
        assert error(weights + step) > least


@pytest.mark.parametrize("key", [TISSUE, CELL])
def test_hiding_learned_terms_one_by_one_beats_the_mean_by_a_twentieth_and_the_nearest_relative(vocabulary, key):
    """Only the terms themselves are hidden here; ``python -m training.hidden`` also hides those of the same samples."""
    family = vocabulary.family(key)
    theta = np.stack([family.theta(term) for term in family.ids])
    errors = np.zeros((len(theta), 3))
    for i, term in enumerate(family.ids):
        mean = (theta.sum(axis=0) - theta[i]) / (len(theta) - 1)
        answer = vocabulary.extrapolation(key, term, {term})
        weights = answer.weights if answer else {}
        moved = np.array([weights.get(other, 0.0) for other in family.ids])
        guess = mean + moved @ (theta - mean)
        near = default_index().graph.nearest(term, [other for other in family.ids if other != term], limit=1)
        nearest = family.theta(near[0].id)
        errors[i] = [np.sqrt(((x - theta[i]) ** 2).mean()) for x in (guess, mean, nearest)]
    field, of_mean, of_nearest = errors.mean(axis=0)
    assert field < 0.95 * of_mean
    assert field < of_nearest


def test_what_relatives_hardly_explain_is_refused_with_learned_terms_to_take_instead(vocabulary):
    refused = vocabulary.support(TISSUE, LIFE_CYCLE_STAGE)
    assert (refused.status, refused.confidence) == ("refused", 0.0)
    assert all(term in vocabulary.family(TISSUE) for term in refused.relatives)
    assert refused.relatives


def test_confidence_falls_with_distance(vocabulary):
    lobe, eye = (vocabulary.support(TISSUE, term).confidence for term in (LOBE_OF_LIVER, "UBERON:0000970"))
    assert lobe > 0.6 > eye


def test_marks_for_a_list_of_terms_are_cheap(bulk):
    """Two milliseconds a term are the limit of a search list; ten times that here, for a busy machine."""
    vocabulary = bulk.vocabulary()
    graph = default_index().graph
    vocabulary.support(TISSUE, LOBE_OF_LUNG)
    terms = [term for term in graph.descendants("UBERON:0000062", limit=100) if term not in vocabulary.family(TISSUE)]
    start = time.perf_counter()
    for term in terms:
        vocabulary.support(TISSUE, term)
    assert (time.perf_counter() - start) / len(terms) < 0.02
