from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from training.ambient import without_ambient

TYPES, GENES, SOUP = 6, 600, 0.08
MARKERS = {kind: slice(60 * kind, 60 * kind + 60) for kind in range(TYPES)}


@pytest.fixture(scope="module")
def atlases() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Four atlases of the same six cell types, the first with ambient RNA; what is true, what is seen, and of what."""
    generator = np.random.default_rng(7)
    cells = np.zeros((GENES, TYPES))
    for kind, rows in MARKERS.items():
        cells[rows, kind] = np.exp(generator.normal(6, 0.5, 60))
    cells[360:] = np.exp(generator.normal(5, 1, 240))[:, None]
    cells = cells / cells.sum(axis=0) * 1e6
    true, seen, rows = {}, {}, []
    for atlas in "ABCD":
        profiles = cells * np.exp(generator.normal(0, 0.2, cells.shape))
        profiles = profiles / profiles.sum(axis=0) * 1e6
        soup = profiles.mean(axis=1, keepdims=True) * (SOUP if atlas == "A" else 0.0)
        for kind in range(TYPES):
            name = f"{atlas}::{kind}"
            true[name] = profiles[:, kind]
            seen[name] = (profiles[:, [kind]] * (1 - (SOUP if atlas == "A" else 0.0)) + soup)[:, 0]
            rows.append({"dataset": atlas, "pool": atlas, "cl_id": f"CL:{kind:07d}"})
    return pd.DataFrame(true), pd.DataFrame(seen), pd.DataFrame(rows)


def test_rna_of_other_cells_is_taken_out_of_a_profile(atlases):
    _, seen, about = atlases
    cleaned = without_ambient(seen, about)
    foreign = slice(60, 360)
    assert cleaned["A::0"].iloc[foreign].sum() < 0.3 * seen["A::0"].iloc[foreign].sum()


def test_what_a_cell_type_expresses_itself_stays(atlases):
    true, seen, about = atlases
    cleaned = without_ambient(seen, about)
    own = list(range(60)) + list(range(360, GENES))
    ratio = np.log(cleaned["A::0"].iloc[own] / true["A::0"].iloc[own])
    assert np.abs(ratio).max() < 0.15


def test_an_atlas_without_ambient_rna_is_left_as_it_is(atlases):
    _, seen, about = atlases
    cleaned = without_ambient(seen, about)
    clean = [c for c in seen if not c.startswith("A")]
    np.testing.assert_allclose(cleaned[clean], seen[clean] / seen[clean].sum() * 1e6)


def test_atlases_of_one_preparation_do_not_vouch_for_each_other(atlases):
    _, seen, about = atlases
    both = seen.copy()
    both[[f"B::{k}" for k in range(TYPES)]] = seen[[f"A::{k}" for k in range(TYPES)]].to_numpy()
    one_pool = about.assign(pool=about["dataset"].replace({"B": "A"}))
    cleaned = without_ambient(both, one_pool)
    assert cleaned["A::0"].iloc[60:360].sum() < 0.3 * both["A::0"].iloc[60:360].sum()


def test_genes_that_an_atlas_lacks_stay_unknown(atlases):
    _, seen, about = atlases
    holes = seen.copy()
    holes.loc[10, [f"A::{k}" for k in range(TYPES)]] = np.nan
    cleaned = without_ambient(holes, about)
    assert cleaned.loc[10, "A::0":"A::5"].isna().all()
    np.testing.assert_allclose(cleaned.sum(), 1e6)
