from __future__ import annotations

import numpy as np
import pytest

from synthome.models.embedded.noise import variance_rise
from training.studies import Residuals
from training.variability import MOST_SHARED, Variability, fit_variability
from training.variance_law import fit_variance_law

GENES = 2_000
RISE = 8.0


def residuals_of(name: str, material: str, values: np.ndarray, level: np.ndarray) -> Residuals:
    values = values - values.mean(axis=1, keepdims=True)
    degrees = values.shape[1] - 1
    extra = (values**2).sum(axis=1) / degrees
    measured = np.ones(len(values), dtype=bool)
    return Residuals(name, material, values, degrees, level, np.zeros(len(values)), extra, measured)


@pytest.fixture(scope="module")
def world():
    """Two latents and a gene-wise rest, seen in four tissues; tissues and cell types that say nothing of them."""
    generator = np.random.default_rng(4)
    loadings = generator.normal(0, 0.25, (GENES, 2))
    rest = np.exp(generator.normal(np.log(0.04), 0.5, GENES))
    sets = []
    for name in ("a: x", "b: x", "c: x", "d: x"):
        level = np.exp(generator.normal(4, 1, GENES))
        scale = np.sqrt(variance_rise(level, RISE))[:, None]
        noise = generator.normal(0, 1, (GENES, 60)) * np.sqrt(rest)[:, None]
        sets.append(residuals_of(name, "tissue", (loadings @ generator.normal(size=(2, 60)) + noise) * scale, level))
    tissues = generator.normal(3, 0.5, (GENES, 12))
    between = generator.normal(0, 0.1, (GENES, 10))
    return sets, loadings, rest, tissues, between


@pytest.fixture(scope="module")
def fitted(world) -> Variability:
    sets, _, _, tissues, between = world
    return fit_variability(sets, between, np.ones(GENES, dtype=bool), tissues, np.ones((GENES, 3)))


def test_the_law_finds_each_genes_variance_and_how_it_rises_at_low_expression(world):
    sets, loadings, rest, tissues, _ = world
    law = fit_variance_law(sets, tissues)
    truth = (loadings**2).sum(axis=1) + rest
    assert law.trend.rise == pytest.approx(RISE, rel=0.5)
    assert np.corrcoef(np.log(law.gene), np.log(truth))[0, 1] > 0.9
    assert np.median(law.gene) == pytest.approx(np.median(truth), rel=0.15)


def test_the_law_finds_that_genes_of_few_tissues_are_steady_where_they_are_at_home():
    generator = np.random.default_rng(9)
    tissues = generator.normal(2, 0.2, (GENES, 12))
    marker, home = np.arange(GENES) < 600, np.arange(GENES) % 12
    tissues[marker, home[:600]] += 5.0
    sets = []
    for place in range(6):
        level = np.exp(tissues[:, place])
        steady = marker & (home == place)
        deviation = np.where(steady, 0.3, np.where(marker, 0.9, 0.4))[:, None]
        sets.append(residuals_of(f"{place}: x", "tissue", generator.normal(0, 1, (GENES, 40)) * deviation, level))
    law = fit_variance_law(sets, tissues)
    for place in range(6):
        made = law.gene * law.trend(np.exp(tissues[:, place]))
        assert np.median(made[marker & (home == place)]) < 0.3 * np.median(made[marker & (home != place)])


def test_the_leading_latents_are_those_put_in(world, fitted):
    basis, _ = np.linalg.qr(world[1])
    deviation = np.sqrt((fitted.biological**2).sum(axis=1) + (fitted.technical**2).sum(axis=1) + fitted.dispersion)
    leading = fitted.biological[:, :2]
    inside = np.linalg.norm(basis.T @ leading, axis=0) / np.linalg.norm(leading, axis=0)
    assert inside.min() > 0.9
    assert deviation.min() > 0


def test_latents_and_dispersion_together_carry_the_laws_variance_and_no_more(world, fitted):
    sets, _, _, tissues, _ = world
    law = fit_variance_law(sets, tissues)
    shared = (fitted.biological**2).sum(axis=1) + (fitted.technical**2).sum(axis=1)
    rest = fitted.dispersion + fitted.dispersion**2 / 2
    np.testing.assert_allclose(shared + rest, law.gene, rtol=1e-6)
    assert (shared <= MOST_SHARED * law.gene * (1 + 1e-9)).all()


def test_genes_that_may_not_load_keep_their_variance_as_dispersion(world):
    sets, _, _, tissues, between = world
    varying = np.arange(GENES) >= 50
    fit = fit_variability(sets, between, varying, tissues, np.ones((GENES, 3)))
    assert not fit.biological[:50].any()
    assert not fit.technical[:50].any()
    assert (fit.dispersion[:50] > 0).all()


def test_a_study_left_out_plays_no_part(world):
    sets, _, _, tissues, between = world
    varying, cells = np.ones(GENES, dtype=bool), np.ones((GENES, 3))
    wild = residuals_of("wild: x", "tissue", np.random.default_rng(5).normal(0, 3, (GENES, 30)), sets[0].level)
    with_it = fit_variability([*sets, wild], between, varying, tissues, cells, without=("wild",))
    never = fit_variability(sets, between, varying, tissues, cells)
    np.testing.assert_array_equal(with_it.biological, never.biological)
    np.testing.assert_array_equal(with_it.dispersion, never.dispersion)


def test_leaving_out_a_study_that_is_not_there_names_those_that_are(world):
    sets, _, _, tissues, between = world
    with pytest.raises(ValueError, match=r"nowhere.*a, b, c, d"):
        fit_variability(sets, between, np.ones(GENES, dtype=bool), tissues, np.ones((GENES, 3)), ("nowhere",))


def test_genes_of_one_kind_of_cell_rise_and_fall_together():
    generator = np.random.default_rng(6)
    level = np.full(GENES, 100.0)
    sets = [residuals_of(f"{n}: x", "tissue", generator.normal(0, 0.3, (GENES, 40)), level) for n in "abc"]
    markers = np.arange(GENES) < 100
    cells = generator.normal(3, 0.1, (GENES, 20))
    cells[markers, 0] += 3.0
    fit = fit_variability(sets, np.zeros((GENES, 10)) + 0.1, np.ones(GENES, dtype=bool), np.ones((GENES, 5)), cells)
    moved = fit.biological @ fit.biological.T
    own = moved[:100, :100][np.triu_indices(100, 1)].mean()
    other = np.abs(moved[:100, 100:].mean())
    assert own > 10 * other
