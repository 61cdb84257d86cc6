from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.models.embedded.asking import BLOOD, BRAIN, LIVER, LUNG, ask, expected

TISSUE, CELL, LINE = "tissue_ontology_id", "cell_type_ontology_id", "cell_line_ontology_id"


@pytest.fixture(scope="module")
def profiles(bulk) -> dict[str, pd.DataFrame]:
    """Expected CPM of every learned term, terms x symbols, for each kind of term."""
    out = {}
    for key in (TISSUE, CELL, LINE):
        terms = sorted(bulk.vocabulary().learned(key))
        out[key] = expected(bulk, *({key: term} for term in terms)).set_axis(terms)
    return out


@pytest.mark.parametrize(
    ("symbol", "key", "term", "times_median"),
    [
        ("ALB", TISSUE, LIVER, 1000),
        ("CYP3A4", TISSUE, LIVER, 100),
        ("INS", TISSUE, "UBERON:0000006", 1000),
        ("INS", TISSUE, "UBERON:0001264", 100),
        ("GFAP", TISSUE, BRAIN, 100),
        ("SFTPC", TISSUE, LUNG, 100),
        ("TG", TISSUE, "UBERON:0002046", 100),
        ("KLK3", TISSUE, "UBERON:0002367", 1000),
        ("UMOD", TISSUE, "UBERON:0002113", 100),
        ("MYH7", TISSUE, "UBERON:0000948", 100),
        ("HBA2", TISSUE, BLOOD, 50),
        ("PRM1", TISSUE, "UBERON:0000473", 1000),
        ("CD3E", CELL, "CL:0000084", 20),
        ("PTPRC", CELL, "CL:0000084", 20),
        ("MS4A1", CELL, "CL:0000236", 50),
        ("NKG7", CELL, "CL:0000623", 20),
        ("CD14", CELL, "CL:0000860", 10),
        ("PECAM1", CELL, "CL:0000115", 5),
        ("INS", CELL, "CL:0000169", 100),
        ("GFAP", CELL, "CL:0000127", 100),
        ("ALB", CELL, "CL:0000182", 100),
        ("HBG1", LINE, "CVCL_0004", 100),
        ("ALB", LINE, "CVCL_0027", 100),
        ("ESR1", LINE, "CVCL_0031", 20),
        ("ERBB2", LINE, "CVCL_0033", 20),
        ("PTPRC", LINE, "CVCL_0013", 20),
    ],
)
def test_marker_genes_stand_out_where_they_should(profiles, symbol, key, term, times_median):
    column = profiles[key][symbol]
    assert column[term] > times_median * max(column.median(), 0.01)


@pytest.mark.parametrize(
    ("symbol", "key", "term"),
    [
        ("ALB", TISSUE, LIVER),
        ("SFTPC", TISSUE, LUNG),
        ("TG", TISSUE, "UBERON:0002046"),
        ("INS", TISSUE, "UBERON:0000006"),
        ("HBG1", LINE, "CVCL_0004"),
        ("ALB", LINE, "CVCL_0027"),
        ("INS", CELL, "CL:0000169"),
        ("GFAP", CELL, "CL:0000127"),
    ],
)
def test_the_most_specific_markers_peak_where_they_should(profiles, symbol, key, term):
    assert profiles[key][symbol].idxmax() == term


def test_genes_that_a_tissue_lacks_are_not_lit_by_another(profiles):
    tissues = profiles[TISSUE]
    assert tissues.loc[LIVER, "KLK3"] < 1
    assert tissues.loc[BRAIN, "ALB"] < 50
    assert tissues.loc[LUNG, "PRM1"] < 1


@pytest.mark.parametrize("tissue", [LIVER, BRAIN, BLOOD, LUNG, "UBERON:0001155", "UBERON:0001134"])
def test_women_express_xist_and_men_the_y_chromosome(bulk, tissue):
    cpm = expected(bulk, {TISSUE: tissue, "sex": "female"}, {TISSUE: tissue, "sex": "male"})
    y = ["RPS4Y1", "DDX3Y", "UTY", "KDM5D", "EIF1AY"]
    assert (cpm.loc[0, y] == 0).all()
    assert (cpm.loc[1, y] > 1).all()
    assert cpm.loc[0, "XIST"] > 50 * max(cpm.loc[1, "XIST"], 0.1)


def test_genes_that_escape_inactivation_are_a_little_higher_in_women(bulk):
    cpm = expected(bulk, {TISSUE: LIVER, "sex": "female"}, {TISSUE: LIVER, "sex": "male"})
    for symbol in ("KDM6A", "EIF1AX", "DDX3X", "ZFX"):
        assert 1.1 < cpm.loc[0, symbol] / cpm.loc[1, symbol] < 2


def test_without_a_sex_each_sample_is_of_one_and_the_latents_say_which(bulk):
    answer = ask(bulk, {TISSUE: LUNG}, n=40, seed=1)
    counts = answer.expression.set_axis(answer.symbols(), axis=1)
    sex = np.array([latents[-1] for latents in answer.latents["biological"]])
    assert set(sex) == {-1.0, 1.0}
    assert 8 <= (sex > 0).sum() <= 32
    assert (counts.loc[sex > 0, "RPS4Y1"] == 0).all()
    assert (counts.loc[sex < 0, "RPS4Y1"] > 100).all()
    assert counts.loc[sex > 0, "XIST"].min() > counts.loc[sex < 0, "XIST"].max()


def test_the_mean_latents_without_a_sex_are_the_mean_of_both(bulk):
    cpm = expected(bulk, {TISSUE: LUNG}, {TISSUE: LUNG, "sex": "female"}, {TISSUE: LUNG, "sex": "male"})
    for symbol in ("XIST", "RPS4Y1", "GAPDH"):
        assert cpm.loc[0, symbol] == pytest.approx((cpm.loc[1, symbol] + cpm.loc[2, symbol]) / 2, rel=0.02)


def test_lines_carry_their_donors_sex(bulk):
    cpm = expected(bulk, {LINE: "CVCL_0023"}, {LINE: "CVCL_0030"}, {LINE: "CVCL_0004"})
    assert cpm.loc[0, "RPS4Y1"] > 20
    assert (cpm.loc[[1, 2], "RPS4Y1"] < 2).all()
    assert cpm.loc[0, "XIST"] < 1


def test_prostate_is_male_without_being_told(bulk):
    answer = ask(bulk, {TISSUE: "UBERON:0002367"}, n=10, seed=1)
    assert all(latents[-1] == -1.0 for latents in answer.latents["biological"])


def test_samples_of_every_tissue_lie_nearest_to_their_own_profile(bulk, profiles):
    tissues = profiles[TISSUE]
    logs = np.log2(tissues.to_numpy() + 1)
    answer = ask(bulk, *({TISSUE: term} for term in tissues.index), n=2, seed=12)
    made = np.log2(answer.expression.to_numpy() / 10 + 1)
    centre = logs.mean(axis=0)
    similarity = np.corrcoef(made - centre, logs - centre)[: len(made), len(made) :]
    nearest = similarity.argmax(axis=1)
    # Some terms share their only source ("blood" and "venous blood"): an equal profile is as good.
    equal = np.abs(logs[nearest] - logs[answer.condition]).max(axis=1) < 1e-9
    assert ((nearest == answer.condition) | equal).mean() > 0.9


def test_donors_differ_as_islet_donors_do(bulk):
    """Median SD of log2 CPM of expressed genes over 77 real donors: 0.43 (``python -m training.scorecard``)."""
    answer = ask(bulk, {TISSUE: "UBERON:0000006", "sex": "male"}, n=60, seed=3, total_count=20_000_000)
    log_cpm = np.log2(answer.expression.to_numpy() / 20 + 0.5)
    expressed = log_cpm.mean(axis=0) > 3
    assert 0.35 < np.median(log_cpm[:, expressed].std(axis=0, ddof=1)) < 0.52


def test_lines_vary_less_than_donors(bulk):
    spreads = []
    for condition in ({TISSUE: LIVER, "sex": "male"}, {LINE: "CVCL_0027"}):
        counts = ask(bulk, condition, n=30, seed=2).expression.to_numpy()
        log_cpm = np.log2(counts / 10 + 0.5)
        spreads.append(np.median(log_cpm[:, log_cpm.mean(axis=0) > 5].std(axis=0)))
    assert spreads[1] < spreads[0]


def test_latents_of_like_conditions_lie_together(bulk):
    answer = ask(bulk, {TISSUE: LIVER}, {TISSUE: BRAIN}, n=20, seed=5)
    latents = np.array([row[:-1] for row in answer.latents["biological"]])
    means = np.array([latents[answer.condition == i].mean(axis=0) for i in (0, 1)])
    within = np.linalg.norm(latents - means[answer.condition], axis=1).mean()
    assert np.linalg.norm(means[0] - means[1]) > 2 * within


@pytest.mark.parametrize(
    ("symbol", "term"),
    [("CD3E", "CL:0000084"), ("MS4A1", "CL:0000236"), ("NKG7", "CL:0000623"), ("LYZ", "CL:0000860")],
)
def test_single_cells_express_their_markers(single_cell, symbol, term):
    terms = ["CL:0000084", "CL:0000236", "CL:0000623", "CL:0000860", "CL:0000169", "CL:0000057"]
    cpm = expected(single_cell, *({CELL: t} for t in terms)).set_axis(terms)
    assert cpm[symbol].idxmax() == term


def test_a_single_cell_detects_some_thousand_genes(single_cell):
    counts = ask(single_cell, {CELL: "CL:0000084"}, n=5, strategy="mean estimation", seed=1).expression.to_numpy()
    assert 1_000 < np.median((counts > 0).sum(axis=1)) < 6_000
