from __future__ import annotations

from synthome.ontology import default_index
from training.cell_lines import donor_sex, origins
from training.sources import mapping

FEMALE_ORGANS = {"UBERON:0000002", "UBERON:0000992", "UBERON:0001295"}
MALE_ORGANS = {"UBERON:0000473", "UBERON:0002367"}


def test_at_least_sixty_lines_are_mapped_to_cellosaurus():
    assert len(donor_sex()) >= 60
    assert set(donor_sex().values()) == {"female", "male"}


def test_origins_are_current_terms_called_what_the_table_says():
    index = default_index()
    rows = mapping("cell_lines")
    for id_column, label_column, ontology in (
        ("tissue_id", "tissue_label", "UBERON"),
        ("disease_id", "disease_label", "MONDO"),
    ):
        for term_id, label in rows[[id_column, label_column]].drop_duplicates().itertuples(index=False):
            if not term_id:
                assert not label
                continue
            term = index.term(term_id)
            assert term is not None, term_id
            assert term.ontology == ontology
            assert not term.obsolete
            assert term.label == label


def test_a_line_has_one_origin_and_one_sex_in_all_its_rows():
    rows = mapping("cell_lines")
    rows = rows[rows["cvcl_id"] != ""]
    assert (rows.groupby("cvcl_id")[["sex", "tissue_id", "disease_id"]].nunique() == 1).all().all()


def test_lines_from_organs_of_one_sex_are_of_that_sex():
    sex = donor_sex()
    for line, (tissue, _) in origins().items():
        if tissue in FEMALE_ORGANS | MALE_ORGANS:
            assert sex[line] == ("female" if tissue in FEMALE_ORGANS else "male"), line


def test_origins_of_well_known_lines():
    known = origins()
    assert known["CVCL_0023"] == ("UBERON:0002048", "MONDO:0005061")  # lung, lung adenocarcinoma
    assert known["CVCL_0027"] == ("UBERON:0002107", "MONDO:0018666")  # Hep-G2: liver, hepatoblastoma
    assert known["CVCL_0045"][1] == ""  # HEK293: no disease
