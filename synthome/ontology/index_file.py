"""The index file: where it lies, whether it is whole and current, and building it once though many ask.

Beside the index stands a small *seal* with its checksum and with the fingerprint of the snapshot and the curated names
that it was built from. The index is built under a temporary name and moved into place, then sealed; a file without the
seal that fits, cut short, damaged or older than the snapshot, is built anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

from synthome.errors import OntologyError
from synthome.ontology.curated import read_curated
from synthome.ontology.index_build import SCHEMA_VERSION, Progress
from synthome.ontology.process_lock import process_lock
from synthome.ontology.snapshot import Snapshot

__all__ = ["ready_index"]

_PATIENCE_SECONDS = 600.0


Writer = Callable[[Path, Snapshot, Progress], None]
"""Writes the index of a snapshot to an empty file."""


def ready_index(snapshot: Snapshot, places: list[Path], progress: Progress, write: Writer) -> Path:
    """Path of a whole and current index: one that is there already, or one built in the first place that is writable.

    Raises
    ------
    OntologyError
        Where none of ``places`` can be written, or the snapshot is damaged.
    """
    for place in places:
        if _is_sealed(place, snapshot):
            return place
    refusals = []
    for place in places:
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            _build_once(place, snapshot, progress, write)
        except (OSError, sqlite3.OperationalError) as error:
            refusals.append(f"{place.parent} ({error})")
        else:
            return place
    message = (
        f"The search index can be written nowhere: {'; '.join(refusals)}. Make one of these folders writable, with "
        f"200 MB free, or name another in SYNTHOME_INDEX_PATH."
    )
    raise OntologyError(message)


def _build_once(place: Path, snapshot: Snapshot, progress: Progress, write: Writer) -> None:
    lock = place.with_name(f"{place.name}.lock")
    with process_lock(lock, _PATIENCE_SECONDS, lambda: progress(0.0, "another process is building the index")):
        if _is_sealed(place, snapshot):  # built by another process while this one waited
            return
        handle, name = tempfile.mkstemp(prefix=f"{place.name}.", suffix=".part", dir=place.parent)
        os.close(handle)
        part = Path(name)
        try:
            write(part, snapshot, progress)
            _seal_path(place).unlink(missing_ok=True)
            digest, size = _digest(part), part.stat().st_size
            part.replace(place)
            _write_seal(place, snapshot, digest, size)
        finally:
            part.unlink(missing_ok=True)
        progress(1.0, "ready")


def _seal_path(place: Path) -> Path:
    return place.with_name(f"{place.name}.seal")


def _write_seal(place: Path, snapshot: Snapshot, digest: str, size: int) -> None:
    seal = {"schema": SCHEMA_VERSION, "fingerprint": _fingerprint(snapshot), "size": size, "sha256": digest}
    part = _seal_path(place).with_suffix(".seal.part")
    part.write_text(json.dumps(seal) + "\n", encoding="utf-8")
    part.replace(_seal_path(place))


def _fingerprint(snapshot: Snapshot) -> str:
    """Changes with the terms of the snapshot and with the names and ranks that are curated here."""
    return f"{snapshot.manifest.fingerprint}-{read_curated().digest}"


def _is_sealed(place: Path, snapshot: Snapshot) -> bool:
    try:
        seal = json.loads(_seal_path(place).read_text(encoding="utf-8"))
        if not isinstance(seal, dict) or seal.get("size") != place.stat().st_size:
            return False
        current = (seal.get("schema"), seal.get("fingerprint")) == (SCHEMA_VERSION, _fingerprint(snapshot))
        return current and seal.get("sha256") == _digest(place)
    except (OSError, ValueError):
        return False


def _digest(path: Path) -> str:
    """SHA-256 of a file: 0.1 s for the whole index, and afterwards it lies in memory for the first search."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
