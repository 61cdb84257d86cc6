from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from synthome.ontology import default_index
from training.compound_reliability import LEAST, landmark_correlations, reliabilities
from training.compound_sources import DrugResponses
from training.compound_transfer import UNCALIBRATED, Carrier, Transfer
from training.compounds import _combined, fit_compounds
from training.signatures import LEAST_CHANGE
from training.sources import mapping

GENES, DRUGS, CLASSES = 1_200, 60, 12
LANDMARKS = np.arange(0, GENES, 3)


def _sources() -> tuple[dict[str, DrugResponses], np.ndarray]:
    """Two sources of 60 drugs in twelve classes; the first half of the drugs does something, the rest is noise."""
    generator = np.random.default_rng(7)
    classes = generator.normal(size=(GENES, CLASSES))
    truth = classes[:, np.arange(DRUGS) % CLASSES] + 0.5 * generator.normal(size=(GENES, DRUGS))
    truth[:, DRUGS // 2 :] = 0.0
    index, columns = [f"g{i}" for i in range(GENES)], [f"CHEBI:{i}" for i in range(DRUGS)]

    def source(name: str, noise: float) -> DrugResponses:
        table = pd.DataFrame(truth + noise * generator.normal(size=truth.shape), index, columns)
        table = table.sub(table.mean(axis=1), axis=0)
        return DrugResponses(name, (table - table.mean()) / table.std(), np.log(table.std()))

    found = {"L1000": source("L1000", 1.0), "Tahoe": source("Tahoe", 1.0)}
    found["L1000"].profiles.iloc[np.setdiff1d(np.arange(GENES), LANDMARKS)] = np.nan
    return found, truth


def test_drugs_that_do_something_are_told_from_those_that_do_nothing():
    responses, _ = _sources()
    landmarks = responses["L1000"].profiles.index[LANDMARKS]
    found = reliabilities(responses, landmarks)["L1000"]
    active, idle = found.iloc[: DRUGS // 2], found.iloc[DRUGS // 2 :]
    assert active.min() > idle.max()
    assert idle.median() < 0.1
    assert found.min() >= LEAST


def test_correlations_use_only_genes_that_both_sources_measure():
    responses, _ = _sources()
    one, other = responses["L1000"].profiles, responses["Tahoe"].profiles
    table = landmark_correlations(one, other)
    column = one.columns[3]
    expected = np.corrcoef(one[column].iloc[LANDMARKS], other[column].iloc[LANDMARKS])[0, 1]
    assert table.loc[column, column] == pytest.approx(expected)


def test_genes_beyond_the_landmarks_come_from_drugs_of_the_same_class_and_never_from_the_drug_itself():
    responses, truth = _sources()
    beyond = np.setdiff1d(np.arange(GENES), LANDMARKS)
    carrier = Carrier.of(responses["Tahoe"], LANDMARKS)
    query = responses["L1000"].profiles["CHEBI:2"].fillna(0.0).to_numpy()
    carried = carrier.carry(query, "CHEBI:2")
    assert np.corrcoef(carried[beyond], truth[beyond, 2])[0, 1] > 0.5
    changed = responses["Tahoe"].profiles.copy()
    changed["CHEBI:2"] = -changed["CHEBI:2"]
    same = Carrier.of(DrugResponses("Tahoe", changed, responses["Tahoe"].activity), LANDMARKS)
    np.testing.assert_allclose(same.carry(query, "CHEBI:2"), carried)


def test_a_source_alone_is_carried_over_at_the_stated_slope():
    responses, _ = _sources()
    carrier = Carrier.of(responses["Tahoe"], LANDMARKS)
    transfer = Transfer.calibrate((carrier,), pd.DataFrame(), {})
    query = responses["L1000"].profiles["CHEBI:1"].fillna(0.0).to_numpy()
    np.testing.assert_allclose(transfer.carry(query, "CHEBI:1"), UNCALIBRATED * carrier.carry(query, "CHEBI:1"))


def test_two_sources_are_averaged_by_what_they_are_worth_and_missing_genes_keep_the_prior():
    one, other = np.array([2.0, 2.0, np.nan]), np.array([-1.0, np.nan, np.nan])
    mean, precision = _combined([(one, 0.5), (other, 0.2)], np.array([0.0, 0.0, 0.3]))
    weight, lesser = 0.5 / 0.5, 0.2 / 0.8
    expected = (np.sqrt(0.5) / 0.5 * 2.0 - np.sqrt(0.2) / 0.8) / (1 + weight + lesser)
    np.testing.assert_allclose(mean, [expected, np.sqrt(0.5) * 2.0, 0.3])
    np.testing.assert_allclose(precision, [1 + weight + lesser, 1 + weight, 1.0])


@pytest.mark.parametrize(
    ("table", "id_column", "label_column"),
    [
        ("compounds_l1000", "id", "label"),
        ("compounds_tahoe", "chebi_id", "chebi_label"),
        ("compounds_neurips", "chebi_id", "chebi_label"),
    ],
)
def test_every_compound_is_a_current_term_or_says_why_not(table, id_column, label_column):
    index = default_index()
    rows = mapping(table)
    for term_id, label in rows[[id_column, label_column]].drop_duplicates().itertuples(index=False):
        if term_id.startswith("CHEBI:"):
            term = index.term(term_id)
            assert term is not None, term_id
            assert not term.obsolete, term_id
            assert term.label == label
    unmapped = ~rows[id_column].str.startswith("CHEBI:")
    assert (rows.loc[unmapped, "note"] != "").all()


def test_each_drugbank_drug_is_listed_once():
    assert not mapping("compounds_l1000")["drugbank_id"].duplicated().any()


@pytest.fixture(scope="module")
def signatures(genes):
    return fit_compounds(genes)


@pytest.fixture(scope="module")
def compounds(genes, signatures):
    return {s.term.id: pd.Series(s.values, genes.table["symbol"]) for s in signatures}


@pytest.mark.refit
def test_a_thousand_compounds_have_signatures_and_no_id_leads_to_two(signatures):
    assert sum(int((np.abs(s.values) >= LEAST_CHANGE).sum() >= 5) for s in signatures) >= 1_000
    ids = [name for s in signatures for name in (s.term.id, *s.term.aliases)]
    assert len(ids) == len(set(ids))


@pytest.mark.refit
@pytest.mark.parametrize(
    ("compound", "up", "down"),
    [
        ("CHEBI:41879", ("TSC22D3", "FKBP5", "NFKBIA"), ("CXCL8", "IL6")),  # dexamethasone
        ("CHEBI:52717", ("HSPA1A", "DNAJB1", "HMOX1"), ()),  # bortezomib
        ("CHEBI:39548", ("HMGCS1", "LDLR", "INSIG1", "SQLE"), ()),  # atorvastatin
        ("CHEBI:75998", (), ("DUSP6", "SPRY2", "SPRY4", "FOSL1")),  # trametinib
        ("CHEBI:28748", ("MDM2", "FDXR"), ()),  # doxorubicin
    ],
)
def test_known_responses_have_the_right_sign(compounds, compound, up, down):
    values = compounds[compound]
    assert all(values[symbol] > 0 for symbol in up), values[list(up)]
    assert all(values[symbol] < 0 for symbol in down), values[list(down)]


@pytest.mark.refit
def test_a_compound_left_out_with_its_source_is_not_answered_from_it(genes):
    found = {s.term.id: s.term for s in fit_compounds(genes, without=frozenset({"Tahoe"}))}
    assert "CHEBI:145371" not in found  # binimetinib: Tahoe alone
    assert all("Tahoe" not in term.studies for term in found.values())
