"""Refreshed ontologies: where they lie, and whether they are used instead of those that Synthome ships.

In the data folder lies one folder a refresh, a whole snapshot with its search index, and the file ``current``, which
names the one in use. A refresh writes its own folder and then replaces that file, in one step: whoever opens the
ontologies finds the old ones or the new ones, and what another process has open stays where it is. The last but one
folder is kept for that; older ones are removed.

A refreshed snapshot is used while it is whole, of a format that this version reads, and made from the snapshot that
this version ships. A newer Synthome that ships another one begins with that: its genes, organisms and further names of
compounds, which no refresh fetches, belong to it.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from synthome.errors import OntologyError
from synthome.ontology.download import Received
from synthome.ontology.snapshot import Snapshot
from synthome.ontology.terms import Ontology
from synthome.settings import settings

__all__ = ["INDEX", "WORK_PREFIX", "Record", "adopt", "record_of", "refreshed_snapshot", "remove_remains"]

INDEX = "terms.sqlite"
"""The search index of a refreshed snapshot, in its folder."""
WORK_PREFIX = ".work-"
"""Folders of refreshes under way begin so."""
_POINTER = "current"
_RECORD = "refresh.json"
_RELEASE_PREFIX = "release-"


@dataclass(frozen=True, slots=True)
class Record:
    """What a refreshed snapshot was made of: the fingerprint of the shipped one, and every official file."""

    shipped: str
    downloads: Mapping[Ontology, Received] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Keep it in the folder of the snapshot."""
        content = {"shipped": self.shipped, "downloads": {name: asdict(file) for name, file in self.downloads.items()}}
        (folder / _RECORD).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def refreshed_snapshot(folder: Path | None = None, shipped: Snapshot | None = None) -> Snapshot | None:
    """The refreshed snapshot that is in use, or ``None`` where it is the shipped one.

    ``folder`` and ``shipped`` are other places than those of the settings.
    """
    place = _pointed_at(folder or settings().refreshed_dir)
    if place is None:
        return None
    try:
        found = Snapshot(place)
        recorded = record_of(found)
        shipped = shipped or Snapshot(settings().snapshot_dir)
    except OntologyError:
        return None
    return found if recorded.shipped == shipped.manifest.fingerprint and _is_whole(found) else None


def record_of(snapshot: Snapshot) -> Record:
    """What a refreshed snapshot was made of; ``OntologyError`` where that cannot be told."""
    path = snapshot.folder / _RECORD
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        downloads = {name: Received(**file) for name, file in content["downloads"].items()}
        return Record(str(content["shipped"]), downloads)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path} cannot be read ({error}). Refresh the ontologies again."
        raise OntologyError(message) from error


def adopt(folder: Path, snapshot: Path) -> Path:
    """Move a whole snapshot into ``folder`` and use it from now on; its new place."""
    before = _pointed_at(folder)
    place = folder / f"{_RELEASE_PREFIX}{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    snapshot.rename(place)
    pointer = folder / _POINTER
    draft = folder / f"{WORK_PREFIX}{_POINTER}"
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(f"{place.name}\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(pointer)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        draft.unlink(missing_ok=True)
        raise
    _remove_releases(folder, {place, before})
    return place


def remove_remains(folder: Path) -> None:
    """Remove what refreshes left behind whose process died."""
    for path in folder.glob(f"{WORK_PREFIX}*"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _remove_releases(folder: Path, kept: set[Path | None]) -> None:
    for path in folder.glob(f"{_RELEASE_PREFIX}*"):
        if path not in kept:
            shutil.rmtree(path, ignore_errors=True)


def _is_whole(snapshot: Snapshot) -> bool:
    try:
        return all(
            hashlib.sha256((snapshot.folder / entry.file).read_bytes()).hexdigest() == entry.sha256
            for entry in snapshot.manifest.ontologies.values()
        )
    except OSError:
        return False


def _pointed_at(folder: Path) -> Path | None:
    try:
        name = (folder / _POINTER).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    return folder / name if name.startswith(_RELEASE_PREFIX) and "/" not in name and "\\" not in name else None
