from __future__ import annotations

import numpy as np
import pytest

from training.age import age_slopes, fit_age, shuffled_ages, sign_agreement
from training.sources import read_count_sets
from training.studies import Study, study_of

GENES, DONORS = 2_000, 80
MOVED = slice(0, 30)


def donors(name: str, slope: float, seed: int, number: int = DONORS, material: str = "tissue") -> Study:
    generator = np.random.default_rng(seed)
    age = generator.uniform(25, 75, number)
    y = generator.normal(4, 1, (GENES, 1)) + 0.2 * generator.normal(size=(GENES, number))
    # Composition and handling move genes together along a few strong directions, as they do in tissue.
    y += generator.normal(0, 0.2, (GENES, 6)) @ generator.normal(size=(6, number))
    y[MOVED] += slope * (age - 50) / 10
    female = (generator.random(number) < 0.5).astype(float)
    group = np.zeros(number, dtype=np.intp)
    return Study(name, material, y, np.zeros_like(y), group, (f"{name}: {name}",), female, age)


def test_genes_that_change_with_age_get_their_slope_and_the_others_none():
    values = fit_age([donors("a", 0.2, 1)], np.zeros(GENES, dtype=bool)).values
    assert values[MOVED].mean() == pytest.approx(0.2, rel=0.15)
    assert np.count_nonzero(np.delete(values, np.arange(30))) <= 8


def test_without_an_effect_of_age_next_to_nothing_is_learned():
    signature = fit_age([donors("a", 0.0, 2)], np.zeros(GENES, dtype=bool))
    assert np.count_nonzero(signature.values) <= 2
    assert signature.term.reliability < 0.2


def test_genes_that_tell_sex_never_move():
    excluded = np.arange(GENES) < 10
    values = fit_age([donors("a", 0.2, 1)], excluded).values
    assert not values[:10].any()
    assert values[10:30].all()


def test_lines_tumours_and_small_groups_are_not_learned_from():
    studies = [
        donors("line", 0.2, 1, material="line"),
        donors("tumour", 0.2, 2, material="tumour"),
        donors("few", 0.2, 3, number=12),
    ]
    assert age_slopes(studies) == []


def test_shuffled_ages_discover_less():
    real, by_chance = shuffled_ages([donors("a", 0.2, 1)], np.random.default_rng(4))
    assert real >= 30
    assert np.median(by_chance) <= 3


def test_another_study_agrees_where_the_effect_is_real():
    agreement = sign_agreement([donors("a", 0.2, 1), donors("b", 0.2, 2, number=14)], top=30)
    assert agreement["b: b"][0] > 0.9
    assert agreement["b: b"][1] == 30


@pytest.mark.refit
def test_ageing_islets_raise_cell_cycle_brakes_and_more_than_shuffled_ages_do(genes):
    studies = [study_of(genes, source) for source in read_count_sets() if source.name == "islets"]
    values = fit_age(studies, np.zeros(len(genes.ids), dtype=bool)).values
    symbols = genes.table["symbol"]
    for symbol in ("CDKN1A", "EDA2R"):
        assert values[(symbols == symbol).to_numpy()].max() > 0.02, symbol
    real, by_chance = shuffled_ages(studies, np.random.default_rng(1))
    assert real > 3 * np.mean(by_chance)
