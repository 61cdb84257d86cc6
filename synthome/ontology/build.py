"""Building the snapshot: from the official OBO or OWL files, or from a package where those cannot be reached."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import requests

from synthome.errors import OntologyError
from synthome.ontology.obo import read_obo
from synthome.ontology.packaged import PACKAGE, package_version, read_extra_synonyms, read_packaged
from synthome.ontology.snapshot import Manifest, OntologyFile, write_snapshot
from synthome.ontology.sources import SOURCES, Source
from synthome.ontology.terms import ONTOLOGIES, Ontology, Term

__all__ = ["build_official", "build_packaged", "tidy"]

Say = Callable[[str], None]

_EXTRA_NOTE = (
    "ChEBI's own synonyms are not in the package; {count} common names were added from MeSH, LINCS and laboratory usage"
)
_CONNECT_SECONDS, _READ_SECONDS = 10, 60
_CHUNK = 1 << 20


def build_packaged(folder: Path, say: Say, extra_synonyms: Path | None = None) -> Manifest:
    """Build the snapshot in ``folder`` from cellxgene-ontology-guide and, for ChEBI, a table of common names."""
    origin = f"{PACKAGE} {package_version()}"
    extra = read_extra_synonyms(extra_synonyms) if extra_synonyms is not None else {}
    read: dict[Ontology, tuple[OntologyFile, list[Term]]] = {}
    for ontology in ONTOLOGIES:
        say(f"{ontology}: reading {origin}")
        version, terms = read_packaged(ontology, extra if ontology == "CHEBI" else {})
        added = sum(1 for term in terms for synonym in term.synonyms if synonym.scope == "RELATED")
        read[ontology] = (_entry(SOURCES[ontology], version, _EXTRA_NOTE.format(count=added) if added else ""), terms)
    return _write(folder, read, origin, say)


def build_official(
    folder: Path, say: Say, obo_dir: Path | None = None, sources: Mapping[Ontology, Source] = SOURCES
) -> Manifest:
    """Build the snapshot in ``folder`` from the files that the ontologies' makers publish.

    They are taken from ``obo_dir``, named as in their URLs or as ``<ontology>.obo`` or ``.owl`` (also gzipped), or
    downloaded where none is given.
    """
    with ExitStack() as stack:
        place = obo_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="synthome-obo-")))
        read: dict[Ontology, tuple[OntologyFile, list[Term]]] = {}
        for ontology in ONTOLOGIES:
            source = sources[ontology]
            path = _find(place, source) if obo_dir is not None else _download(source, place, say)
            say(f"{ontology}: reading {path.name}")
            version, terms = read_obo(path, ontology)
            read[ontology] = (_entry(source, version, ""), terms)
    return _write(folder, read, "the official OBO and OWL files", say)


def tidy(terms: Iterable[Term], known: frozenset[str]) -> list[Term]:
    """Terms without links into nothing and without the word "obsolete" in their labels.

    ``known`` are the ids of all ontologies; a replacement may stand in another one.
    """
    return [
        replace(
            term,
            label=re.sub(r"^(?:obsolete[:\s]+)+", "", term.label, flags=re.IGNORECASE) if term.obsolete else term.label,
            parents=tuple(parent for parent in term.parents if parent in known),
            replaced_by=term.replaced_by if term.replaced_by in known and term.replaced_by != term.id else None,
        )
        for term in terms
    ]


def _write(folder: Path, read: Mapping[Ontology, tuple[OntologyFile, list[Term]]], origin: str, say: Say) -> Manifest:
    known = frozenset(term.id for _, terms in read.values() for term in terms)
    say(f"writing {folder}")
    contents = ((ontology, entry, tidy(terms, known)) for ontology, (entry, terms) in read.items())
    manifest = write_snapshot(folder, contents, origin)
    for ontology, entry in manifest.ontologies.items():
        size = (folder / entry.file).stat().st_size
        say(
            f"{ontology} {entry.version}: {entry.current:,} current and {entry.obsolete:,} obsolete terms, "
            f"{size / 1e6:.1f} MB"
        )
    return manifest


def _entry(source: Source, version: str, notes: str) -> OntologyFile:
    dated = re.fullmatch(r"\d{4}-\d{2}-\d{2}", version)
    return OntologyFile(
        name=source.name,
        version=version,
        release_date=version if dated else "",
        source_url=source.url,
        homepage=source.homepage,
        licence=source.licence,
        licence_url=source.licence_url,
        file="",
        sha256="",
        current=0,
        obsolete=0,
        notes=notes,
    )


def _find(folder: Path, source: Source) -> Path:
    stem = source.ontology.lower()
    names = [source.filename, *(f"{stem}{ending}" for ending in (".obo", ".obo.gz", ".owl", ".owl.gz"))]
    for name in names:
        if (folder / name).is_file():
            return folder / name
    message = f"{folder} holds no file of {source.ontology}; looked for {', '.join(dict.fromkeys(names))}"
    raise OntologyError(message)


def _download(source: Source, folder: Path, say: Say) -> Path:
    path = folder / source.filename
    say(f"{source.ontology}: downloading {source.url}")
    try:
        with requests.get(source.url, stream=True, timeout=(_CONNECT_SECONDS, _READ_SECONDS)) as answer:
            answer.raise_for_status()
            with path.open("wb") as file:
                for chunk in answer.iter_content(_CHUNK):
                    file.write(chunk)
    except requests.RequestException as error:
        message = (
            f"{source.url} cannot be downloaded ({error}). Download the files by other means and give their folder "
            f"with --obo-dir, or build with --from packaged."
        )
        raise OntologyError(message) from error
    return path
