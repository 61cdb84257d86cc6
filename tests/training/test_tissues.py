from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthome.models.embedded.scale import cpm_of, log_expression
from training.atlas_mixtures import atlas_mixtures
from training.bulk_tables import by_term, gene_factor, load_sources
from training.leave_out import tissues_without
from training.sources import mapping, read_matrix
from training.tissues import Shrinkage

LIVER, TESTIS, LUNG = "UBERON:0002107", "UBERON:0000473", "UBERON:0002048"


@pytest.fixture(scope="module")
def without_gtex(genes):
    return tissues_without(genes, frozenset({"GTEx"}))


def test_no_matching_column_means_no_factor():
    empty = np.zeros((5, 0))
    np.testing.assert_array_equal(gene_factor(empty, empty), 1.0)


def test_halfway_is_the_mean_of_what_two_studies_confirm():
    sizes = np.array([-1.0, 0.0, 1.0])
    one, other = Shrinkage(sizes, np.array([0.2, 0.4, 0.6])), Shrinkage(sizes * 2, np.array([0.4, 0.6, 1.0]))
    between = Shrinkage.halfway([one, other])
    np.testing.assert_allclose(between.share(sizes), [(0.2 + 0.5) / 2, (0.4 + 0.6) / 2, (0.6 + 0.8) / 2])


def test_at_least_75_tissues_are_mapped():
    ids = mapping("tissues")["uberon_id"]
    assert ids[ids != ""].nunique() >= 75


@pytest.mark.refit
def test_a_study_that_does_not_exist_cannot_be_left_out(genes):
    with pytest.raises(ValueError, match="no such"):
        load_sources(genes, frozenset({"no such"}))


@pytest.mark.refit
def test_without_gtex_no_table_and_no_tissue_of_gtex_is_left(genes, without_gtex):
    sources = load_sources(genes, frozenset({"GTEx"}))
    assert sources.gtex_tpm.columns.empty
    assert sources.gtex_counts.columns.empty
    assert not any("GTEx" in studies for studies in without_gtex.studies.values())
    assert without_gtex.theta.notna().all().all()
    only_gtex = set(mapping("tissues").query("source == 'gtex_counts'")["uberon_id"]) - {""}
    others = set(mapping("tissues").query("source not in ('gtex_counts', 'gtex_tpm')")["uberon_id"])
    assert not (only_gtex - others) & set(without_gtex.theta.columns)


@pytest.mark.refit
def test_profiles_without_gtex_predict_gtex_better_than_the_average_tissue_does(genes, without_gtex):
    real = by_term(genes.ensembl_rows(read_matrix("tissues/gtex_tissue_tpm.tsv.gz")), "gtex_tpm")
    twins = {"UBERON:0000955", "UBERON:0002349"}  # brain and myocardium rest on the columns of others
    terms = [term for term in real if term in without_gtex.theta.columns and term not in twins]
    truth = np.log2(real[terms].to_numpy() + 1)
    made = np.log2(cpm_of(without_gtex.theta[terms].to_numpy()) + 1)
    known = np.isfinite(truth).all(axis=1)
    truth, made = truth[known], made[known]
    errors = []
    for i in range(len(terms)):
        rest = [j for j in range(len(terms)) if j != i]
        offset = (truth[:, rest] - made[:, rest]).mean(axis=1)
        average = truth[:, rest].mean(axis=1)
        errors.append([np.sqrt(((x - truth[:, i]) ** 2).mean()) for x in (made[:, i] + offset, average)])
    mine, of_average = np.median(errors, axis=0)
    assert len(terms) >= 24
    assert mine < 0.62
    assert mine < 0.75 * of_average


@pytest.mark.refit
def test_mixtures_of_single_cells_resemble_their_own_tissue_most(genes):
    hpa = by_term(load_sources(genes).hpa, "hpa")
    mixed = atlas_mixtures(genes, hpa)
    known = mixed.notna().all(axis=1)
    tables = [log_expression(pd.DataFrame(t.loc[known, mixed.columns])) for t in (mixed, hpa)]
    made, real = (t.sub(t.mean(axis=1), axis=0).to_numpy() for t in tables)
    similarity = np.corrcoef(made.T, real.T)[: made.shape[1], made.shape[1] :]
    assert (similarity.argmax(axis=1) == np.arange(made.shape[1])).mean() > 0.9
