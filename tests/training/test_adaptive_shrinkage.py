from __future__ import annotations

import numpy as np
import pytest

from training.adaptive_shrinkage import Contrast, ScaleMixture, moderated_error, shrink


def _contrast(share: float, size: float, series: int = 1, genes: int = 8_000) -> tuple[np.ndarray, Contrast]:
    generator = np.random.default_rng(3)
    truth = np.where(generator.random(genes) < share, generator.normal(0, size, genes), 0.0)
    error = generator.uniform(0.1, 0.3, genes)
    return truth, Contrast(truth + generator.normal(0, error), error, series, ("made",))


def test_noise_alone_gives_nearly_no_change_and_no_reliability():
    _, contrast = _contrast(0.0, 0.0)
    values, reliability = shrink(contrast)
    assert np.abs(values).max() < 0.15
    assert np.abs(values).mean() < 0.01
    assert reliability < 0.1


def test_shrunk_changes_are_nearer_the_truth_and_right_in_size():
    truth, contrast = _contrast(0.1, 1.0)
    values, _ = shrink(contrast)
    assert ((values - truth) ** 2).mean() < 0.4 * ((contrast.effect - truth) ** 2).mean()
    assert np.polyfit(values, truth, 1)[0] == pytest.approx(1.0, abs=0.05)


def test_reliability_is_the_correlation_with_an_independent_experiment():
    truth, contrast = _contrast(0.3, 0.4)
    values, reliability = shrink(contrast)
    again = truth + np.random.default_rng(4).normal(0, contrast.error)
    assert reliability == pytest.approx(np.corrcoef(values / contrast.error, again / contrast.error)[0, 1], abs=0.1)


def test_what_many_series_were_needed_for_is_less_certain_in_one():
    assert shrink(_contrast(0.3, 0.4, series=16)[1])[1] < 0.5 * shrink(_contrast(0.3, 0.4)[1])[1]


def test_genes_that_were_not_measured_stay_put():
    _, contrast = _contrast(0.5, 1.0)
    contrast.effect[:10], contrast.error[10:20] = np.nan, np.nan
    values, _ = shrink(contrast)
    assert (values[:20] == 0).all()


def test_agreement_by_luck_does_not_stand_out_but_many_degrees_of_freedom_are_believed():
    generator = np.random.default_rng(5)
    effect = generator.normal(0, 1, 5_000)
    few = np.sqrt(generator.chisquare(2, 5_000) / 2)
    moderated = moderated_error(effect, few, 2)
    assert np.abs(effect / few).max() > 20
    assert np.abs(effect / moderated).max() < 5
    many = generator.uniform(0.5, 2.0, 5_000)
    assert np.abs(np.log(moderated_error(effect, many, 200) / many)).max() < 0.1


def test_a_mixture_adds_up_to_one():
    _, contrast = _contrast(0.2, 1.0)
    assert ScaleMixture.fit(contrast.effect, contrast.error).weights.sum() == pytest.approx(1.0)
