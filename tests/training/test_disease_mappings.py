from __future__ import annotations

import pytest

from synthome.ontology import default_index
from training.sources import mapping


@pytest.mark.parametrize(
    ("table", "id_column", "label_column"),
    [
        ("diseases", "mondo_id", "mondo_label"),
        ("diseases", "tissue_id", "tissue_label"),
        ("disease_test", "mondo_id", "mondo_label"),
    ],
)
def test_every_mapped_term_is_current_and_called_what_the_table_says(table, id_column, label_column):
    index = default_index()
    for term_id, label in mapping(table)[[id_column, label_column]].drop_duplicates().itertuples(index=False):
        term = index.term(term_id)
        assert term is not None, term_id
        assert not term.obsolete, term_id
        assert term.label == label


def test_aliases_and_cells_are_current_terms():
    index = default_index()
    aliases = [alias for cell in mapping("diseases")["aliases"] for alias in cell.split("|") if alias]
    cells = [c for table in ("infections", "ligands") for c in mapping(table)["cells_id"] if c]
    for term_id in aliases + cells:
        term = index.term(term_id)
        assert term is not None, term_id
        assert not term.obsolete, term_id


def test_at_least_48_diseases_are_learned_and_none_twice_from_one_source():
    rows = mapping("diseases")
    assert rows["mondo_id"].nunique() >= 48
    assert not rows.duplicated(["source", "mondo_id"]).any()
    learned = set(rows["mondo_id"])
    assert not any(alias in learned for cell in rows["aliases"] for alias in cell.split("|"))


def test_what_is_tested_is_learned():
    assert set(mapping("disease_test")["mondo_id"]) <= set(mapping("diseases")["mondo_id"])


def test_ligands_that_are_not_learned_say_why():
    rows = mapping("ligands")
    assert (rows.loc[rows["gene_id"] == "", "note"].str.startswith("not learned")).all()
