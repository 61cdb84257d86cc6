"""Building the snapshot: from the official OBO or OWL files, or from a package where those cannot be reached."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from synthome.errors import OntologyError
from synthome.ontology.download import Received, fetch
from synthome.ontology.obo import read_obo
from synthome.ontology.packaged import PACKAGE, package_version, read_packaged
from synthome.ontology.snapshot import MANIFEST, Manifest, OntologyFile, Snapshot, write_snapshot
from synthome.ontology.sources import PUBLISHED, SOURCES, Source
from synthome.ontology.tables import ASSEMBLY, ExtraTables, read_genes, read_organisms, read_pairs
from synthome.ontology.terms import Ontology, Term

__all__ = ["build_lists", "build_official", "build_packaged", "described", "provenance", "tidy", "write_tidy"]

Say = Callable[[str], None]
_Read = dict[Ontology, tuple[OntologyFile, list[Term]]]

_EXTRA_NOTE = (
    "ChEBI's own synonyms are not in the package; {count} common names were added from MeSH, LINCS and laboratory usage"
)
_ORGANISMS_VERSION = "2026-11-24"
"""The day on which the list of organisms was last changed."""


def build_packaged(folder: Path, say: Say, tables: ExtraTables) -> Manifest:
    """Build the snapshot in ``folder`` from cellxgene-ontology-guide and tables of what it lacks.

    Genes come from the tables; without these they stay as they are in the snapshot that is in ``folder`` now.
    """
    origin = f"{PACKAGE} {package_version()}"
    extra = read_pairs(tables.chebi_synonyms, "chebi_id", "synonym")
    read: _Read = {}
    for ontology in PUBLISHED:
        say(f"{ontology}: reading {origin}")
        version, terms = read_packaged(ontology, extra if ontology == "CHEBI" else {})
        added = sum(1 for term in terms for synonym in term.synonyms if synonym.scope == "RELATED")
        notes = _EXTRA_NOTE.format(count=added) if added else ""
        read[ontology] = (described(SOURCES[ontology], version, notes), terms)
    return _write(folder, read | _own_lists(folder, tables, say), origin, say, tables.chebi_chembl)


def build_official(
    folder: Path,
    say: Say,
    tables: ExtraTables,
    obo_dir: Path | None = None,
    sources: Mapping[Ontology, Source] = SOURCES,
) -> Manifest:
    """Build the snapshot in ``folder`` from the files that the ontologies' makers publish.

    They are taken from ``obo_dir``, named as in their URLs or as ``<ontology>.obo`` or ``.owl`` (also gzipped), or
    downloaded where none is given. ``tables`` are as for :func:`build_packaged`.
    """
    with ExitStack() as stack:
        place = obo_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="synthome-obo-")))
        read: _Read = {}
        for ontology in PUBLISHED:
            source = sources[ontology]
            path, notes = (_find(place, source), "") if obo_dir is not None else _download(source, place, say)
            say(f"{ontology}: reading {path.name}")
            version, terms = read_obo(path, ontology)
            read[ontology] = (described(source, version, notes), terms)
    return _write(
        folder, read | _own_lists(folder, tables, say), "the official OBO and OWL files", say, tables.chebi_chembl
    )


def build_lists(folder: Path, say: Say, tables: ExtraTables) -> Manifest:
    """Build genes and organisms in ``folder`` anew from their tables; what others publish stays as it is there."""
    present = Snapshot(folder)
    published: _Read = {
        ontology: (entry, list(present.terms(ontology)))
        for ontology, entry in present.manifest.ontologies.items()
        if ontology in PUBLISHED
    }
    say(f"{', '.join(published)}: kept as they are")
    return _write(folder, published | _own_lists(folder, tables, say), present.manifest.built_from, say, None)


def _own_lists(folder: Path, tables: ExtraTables, say: Say) -> _Read:
    """Genes, as the tables give them or else as they are in ``folder`` now, and organisms."""
    lists: _Read = {}
    if tables.genes is not None:
        say(f"ENSEMBL: reading {tables.genes.name}")
        genes = read_genes(tables.genes, tables.former_symbols)
        lists["ENSEMBL"] = (described(SOURCES["ENSEMBL"], ASSEMBLY, ""), genes)
    elif (folder / MANIFEST).is_file() and "ENSEMBL" in (present := Snapshot(folder)).manifest.ontologies:
        say("ENSEMBL: kept as it is")
        lists["ENSEMBL"] = (present.manifest.ontologies["ENSEMBL"], list(present.terms("ENSEMBL")))
    lists["NCBITaxon"] = (described(SOURCES["NCBITaxon"], _ORGANISMS_VERSION, ""), read_organisms())
    return lists


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


def _write(folder: Path, read: _Read, origin: str, say: Say, chebi_chembl: Path | None) -> Manifest:
    if "CHEBI" in read:
        chembl = read_pairs(chebi_chembl, "chebi_id", "chembl_id")
        entry, compounds = read["CHEBI"]
        with_chembl = [
            replace(term, xrefs=tuple(chembl[term.id])) if term.id in chembl and not term.obsolete else term
            for term in compounds
        ]
        read = read | {"CHEBI": (entry, with_chembl)}
    say(f"writing {folder}")
    manifest = write_tidy(folder, read, origin)
    for ontology, entry in manifest.ontologies.items():
        size = (folder / entry.file).stat().st_size
        say(
            f"{ontology} {entry.version}: {entry.current:,} current and {entry.obsolete:,} obsolete terms, "
            f"{size / 1e6:.1f} MB"
        )
    return manifest


def write_tidy(folder: Path, read: Mapping[Ontology, tuple[OntologyFile, list[Term]]], origin: str) -> Manifest:
    """Write a snapshot of what was read of all ontologies, without links into nothing."""
    known = frozenset(term.id for _, terms in read.values() for term in terms)
    return write_snapshot(folder, ((name, entry, tidy(terms, known)) for name, (entry, terms) in read.items()), origin)


def described(source: Source, version: str, notes: str) -> OntologyFile:
    """The manifest's entry of a release; :func:`write_snapshot` fills in the rest."""
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


def _download(source: Source, folder: Path, say: Say) -> tuple[Path, str]:
    """The official file, and what the manifest notes of it."""
    path = folder / source.filename
    say(f"{source.ontology}: downloading {source.url}")
    try:
        received = fetch(source.url, path)
    except OntologyError as error:
        message = (
            f"{error} Or download the files by other means and give their folder with --obo-dir, or build with "
            f"--from packaged."
        )
        raise OntologyError(message) from error
    assert received is not None  # noqa: S101 - only what is known already is not fetched
    return path, provenance(received)


def provenance(received: Received) -> str:
    """What the manifest notes of a download, so that anyone can tell which file was read."""
    return f"read from {received.url}, {received.size:,} bytes, SHA-256 {received.sha256}"
