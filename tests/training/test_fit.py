from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from synthome.models.embedded.scale import LEAST_THETA, cpm_of, decoded, log_expression
from synthome.models.embedded.weights import FOLDER
from synthome.ontology import default_index
from training.save import codes, scaled_bytes
from training.sources import MAPPINGS, data_dir, mapping
from training.tissues import Shrinkage, fill_from_neighbours, gene_factor


def test_a_gene_wise_factor_is_found_where_genes_are_expressed_and_left_at_one_where_not():
    generator = np.random.default_rng(1)
    truth = np.exp(generator.normal(0, 0.8, 300))
    truth /= np.exp(np.log(truth).mean())
    x = np.exp(generator.normal(4, 1, (300, 30)))
    y = x * truth[:, None] * np.exp(generator.normal(0, 0.2, (300, 30)))
    x[:20], y[:20] = 0.0, 0.0
    found = gene_factor(x, y)
    assert np.corrcoef(np.log(found[20:]), np.log(truth[20:]))[0, 1] > 0.99
    np.testing.assert_array_equal(found[:20], 1.0)


def test_shrinkage_keeps_what_a_second_study_confirms():
    generator = np.random.default_rng(2)
    truth = generator.normal(0, 1.5, (4_000, 20))
    noisy = truth + generator.normal(0, 0.8, truth.shape)
    shrinkage = Shrinkage.measure(noisy, truth + generator.normal(0, 0.1, truth.shape))
    kept = 1.5**2 / (1.5**2 + 0.8**2)
    assert shrinkage(np.array([1.2]))[0] == pytest.approx(1.2 * kept, rel=0.1)
    error = [np.sqrt(((guess - truth) ** 2).mean()) for guess in (noisy, shrinkage(noisy))]
    assert error[1] < 0.92 * error[0]
    assert shrinkage.share(np.array([1.2]), 4)[0] > shrinkage.share(np.array([1.2]), 1)[0]


def test_missing_genes_come_from_similar_tissues():
    generator = np.random.default_rng(3)
    kinds = generator.normal(0, 2, (500, 2))
    tissues = np.repeat(kinds, 6, axis=1) + generator.normal(0, 0.2, (500, 12))
    table = pd.DataFrame(tissues, columns=[f"t{i:02d}" for i in range(12)])
    hidden = table.copy()
    hidden.loc[:99, "t00"] = np.nan
    filled = fill_from_neighbours(hidden, hidden)
    assert filled.notna().all().all()
    guess, other = filled.loc[:99, "t00"], table.loc[:99, "t11"]
    assert np.corrcoef(guess, table.loc[:99, "t00"])[0, 1] > 0.9
    assert np.corrcoef(guess, other)[0, 1] < 0.7


def test_stored_profiles_come_back_within_four_per_cent_and_zero_stays_zero():
    theta = np.random.default_rng(5).uniform(LEAST_THETA, 12, (400, 3))
    theta[0] = LEAST_THETA
    back = decoded(codes(theta)).T
    assert np.abs(back - theta).max() <= 0.036
    assert (cpm_of(back)[0] == 0).all()


def test_a_gene_seen_once_in_two_hundred_million_reads_is_still_there():
    cpm = np.array([[0.005], [0.02], [0.1]])
    assert cpm_of(decoded(codes(log_expression(cpm)))).ravel() == pytest.approx(cpm.ravel(), rel=0.12)


def test_stored_loadings_come_back_within_a_hundredth_of_the_largest():
    loadings = np.random.default_rng(6).normal(size=(500, 4)) * [10, 1, 0.1, 0.01]
    stored, unit = scaled_bytes(loadings)
    error = np.abs(stored.T * unit - loadings).max(axis=0)
    assert (error < 0.01 * np.abs(loadings).max(axis=0)).all()


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("tissues", (("uberon_id", "uberon_label"),)),
        ("cell_types", (("cl_id", "cl_label"),)),
        ("cell_type_parts", (("cl_id", "cl_label"), ("part_id", "part_label"))),
        ("cell_types_bulk", (("cl_id", "cl_label"),)),
        ("cell_lines", (("cvcl_id", "cvcl_label"),)),
        ("atlases", (("uberon_id", "uberon_label"),)),
    ],
)
def test_every_mapped_term_is_current_and_called_what_the_table_says(table, columns):
    index = default_index()
    rows = mapping(table)
    for id_column, label_column in columns:
        pairs = rows[[id_column, label_column]].drop_duplicates()
        for term_id, label in pairs[pairs[id_column] != ""].itertuples(index=False):
            term = index.term(term_id)
            assert term is not None, term_id
            assert not term.obsolete, term_id
            assert term.label == label


def test_rows_without_a_term_say_why():
    for table, column in (("tissues", "uberon_id"), ("cell_types", "cl_id"), ("cell_lines", "cvcl_id")):
        rows = mapping(table)
        assert (rows.loc[rows[column] == "", "note"] != "").all()


def test_no_mapping_names_the_consensus_table():
    for path in MAPPINGS.glob("*.tsv"):
        assert "consensus" not in path.read_text(encoding="utf-8")


@pytest.mark.refit
def test_a_refit_gives_the_shipped_weights_bit_for_bit(tmp_path):
    try:
        data_dir()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    if os.environ.get("SYNTHOME_REFIT") != "1":
        pytest.skip("refits for a minute or two; set SYNTHOME_REFIT=1 to run it")
    subprocess.run([sys.executable, "-m", "training", "--out", str(tmp_path)], check=True)
    for name in ("bulk.npz", "bulk.json", "single_cell.npz", "single_cell.json"):
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name
