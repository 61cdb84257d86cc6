"""The shipped snapshot: one compressed text file an ontology, and a manifest that says what they are.

A file is UTF-8 text, compressed with xz; measured on all, that is 6.5 MB and is read in about half a second,
which no faster codec outside the standard library would better by more than it costs to install. One line is one
term, its fields separated by tabs, sorted by id::

    local id, label, "o" if obsolete, id that replaces it, parents' local ids, synonyms, definition, ids elsewhere

Synonyms are separated by U+001F and begin with the letter of their scope (E, N, B, R), ids by spaces. Text holds no
control characters and no runs of spaces, so nothing needs escaping. Equal terms give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
import lzma
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

from synthome.errors import OntologyError
from synthome.ontology.terms import ONTOLOGIES, Ontology, Synonym, SynonymScope, Term, full_id, local_id

__all__ = [
    "MANIFEST",
    "SYNONYM_SEPARATOR",
    "Columns",
    "Manifest",
    "OntologyFile",
    "Row",
    "Snapshot",
    "write_snapshot",
]

MANIFEST = "manifest.json"
FORMAT = 2
SYNONYM_SEPARATOR = "\x1f"
_SCOPES: dict[str, SynonymScope] = {"E": "EXACT", "N": "NARROW", "B": "BROAD", "R": "RELATED"}
_PRESET = 9 | lzma.PRESET_EXTREME


class Row(NamedTuple):
    """One line of a snapshot file: a :class:`Term` as text, cheap to make by the hundred thousand."""

    local: str
    label: str
    obsolete: str
    replaced_by: str
    parents: str
    synonyms: str
    definition: str
    xrefs: str

    def scoped_names(self) -> list[tuple[str, str]]:
        """Synonyms, each with the letter of its scope before it."""
        return [(text[0], text[1:]) for text in self.synonyms.split(SYNONYM_SEPARATOR)] if self.synonyms else []

    def term(self, ontology: Ontology) -> Term:
        """The term that this line describes."""
        return Term(
            id=full_id(ontology, self.local),
            label=self.label,
            ontology=ontology,
            synonyms=tuple(Synonym(text, _SCOPES[scope]) for scope, text in self.scoped_names()),
            parents=tuple(full_id(ontology, local) for local in self.parents.split()),
            definition=self.definition,
            obsolete=bool(self.obsolete),
            replaced_by=self.replaced_by or None,
            xrefs=tuple(self.xrefs.split()),
        )

    @classmethod
    def of(cls, term: Term) -> Row:
        """The line that describes ``term``."""
        return cls(
            local_id(term.id),
            _plain(term.label),
            "o" if term.obsolete else "",
            term.replaced_by or "",
            " ".join(sorted(local_id(parent) for parent in term.parents)),
            SYNONYM_SEPARATOR.join(synonym.scope[0] + _plain(synonym.text) for synonym in term.synonyms),
            _plain(term.definition),
            " ".join(sorted(term.xrefs)),
        )


class Columns(NamedTuple):
    """Many lines of a snapshot file, each field of them in one list: for work on half a million at once."""

    local: list[str]
    label: list[str]
    obsolete: list[str]
    replaced_by: list[str]
    parents: list[str]
    synonyms: list[str]
    definition: list[str]
    xrefs: list[str]

    @classmethod
    def of(cls, lines: list[str]) -> Columns:
        """Take lines apart."""
        fields = "\t".join(lines).split("\t") if lines else []
        return cls._make(fields[place :: len(cls._fields)] for place in range(len(cls._fields)))


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@dataclass(frozen=True, slots=True)
class OntologyFile:
    """One ontology of the manifest. Counts are of terms; ``release_date`` is empty where its makers state none."""

    name: str
    version: str
    release_date: str
    source_url: str
    homepage: str
    licence: str
    licence_url: str
    file: str
    sha256: str
    current: int
    obsolete: int
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot holds. ``built_from`` says in words what its builder read."""

    built_from: str
    ontologies: Mapping[Ontology, OntologyFile] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def fingerprint(self) -> str:
        """Changes whenever the content of a file does: an index of another fingerprint is stale."""
        parts = [f"{name}:{self.ontologies[name].sha256}" for name in ONTOLOGIES if name in self.ontologies]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read a manifest; ``OntologyError`` where there is none or it cannot be understood."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            found = content["format"]
            files = {name: OntologyFile(**entry) for name, entry in content["ontologies"].items()}
            built_from = content["built_from"]
        except FileNotFoundError as error:
            message = f"There is no ontology snapshot at {path}. Build it with: python -m synthome.ontology build"
            raise OntologyError(message) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"The manifest {path} of the ontology snapshot cannot be read ({error}). {_RESTORE}"
            raise OntologyError(message) from error
        if found != FORMAT:
            message = (
                f"The ontology snapshot {path} has format {found!r}; this version reads format {FORMAT}. {_RESTORE}"
            )
            raise OntologyError(message)
        return cls(built_from, files, found)

    def to_json(self) -> str:
        """The text of ``manifest.json``."""
        content = {
            "format": self.format,
            "built_from": self.built_from,
            "ontologies": {name: asdict(entry) for name, entry in self.ontologies.items()},
        }
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


_RESTORE = "Restore the folder from the repository, or build it anew with: python -m synthome.ontology build"


class Snapshot:
    """A snapshot folder, read only. Opening it reads the manifest alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = Manifest.read(folder / MANIFEST)

    def lines(self, ontology: Ontology) -> list[str]:
        """Every line of one ontology, obsolete terms too; ``OntologyError`` where its file is missing or damaged."""
        entry = self.manifest.ontologies[ontology]
        path = self.folder / entry.file
        try:
            packed = path.read_bytes()
        except OSError as error:
            message = f"The ontology snapshot file {path} cannot be read ({error.strerror}). {_RESTORE}"
            raise OntologyError(message) from error
        if hashlib.sha256(packed).hexdigest() != entry.sha256:
            message = f"The ontology snapshot file {path} is damaged: its checksum is not the manifest's. {_RESTORE}"
            raise OntologyError(message)
        return lzma.decompress(packed).decode("utf-8").split("\n")[:-1]

    def rows(self, ontology: Ontology) -> list[Row]:
        """The same, each line taken apart."""
        return [Row._make(line.split("\t")) for line in self.lines(ontology)]

    def terms(self, ontology: Ontology) -> Iterator[Term]:
        """Every term of one ontology, obsolete ones too, in the order of their ids."""
        return (row.term(ontology) for row in self.rows(ontology))


def write_snapshot(
    folder: Path, contents: Iterable[tuple[Ontology, OntologyFile, Iterable[Term]]], built_from: str
) -> Manifest:
    """Write a snapshot; each entry's file name, checksum and counts are filled in here.

    The manifest is written last, so that a snapshot cut short is noticed by its checksums.
    """
    folder.mkdir(parents=True, exist_ok=True)
    entries: dict[Ontology, OntologyFile] = {}
    for ontology, entry, terms in contents:
        rows = sorted(Row.of(term) for term in terms)
        packed = lzma.compress("".join("\t".join(row) + "\n" for row in rows).encode(), preset=_PRESET)
        obsolete = sum(1 for row in rows if row.obsolete)
        described = asdict(entry) | {
            "file": f"{ontology.lower()}.tsv.xz",
            "sha256": hashlib.sha256(packed).hexdigest(),
            "current": len(rows) - obsolete,
            "obsolete": obsolete,
        }
        entries[ontology] = OntologyFile(**described)
        (folder / entries[ontology].file).write_bytes(packed)
    manifest = Manifest(built_from, entries)
    (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    return manifest
