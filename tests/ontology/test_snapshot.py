"""The shipped snapshot is complete, consistent, and what its manifest says."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthome.errors import OntologyError
from synthome.ontology import ONTOLOGIES, Ontology, Synonym, Term
from synthome.ontology.snapshot import MANIFEST, Columns, Row, Snapshot
from synthome.ontology.sources import PUBLISHED
from synthome.ontology.terms import full_id
from synthome.settings import REPOSITORY

SHIPPED = REPOSITORY / "ontology_cache"
ABOUT: dict[Ontology, int] = {
    "UBERON": 15_000,
    "CL": 3_300,
    "MONDO": 28_000,
    "CHEBI": 205_000,
    "CVCL": 167_000,
    "HsapDv": 240,
    "HANCESTRO": 590,
    "ENSEMBL": 27_600,
    "NCBITaxon": 174,
}


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return Snapshot(SHIPPED)


@pytest.fixture(scope="module")
def rows(snapshot: Snapshot) -> dict[Ontology, list[Row]]:
    return {ontology: snapshot.rows(ontology) for ontology in ONTOLOGIES}


@pytest.mark.parametrize("ontology", ONTOLOGIES)
def test_holds_every_ontology_complete_and_as_many_terms_as_the_manifest_says(
    ontology: Ontology, snapshot: Snapshot, rows: dict[Ontology, list[Row]]
) -> None:
    described = snapshot.manifest.ontologies[ontology]
    current = [row for row in rows[ontology] if not row.obsolete]
    assert len(current) == described.current
    assert len(rows[ontology]) - len(current) == described.obsolete
    assert len(current) == pytest.approx(ABOUT[ontology], rel=0.03)
    assert all(row.label for row in current)


@pytest.mark.parametrize("ontology", ONTOLOGIES)
def test_every_parent_exists_and_is_current(ontology: Ontology, rows: dict[Ontology, list[Row]]) -> None:
    current = {row.local for row in rows[ontology] if not row.obsolete}
    assert {parent for row in rows[ontology] for parent in row.parents.split()} <= current


def test_every_replacement_is_a_term_of_the_snapshot(rows: dict[Ontology, list[Row]]) -> None:
    ids = {full_id(ontology, row.local) for ontology in ONTOLOGIES for row in rows[ontology]}
    replacements = [row.replaced_by for ontology in ONTOLOGIES for row in rows[ontology] if row.replaced_by]
    assert len(replacements) > 20_000
    assert set(replacements) <= ids


def test_secondary_chebi_ids_are_obsolete_terms_with_a_replacement(rows: dict[Ontology, list[Row]]) -> None:
    secondary = next(row for row in rows["CHEBI"] if row.local == "1")
    assert (secondary.obsolete, secondary.replaced_by) == ("o", "CHEBI:18357")


def test_labels_of_obsolete_terms_do_not_begin_with_obsolete(rows: dict[Ontology, list[Row]]) -> None:
    labels = [row.label for ontology in ONTOLOGIES for row in rows[ontology] if row.obsolete and row.label]
    assert len(labels) > 3_000
    assert not [label for label in labels if label.lower().startswith("obsolete ")]


def test_the_manifest_names_version_source_and_licence_of_every_ontology(snapshot: Snapshot) -> None:
    assert tuple(snapshot.manifest.ontologies) == ONTOLOGIES
    for described in snapshot.manifest.ontologies.values():
        assert described.version
        assert described.source_url.startswith("http")
        assert described.licence_url.startswith("https://")
    for ontology in PUBLISHED:
        assert snapshot.manifest.ontologies[ontology].licence.startswith("CC BY")
    assert snapshot.manifest.ontologies["ENSEMBL"].licence == "free of restrictions"


def test_checksums_of_the_manifest_are_those_of_the_files_which_take_less_than_20_megabytes(
    snapshot: Snapshot,
) -> None:
    size = 0
    for described in snapshot.manifest.ontologies.values():
        content = (SHIPPED / described.file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == described.sha256
        size += len(content)
    assert size <= 20_000_000


def test_a_damaged_file_is_an_error_that_names_it_and_says_what_to_do(small_snapshot: Path) -> None:
    (small_snapshot / "cl.tsv.xz").write_bytes(b"garbage")
    with pytest.raises(OntologyError, match=r"cl\.tsv\.xz is damaged.*python -m synthome\.ontology build"):
        Snapshot(small_snapshot).rows("CL")


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"format": 99, "built_from": "", "ontologies": {}}'])
def test_a_missing_or_unreadable_manifest_is_an_error_that_says_what_to_do(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / MANIFEST).write_text(content, encoding="utf-8")
    with pytest.raises(OntologyError, match="python -m synthome"):
        Snapshot(tmp_path)


def test_equal_terms_in_any_order_give_equal_bytes(
    tmp_path: Path, small_snapshot: Path, write_small: Callable[..., Path]
) -> None:
    terms = tuple(term for ontology in ONTOLOGIES for term in Snapshot(small_snapshot).terms(ontology))
    again = write_small(tmp_path / "again", terms[::-1])
    for path in sorted(small_snapshot.iterdir()):
        assert (again / path.name).read_bytes() == path.read_bytes()


_TEXT = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1)
_SYNONYM = st.builds(Synonym, _TEXT, st.sampled_from(["EXACT", "NARROW", "BROAD", "RELATED"]))


@given(
    st.builds(
        Term,
        id=st.just("CL:0000001"),
        label=_TEXT,
        ontology=st.just("CL"),
        synonyms=st.lists(_SYNONYM, max_size=3).map(tuple),
        parents=st.lists(st.from_regex(r"CL:[0-9]{7}", fullmatch=True), unique=True).map(
            lambda ids: tuple(sorted(ids))
        ),
        definition=_TEXT,
        obsolete=st.booleans(),
        replaced_by=st.sampled_from([None, "CL:0000002", "UBERON:9900001"]),
    )
)
def test_a_term_of_any_printable_text_survives_its_line(term: Term) -> None:
    line = "\t".join(Row.of(term))
    assert "\n" not in line
    assert Row._make(line.split("\t")).term("CL") == term


def test_control_characters_and_runs_of_spaces_in_names_become_single_spaces() -> None:
    assert Row.of(Term("CL:0000001", " a\tb\n\x1f c\x00", "CL")).label == "a b c"


def test_columns_hold_the_fields_of_all_lines(snapshot: Snapshot) -> None:
    columns = Columns.of(snapshot.lines("CL"))
    assert list(map(Row._make, zip(*columns, strict=True))) == snapshot.rows("CL")
    assert Columns.of([]) == Columns([], [], [], [], [], [], [], [])
