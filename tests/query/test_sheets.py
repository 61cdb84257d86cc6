"""A pasted sample sheet: what is read, what is proposed with which confidence, what it comes to, and what is told."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synthome.errors import SheetError
from synthome.ontology import default_index
from synthome.query.designs import Design, DesignCondition
from synthome.query.sheet import (
    COUNT,
    DESCRIPTION,
    IGNORE,
    NAME,
    Candidate,
    Finding,
    Outcome,
    SheetReader,
    Table,
    add_to_design,
    conditions_of,
    decode,
    read_sheet,
)
from synthome.query.sheet.columns import MEANINGS, meaning_of
from synthome.query.sheet.examples import SHEETS
from synthome.query.sheet.findings import Reading
from synthome.query.sheet.plain_values import read_plain
from synthome.query.sheet.table import MAX_CELL, MAX_CHARACTERS, MAX_COLUMNS, MAX_ROWS
from synthome.query.vocabulary import KEYS
from synthome.settings import settings as limits


@pytest.fixture(scope="module")
def reader() -> SheetReader:
    return SheetReader(default_index())


def findings_of(reader: SheetReader, text: str) -> tuple[Table, list[Finding], Outcome]:
    table = read_sheet(text)
    columns = reader.columns(table)
    findings = reader.findings(table, columns)
    return table, findings, conditions_of(table, columns, findings, {})


def meanings(reader: SheetReader, text: str) -> dict[str, str]:
    return {column.header: column.meaning for column in reader.columns(read_sheet(text))}


def reading(findings: list[Finding], text: str, key: str) -> Reading:
    return next(finding.reading for finding in findings if finding.text == text and finding.key == key)


# Reading the text ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "separated_by"),
    [
        ("tissue\tsex\nliver\tF\nlung\tM", "tabs"),
        ("tissue,sex\r\nliver,F\r\nlung,M\r\n", "commas"),
        ("tissue;age\nliver;10,5\nlung;20,5", "semicolons"),
        ('tissue,note\nliver,"a; b"\nlung,"c; d"', "commas"),
        ("\ufefftissue\tsex\n\n\nliver\tF\n\t\nlung\tM\n", "tabs"),
        ("tissue,sex,,\nliver,F,,\nlung,M,,", "commas"),
    ],
)
def test_whatever_separates_the_cells_the_table_is_the_same(text: str, separated_by: str) -> None:
    table = read_sheet(text)
    assert table.separated_by == separated_by
    assert [row[0] for row in table.rows] == ["liver", "lung"]
    assert len(table.columns) == 2


def test_rows_keep_the_numbers_that_the_spreadsheet_gives_them() -> None:
    assert read_sheet("tissue\tsex\n\nliver\tF\n\nlung\tM").lines == (3, 5)


def test_ragged_rows_are_kept_whole_and_told() -> None:
    table = read_sheet("tissue,sex\nliver,F,extra\nlung")
    assert table.columns == ("tissue", "sex", "Column 3")
    assert table.rows == (("liver", "F", "extra"), ("lung", "", ""))
    assert "Row 2 has more cells than the header" in table.notes[0]


def test_quoted_cells_hold_separators_quotes_and_line_ends() -> None:
    table = read_sheet('tissue,note\nliver,"with ""quotes"", commas\nand lines"')
    assert table.rows == (("liver", 'with "quotes", commas and lines'),)


def test_an_inch_mark_within_a_cell_is_no_quotation() -> None:
    assert read_sheet('tissue\tnote\nliver\t5" piece').rows == (("liver", '5" piece'),)


def test_without_a_header_columns_are_numbered_and_guessed_from_their_values(reader: SheetReader) -> None:
    table = read_sheet("liver;female;10,5\nlung;male;20,5")
    assert not table.has_header
    columns = reader.columns(table)
    assert [column.meaning for column in columns] == ["tissue_ontology_id", "sex", IGNORE]
    assert not any(column.certain for column in columns)


def test_whether_there_is_a_header_can_be_said() -> None:
    assert read_sheet("foo\tbar\nliver\tF").has_header is False
    assert read_sheet("foo\tbar\nliver\tF", header=True).columns == ("foo", "bar")
    assert read_sheet("tissue\tsex\nliver\tF", header=False).rows[0] == ("tissue", "sex")


def test_one_column_is_a_sheet() -> None:
    table = read_sheet("tissue\nliver\nlung, left lobe")
    assert table.columns[0] == "tissue"
    assert table.separated_by == ""


def test_a_title_above_the_header_is_told_and_left_out() -> None:
    table = read_sheet("My samples,,\ntissue,sex,age\nliver,F,50")
    assert table.columns == ("tissue", "sex", "age")
    assert table.lines == (3,)
    assert "“My samples”" in table.notes[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "nothing to read"),
        (" \n\t\n", "nothing to read"),
        (",,\n,,", "no words"),
        ("tissue,sex", "only a row of column names"),
        ('tissue,sex\nliver,"F\nlung,M', "Row 2, column 2: a quotation mark opens here and is never closed"),
        (f"tissue\n{'x' * (MAX_CELL + 1)}", rf"Row 2, column 1: {MAX_CELL + 1:,} characters"),
        (f"tissue,sex\n{'x' * 200_000},F", "Row 2: more than 131,072 characters in one cell"),
        ("x" * (MAX_CHARACTERS + 1), "1,000,001 characters"),
        ("tissue\n" + "liver\n" * (MAX_ROWS + 1), "5,002 rows"),
        ("tissue,sex\n" + "liver," * MAX_COLUMNS + "x", f"{MAX_COLUMNS + 1} columns"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place_and_what_to_do(text: str, told: str) -> None:
    with pytest.raises(SheetError, match=re.escape(told)):
        read_sheet(text)


def test_an_excel_file_is_recognised_and_told() -> None:
    with pytest.raises(SheetError, match="Save it as CSV"):
        decode(b"PK\x03\x04 and so on")


# Columns ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "meaning"),
    [
        (["tissue", "Organ", "organism part", "body_site", "tissue_ontology_id", "Characteristics[organism part]"],
         "tissue_ontology_id"),
        (["cell type", "celltype", "Cell_Type", "characteristics: cell type"], "cell_type_ontology_id"),
        (["cell line", "cellline", "Cell-Line"], "cell_line_ontology_id"),
        (["disease", "diagnosis", "Disease State", "Factor Value[disease]"], "disease_ontology_id"),
        (["treatment", "drug", "compound", "agent", "perturbation"], "perturbation_ontology_id"),
        (["dose", "concentration", "dose (uM)", "conc_nM"], "perturbation_dose"),
        (["time", "time point", "timepoint", "time (h)", "time_h"], "perturbation_time"),
        (["age", "age (years)", "Age_years", "age_months", "characteristics_ch1: age"], "age_years"),
        (["sex", "gender", "Sex"], "sex"),
        (["genotype", "strain"], "genotype"),
        (["stage", "developmental stage"], "developmental_stage"),
        (["replicates", "n", "num_samples", "N"], COUNT),
        (["sample", "sample name", "title", "Sample_Name", "Run"], NAME),
        (["library layout", "LibraryLayout"], "library_layout"),
        (["ethnicity"], "ethnicity"),
        (["race"], "race"),
    ],
)  # fmt: skip
def test_headers_as_people_and_repositories_write_them_are_known(headers: list[str], meaning: str) -> None:
    assert {header: meaning_of(header) for header in headers} == dict.fromkeys(headers, meaning)


def test_every_key_of_the_contract_is_a_header_of_its_own() -> None:
    assert {key: meaning_of(key) for key in KEYS} == {key: key for key in KEYS}


@pytest.mark.parametrize("header", ["RIN", "batch", "replicate", "organism", "foo"])
def test_what_no_key_holds_is_proposed_to_be_ignored_with_the_reason(reader: SheetReader, header: str) -> None:
    column = reader.columns(read_sheet(f"tissue\t{header}\nliver\t1"))[1]
    assert column.meaning == IGNORE
    assert column.reason


def test_a_doubtful_header_is_settled_by_its_values_and_marked(reader: SheetReader) -> None:
    columns = reader.columns(read_sheet("name,condition\na,dexamethasone\nb,estradiol\nc,control"))
    assert columns[1].meaning == "perturbation_ontology_id"
    assert not columns[1].certain
    assert meanings(reader, "name,condition\na,asthma\nb,COVID-19")["condition"] == "disease_ontology_id"


def test_no_meaning_is_proposed_for_two_columns(reader: SheetReader) -> None:
    sheet = "source_name_ch1,tissue,organ\nliver,liver,lung\nlung,lung,lung"
    assert meanings(reader, sheet) == {"source_name_ch1": IGNORE, "tissue": "tissue_ontology_id", "organ": IGNORE}


def test_characteristics_are_taken_apart_by_the_labels_in_their_cells(reader: SheetReader) -> None:
    sheet = (
        "title\tcharacteristics_ch1\tcharacteristics_ch1.1\n"
        "a\ttissue: liver\tSex: male\n"
        "b\tSex: female\ttissue: lung; age: 50"
    )
    table = read_sheet(sheet)
    assert dict(zip(table.columns, zip(*table.rows, strict=True), strict=True)) == {
        "title": ("a", "b"),
        "tissue": ("liver", "lung"),
        "Sex": ("male", "female"),
        "age": ("", "50"),
    }


def test_a_series_matrix_is_turned_round() -> None:
    sheet = (
        '!Series_title\t"A study"\n!Sample_title\t"a"\t"b"\n!Sample_geo_accession\t"GSM1"\t"GSM2"\n'
        '!Sample_characteristics_ch1\t"tissue: liver"\t"tissue: lung"\n'
    )
    table = read_sheet(sheet)
    assert table.columns == ("title", "geo_accession", "tissue")
    assert table.rows == (("a", "GSM1", "liver"), ("b", "GSM2", "lung"))
    assert "1 other lines" in table.notes[1]


# Values -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "text", "level", "value"),
    [
        ("tissue", "liver", "sure", "UBERON:0002107"),
        ("tissue", "uberon_0002107", "sure", "UBERON:0002107"),
        ("tissue", "tissue: liver", "sure", "UBERON:0002107"),
        ("tissue", "normal liver tissue", "likely", "UBERON:0002107"),
        ("tissue", "Artery - Tibial", None, "UBERON:0007610"),
        ("cell type", "monocytes", "sure", "CL:0000576"),
        ("cell line", "MCF7", "sure", "CVCL_0031"),
        ("cell line", "A549 cells", None, "CVCL_0023"),
        ("disease", "hepatocellular carcinoma", "sure", "MONDO:0007256"),
        ("disease", "AD", "likely", "MONDO:0004975"),
        ("treatment", "dexamethasone", "sure", "CHEBI:41879"),
        ("treatment", "dexamethasone 100 nM", "likely", "CHEBI:41879"),
        ("treatment", "siTP53", "likely", "ENSG00000141510"),
        ("treatment", "SARS-CoV-2", None, "2697049"),
    ],
)
def test_terms_are_found_with_the_confidence_that_the_match_earns(
    reader: SheetReader, header: str, text: str, level: str | None, value: str
) -> None:
    _, findings, _ = findings_of(reader, f"{header}\n{text}")
    proposed = findings[0].reading.proposed
    assert proposed is not None
    assert proposed.values[findings[0].key] == value
    assert findings[0].reading.level == (level or findings[0].reading.level)
    assert findings[0].reading.reason


@pytest.mark.parametrize("text", ["zzzz qqq", "🧬", "'; DROP TABLE terms; --"])
def test_what_nothing_is_called_is_never_proposed(reader: SheetReader, text: str) -> None:
    _, findings, outcome = findings_of(reader, f"tissue\tsex\n{text}\tF")
    assert findings[0].reading.proposed is None
    assert "tissue_ontology_id" not in outcome.conditions[0].values


@pytest.mark.parametrize(
    "word", ["healthy", "normal", "Control", "none", "unaffected", "healthy donor", "PATO:0000461"]
)
def test_health_is_proposed_as_no_disease_and_left_to_be_seen(reader: SheetReader, word: str) -> None:
    _, findings, _ = findings_of(reader, f"disease\n{word}")
    assert findings[0].reading.level == "likely"
    assert findings[0].reading.proposed == Candidate({}, "no disease")


@pytest.mark.parametrize("word", ["untreated", "vehicle", "DMSO", "mock", "PBS", "siControl", "control"])
def test_an_untreated_sample_is_proposed_as_a_control(reader: SheetReader, word: str) -> None:
    _, findings, _ = findings_of(reader, f"treatment\n{word}")
    proposed = findings[0].reading.proposed
    assert findings[0].reading.level == "likely"
    assert proposed is not None
    assert dict(proposed.values) == {"perturbation_type": "control"}


def test_a_vehicle_may_be_a_treatment_after_all(reader: SheetReader) -> None:
    _, findings, _ = findings_of(reader, "treatment\nDMSO")
    assert any(c.values.get("perturbation_ontology_id") == "CHEBI:28262" for c in findings[0].reading.candidates)
    _, findings, outcome = findings_of(reader, "treatment\tperturbation type\nDMSO\tcompound")
    assert outcome.conditions[0].values["perturbation_ontology_id"] == "CHEBI:28262"


def test_a_line_in_a_column_of_tissues_is_proposed_as_a_line(reader: SheetReader) -> None:
    _, findings, outcome = findings_of(reader, "tissue\nliver\nHepG2")
    assert reading(findings, "HepG2", "tissue_ontology_id").level == "likely"
    assert outcome.conditions[1].values == {"cell_line_ontology_id": "CVCL_0027"}


def test_the_type_beside_a_perturbation_says_where_to_look(reader: SheetReader) -> None:
    _, _, outcome = findings_of(reader, "target\tperturbation type\nMYC\tknockout\nestradiol\tdrug")
    assert outcome.conditions[0].values == {
        "perturbation_type": "crispr",
        "perturbation_ontology_id": "ENSG00000136997",
    }
    assert outcome.conditions[1].values == {"perturbation_type": "compound", "perturbation_ontology_id": "CHEBI:23965"}


def test_how_a_gene_was_knocked_down_is_asked_not_guessed(reader: SheetReader) -> None:
    _, findings, outcome = findings_of(reader, "treatment\nMYC knockdown")
    asked = reading(findings, "MYC knockdown", "perturbation_type")
    assert asked.level == "unsure"
    assert {candidate.label for candidate in asked.candidates} == {"shrna", "sirna"}
    assert outcome.undecided


def test_stages_and_ancestries_are_terms_where_sure_and_words_otherwise(reader: SheetReader) -> None:
    _, _, outcome = findings_of(reader, "stage\tethnicity\nadult stage\tsomewhere in the north\nsomehow grown\tx")
    assert outcome.conditions[0].values["developmental_stage"] == "HsapDv:0000258"
    assert outcome.conditions[0].values["ethnicity"] == "somewhere in the north"
    assert outcome.conditions[1].values["developmental_stage"] == "somehow grown"


@pytest.mark.parametrize(
    ("key", "text", "unit", "value", "level"),
    [
        ("sex", "F", "", "female", "sure"),
        ("sex", "Woman", "", "female", "sure"),
        ("sex", "MALE", "", "male", "sure"),
        ("sex", "femal", "", "female", "likely"),
        ("sex", "1", "", "male", "unsure"),
        ("age_years", "65", "", "65", "sure"),
        ("age_years", "65 y", "", "65", "sure"),
        ("age_years", "65yo", "", "65", "sure"),
        ("age_years", "65 years old", "", "65", "sure"),
        ("age_years", "65,5", "", "65.5", "sure"),
        ("age_years", "6 months", "", "0.5", "sure"),
        ("age_years", "18", "months", "1.5", "sure"),
        ("age_years", "60-69", "", "64.5", "likely"),
        ("age_years", "> 60", "", "60", "unsure"),
        ("perturbation_dose", "10uM", "", "10 um", "sure"),
        ("perturbation_dose", "10 µM", "", "10 um", "sure"),
        ("perturbation_dose", "0,1", "uM", "0.1 um", "sure"),
        ("perturbation_dose", "MOI 5", "", "5 moi", "sure"),
        ("perturbation_dose", "1,000 nM", "", "1000 nm", "unsure"),
        ("perturbation_time", "24h", "", "24 hours", "sure"),
        ("perturbation_time", "24 hrs", "", "24 hours", "sure"),
        ("perturbation_time", "2d", "", "2 days", "sure"),
        ("perturbation_time", "48", "h", "48 hours", "sure"),
        ("perturbation_time", "day 3", "h", "3 days", "likely"),
        ("perturbation_time", "24 hpi", "", "24 hours", "sure"),
        ("library_layout", "paired-end", "", "PAIRED", "sure"),
        ("sample_type", "PDX", "", "xenograft", "sure"),
        ("perturbation_type", "drug", "", "compound", "sure"),
        ("platform", "Illumina NovaSeq 6000", "", "illumina", "sure"),
        ("study", "prjna123456", "", "PRJNA123456", "sure"),
        ("genotype", "TP53 -/-", "", "TP53 -/-", "sure"),
        (COUNT, "n=3", "", "3", "sure"),
    ],
)
def test_plain_values_become_the_contract_s(key: str, text: str, unit: str, value: str, level: str) -> None:
    found = read_plain(key, text, unit)
    assert found.candidates[0].values[key] == value
    assert found.level == level


@pytest.mark.parametrize(
    ("key", "text"),
    [("age_years", "old"), ("age_years", "300"), ("age_years", "20 pcw"), ("perturbation_dose", "5"),
     ("perturbation_time", "overnight"), ("perturbation_time", "5"), (COUNT, "0"), (COUNT, "many"), ("study", "GSE1")],
)  # fmt: skip
def test_a_plain_value_that_cannot_be_told_says_why(key: str, text: str) -> None:
    found = read_plain(key, text)
    assert found.level == "none"
    assert found.reason


def test_a_description_proposes_each_thing_that_it_names(reader: SheetReader) -> None:
    _, findings, _ = findings_of(reader, "description\nHepG2 cells treated with dexamethasone 100 nM for 24h, rep1")
    found = {f.key: f.reading.candidates[0].label for f in findings}
    assert found == {
        "cell_line_ontology_id": "Hep-G2",
        "perturbation_ontology_id": "dexamethasone",
        "perturbation_dose": "100 nm",
        "perturbation_time": "24 hours",
    }
    assert {f.reading.level for f in findings} == {"likely"}


def test_descriptions_that_name_the_same_are_confirmed_once(reader: SheetReader) -> None:
    rows = "\n".join(f"HepG2 cells, dexamethasone 100 nM, rep{number}" for number in range(1, 7))
    _, findings, outcome = findings_of(reader, f"description\n{rows}")
    assert len(findings) == 3
    assert all(finding.rows == (0, 1, 2, 3, 4, 5) for finding in findings)
    assert [condition.num_samples for condition in outcome.conditions] == [6]


def test_a_column_of_its_own_goes_before_a_description(reader: SheetReader) -> None:
    _, _, outcome = findings_of(reader, "description,cell line\nHepG2 cells,A549\nHepG2 cells,")
    assert outcome.conditions[0].values["cell_line_ontology_id"] == "CVCL_0023"
    assert outcome.conditions[1].values["cell_line_ontology_id"] == "CVCL_0027"
    assert [(clash.row, clash.kept, clash.dropped) for clash in outcome.clashes] == [(0, "CVCL_0023", "CVCL_0027")]


def test_a_dose_in_the_treatment_s_cell_is_kept_where_the_column_of_doses_is_empty(reader: SheetReader) -> None:
    _, _, outcome = findings_of(reader, "treatment\tdose\ndexamethasone 100 nM\t\nestradiol\t1 uM")
    assert [c.values["perturbation_dose"] for c in outcome.conditions] == ["100 nm", "1 um"]


@pytest.mark.parametrize("word", ["NA", "n/a", "unknown", "-", "not collected"])
def test_words_for_nothing_set_nothing(reader: SheetReader, word: str) -> None:
    _, findings, outcome = findings_of(reader, f"tissue\tage\nliver\t{word}")
    assert outcome.conditions[0].values == {"tissue_ontology_id": "UBERON:0002107"}
    assert reading(findings, word, "age_years").proposed == Candidate({}, "not given")


# The design ---------------------------------------------------------------------------------------------------------


def test_a_laboratory_s_sheet_with_replicates(reader: SheetReader) -> None:
    _, _, outcome = findings_of(reader, next(iter(SHEETS.values())))
    assert [(c.name, c.num_samples) for c in outcome.conditions] == [("L1", 3), ("L2", 3), ("B1", 4), ("B2", 4)]
    assert outcome.conditions[1].values == {
        "tissue_ontology_id": "UBERON:0002107",
        "disease_ontology_id": "MONDO:0007256",
        "sex": "male",
        "age_years": "61",
    }
    add_to_design(outcome, Design(), replace_present=True).to_query()


@pytest.mark.parametrize("title", SHEETS)
def test_every_example_becomes_a_valid_design(reader: SheetReader, title: str) -> None:
    _, _, outcome = findings_of(reader, SHEETS[title])
    add_to_design(outcome, Design(), replace_present=True).to_query()


def test_a_gtex_like_table(reader: SheetReader) -> None:
    sheet = (
        "SAMPID,SMTS,SMTSD,SEX,AGE,DTHHRDY\nGTEX-1,Blood,Whole Blood,1,60-69,2\n"
        "GTEX-2,Brain,Brain - Cortex,2,20-29,1\nGTEX-3,Liver,Liver,1,50-59,0\n"
    )
    assert meanings(reader, sheet)["SMTSD"] == "tissue_ontology_id"
    _, _, outcome = findings_of(reader, sheet)
    assert outcome.conditions[2].values == {"tissue_ontology_id": "UBERON:0002107", "age_years": "54.5"}
    assert {column.header for column in outcome.ignored} == {"SAMPID", "SMTS", "DTHHRDY"}
    assert {finding.text for finding in outcome.undecided} == {"1", "2"}, "whether 1 is a man is not guessed"


def test_a_run_table_of_the_sequence_read_archive(reader: SheetReader) -> None:
    sheet = (
        "Run,BioProject,LibraryLayout,LibrarySelection,Organism,Platform,AvgSpotLen,source_name,treatment\n"
        "SRR1,PRJNA123456,PAIRED,cDNA,Homo sapiens,ILLUMINA,202,MCF-7 cells,estradiol\n"
        "SRR2,PRJNA123456,PAIRED,cDNA,Homo sapiens,ILLUMINA,202,MCF-7 cells,vehicle\n"
    )
    _, _, outcome = findings_of(reader, sheet)
    assert outcome.conditions[0].values == {
        "cell_line_ontology_id": "CVCL_0031",
        "perturbation_type": "compound",
        "perturbation_ontology_id": "CHEBI:23965",
        "study": "PRJNA123456",
        "library_selection": "cDNA",
        "library_layout": "PAIRED",
        "platform": "illumina",
    }
    add_to_design(outcome, Design(), replace_present=True).to_query()


def test_rows_with_the_same_values_are_one_condition_with_their_samples_summed(reader: SheetReader) -> None:
    _, _, outcome = findings_of(reader, "sample,tissue,n\na,liver,2\nb,hepar,3\nc,lung,\n")
    assert [(c.name, c.num_samples, c.rows) for c in outcome.conditions] == [("", 5, (0, 1)), ("c", 1, (2,))]
    assert outcome.unused_names == 2


def test_a_name_that_two_conditions_share_names_neither(reader: SheetReader) -> None:
    _, _, outcome = findings_of(reader, "sample,tissue\nx,liver\nx,lung")
    assert [condition.name for condition in outcome.conditions] == ["", ""]


def test_what_somebody_decides_stands(reader: SheetReader) -> None:
    table = read_sheet("tissue\tdisease\nliver\tAD")
    columns = reader.columns(table)
    findings = reader.findings(table, columns)
    other = reader.typed("disease_ontology_id", "asthma")
    chosen = {findings[0].uid: None, findings[1].uid: other}
    outcome = conditions_of(table, columns, findings, chosen)
    assert outcome.conditions[0].values == {"disease_ontology_id": "MONDO:0004979"}
    assert outcome.left_out == (findings[0],)


def test_what_is_typed_instead_is_read_like_a_field_of_the_design(reader: SheetReader) -> None:
    typed = {
        ("tissue_ontology_id", "UBERON:0002107"): "UBERON:0002107",
        ("perturbation_ontology_id", "ENSG00000141510"): "ENSG00000141510",
        ("perturbation_dose", "10uM"): "10 um",
        (COUNT, "4"): "4",
    }
    for (key, text), value in typed.items():
        candidate = reader.typed(key, text)
        assert candidate is not None
        assert candidate.values[key] == value
    assert reader.typed("tissue_ontology_id", "zzzz qqq") is None
    assert reader.typed("age_years", "") is None


def test_a_sheet_is_added_to_the_design_or_replaces_it(reader: SheetReader) -> None:
    present = Design((DesignCondition({"sex": "male"}, 2, "mine"), DesignCondition()), seed=4)
    _, _, outcome = findings_of(reader, "tissue\nliver")
    added = add_to_design(outcome, present, replace_present=False)
    assert [dict(c.values) for c in added.conditions] == [{"sex": "male"}, {"tissue_ontology_id": "UBERON:0002107"}]
    replaced = add_to_design(outcome, present, replace_present=True)
    assert len(replaced.conditions) == 1
    assert replaced.seed == 4


def test_more_than_a_design_holds_is_told_with_what_to_do(reader: SheetReader) -> None:
    rows = "\n".join(f"{age / 10}" for age in range(limits().max_conditions + 1))
    _, _, outcome = findings_of(reader, f"age\n{rows}")
    with pytest.raises(SheetError, match="201 conditions; 200 at most"):
        add_to_design(outcome, Design(), replace_present=True)
    _, _, outcome = findings_of(reader, "tissue\tn\nliver\t9000\nlung\t9000")
    with pytest.raises(SheetError, match="18,000 samples; 10,000 at most"):
        add_to_design(outcome, Design(), replace_present=True)


def test_progress_is_told_for_distinct_texts_alone_and_asking_again_costs_nothing(reader: SheetReader) -> None:
    table = read_sheet("tissue\n" + "liver\nlung\n" * 300)
    told: list[tuple[int, int]] = []
    reader.findings(table, reader.columns(table), lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (1, 2)]


# Whatever is pasted -------------------------------------------------------------------------------------------------

_CELLS = st.one_of(
    st.sampled_from(
        ["liver", "HepG2", "healthy", "F", "65 y", "10uM", "24h", "siTP53", "NA", "tissue: lung", "1,000 nM"]
    ),
    st.text(max_size=12),
)
_ROWS = st.lists(st.lists(_CELLS, min_size=1, max_size=5), min_size=1, max_size=6)
_HEADERS = st.lists(
    st.sampled_from(["tissue", "disease", "treatment", "dose", "time (h)", "age", "sex", "n", "sample", "description"])
    | st.sampled_from(["characteristics_ch1", "condition", "source_name", "stage", "perturbation type", "foo"]),
    min_size=1,
    max_size=5,
)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300))
def test_any_text_is_a_sheet_or_a_fault_in_words(reader: SheetReader, text: str) -> None:
    try:
        findings_of(reader, text)
    except SheetError as fault:
        assert str(fault)


@settings(max_examples=60, deadline=None)
@given(header=_HEADERS, rows=_ROWS, delimiter=st.sampled_from("\t,;"), changed=st.sampled_from(MEANINGS))
def test_no_cell_is_lost(
    reader: SheetReader, header: list[str], rows: list[list[str]], delimiter: str, changed: str
) -> None:
    """Every cell that holds something is read, a name, or in a column that is listed as ignored."""
    text = "\n".join(delimiter.join(f'"{cell.replace(chr(34), "")}"' for cell in row) for row in [header, *rows])
    try:
        table = read_sheet(text)
    except SheetError:
        return
    columns = list(reader.columns(table))
    columns[0] = type(columns[0])(columns[0].place, columns[0].header, changed, "chosen")
    findings = reader.findings(table, columns)
    outcome = conditions_of(table, columns, findings, {})
    read = {(finding.column, row) for finding in findings for row in finding.rows}
    told = {column.place for column in outcome.ignored} | {c.place for c in columns if c.meaning == NAME}
    for place in range(len(table.columns)):
        for row, cell in enumerate(table.column(place)):
            assert not cell or place in told or (place, row) in read
    open_ = {*(f.uid for f in outcome.undecided), *(f.uid for f in outcome.left_out)}
    for finding in findings:
        assert finding.uid in open_ or finding.reading.proposed is not None
    assert sum(len(condition.rows) for condition in outcome.conditions) == len(table.rows)
    assert all(set(condition.values) <= set(KEYS) for condition in outcome.conditions)


def test_an_empty_description_column_says_so(reader: SheetReader) -> None:
    _, findings, outcome = findings_of(reader, "description\ttissue\nnothing of note\tliver")
    assert reading(findings, "nothing of note", DESCRIPTION).level == "none"
    assert outcome.left_out
