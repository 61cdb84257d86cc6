from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from synthome.ontology import Synonym, Term, TermIndex, default_index
from synthome.ontology.snapshot import OntologyFile, write_snapshot
from synthome.ontology.terms import ONTOLOGIES

SMALL = (
    Term("UBERON:9900001", "body", "UBERON"),
    Term("UBERON:9900002", "liver", "UBERON", (Synonym("hepar"),), ("UBERON:9900001",), "A large gland."),
    Term("UBERON:9900003", "liver lobule", "UBERON", (), ("UBERON:9900002",)),
    Term("UBERON:9900004", "old liver", "UBERON", obsolete=True, replaced_by="UBERON:9900005"),
    Term("UBERON:9900005", "older liver", "UBERON", obsolete=True, replaced_by="UBERON:9900002"),
    Term("UBERON:9900006", "nothing", "UBERON", obsolete=True),
    Term("CL:0000001", "T cell", "CL", (Synonym("T lymphocyte"),)),
    Term("MONDO:0000001", "hepatitis", "MONDO"),
    Term("CHEBI:1", "ethanol", "CHEBI", (Synonym("alcohol", "RELATED"),)),
    Term("CVCL_0001", "Hep-G9", "CVCL"),
)


def entry(name: str) -> OntologyFile:
    return OntologyFile(name, "1", "", "https://example.org", "https://example.org", "CC0", "", "", "", 0, 0)


@pytest.fixture(scope="session")
def index() -> TermIndex:
    """The index of the shipped snapshot."""
    return default_index()


@pytest.fixture
def write_small() -> Callable[[Path, tuple[Term, ...]], Path]:
    """Write a snapshot of a few terms."""

    def write(folder: Path, terms: tuple[Term, ...] = SMALL) -> Path:
        contents = [(name, entry(name), [term for term in terms if term.ontology == name]) for name in ONTOLOGIES]
        write_snapshot(folder, contents, "a test")
        return folder

    return write


@pytest.fixture
def small_snapshot(tmp_path: Path, write_small: Callable[[Path], Path]) -> Path:
    """A snapshot of ten terms."""
    return write_small(tmp_path / "snapshot")
