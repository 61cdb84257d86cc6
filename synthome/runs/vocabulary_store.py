"""The lists of valid values that a workspace loaded, kept so that a reload loses nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from pydantic import TypeAdapter

from synthome.errors import VocabularyFileError
from synthome.query import base_model
from synthome.query.vocabulary import MODEL_RULES
from synthome.query.vocabulary_file import ValueList, VocabularyFile
from synthome.runs.atomic import write_atomically
from synthome.runs.listed_vocabulary import ValueLists
from synthome.runs.store import check_name
from synthome.settings import settings

__all__ = ["KeptFile", "VocabularyStore", "about_model", "default_vocabularies"]

_FILE = TypeAdapter(VocabularyFile)
_KEPT_IN_MEMORY = 32

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was loaded; ``uid`` names it in its workspace."""

    uid: str
    file: VocabularyFile


class VocabularyStore:
    """What was understood of each file, in a folder a workspace in ``folder``; a workspace keeps ``budget`` bytes."""

    def __init__(self, folder: Path, budget: int) -> None:
        self._folder = folder
        self._budget = budget
        self._lock = threading.Lock()
        self._read: OrderedDict[tuple[Path, int, int], KeptFile] = OrderedDict()
        self._changes: dict[str, int] = {}
        self._merged: OrderedDict[tuple[str, str, str], ValueLists] = OrderedDict()

    def add(self, workspace: str, file: VocabularyFile) -> KeptFile:
        """Keep ``file``, in the stead of an earlier one of that name about the same models.

        Raises
        ------
        VocabularyFileError
            Where the workspace keeps as much as it may.
        """
        about = sorted({value_list.model_id or "" for value_list in file.lists})
        uid = hashlib.sha256(json.dumps([file.name, about]).encode()).hexdigest()[:16]
        folder = self._of(workspace)
        path = folder / f"{uid}.json"
        content = _FILE.dump_json(file)
        others = sum(kept.stat().st_size for kept in folder.glob("*.json") if kept != path)
        if others + len(content) > self._budget:
            message = (
                f"'{file.name[:80]}' does not fit: {self._budget // 1_000_000} MB of lists are kept, and no more. "
                "Remove one that is no longer needed."
            )
            raise VocabularyFileError(message)
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
        self._changed(workspace)
        return KeptFile(uid, file)

    def files(self, workspace: str) -> list[KeptFile]:
        """The files that the workspace keeps, by name; such as cannot be read any more are left out."""
        found = [self._load(path) for path in sorted(self._of(workspace).glob("*.json"))]
        return sorted((kept for kept in found if kept is not None), key=lambda kept: kept.file.name)

    def remove(self, workspace: str, uid: str) -> None:
        """Forget one file."""
        (self._of(workspace) / f"{check_name('file', uid)}.json").unlink(missing_ok=True)
        self._changed(workspace)

    def clear(self, workspace: str) -> None:
        """Forget all files of a workspace."""
        shutil.rmtree(self._of(workspace), ignore_errors=True)
        self._changed(workspace)

    def lists(self, workspace: str, model_id: str) -> ValueLists:
        """By key, every value that a file lists for the model; files that name no model count for each."""
        at = (workspace, base_model(model_id), self.version(workspace))
        with self._lock:
            if at in self._merged:
                self._merged.move_to_end(at)
                return self._merged[at]
        merged: dict[str, dict[str, str]] = {}
        for kept in self.files(workspace):
            for value_list in kept.file.lists:
                if value_list.model_id in (None, base_model(model_id)):
                    merged.setdefault(value_list.key, {}).update(value_list.values)
        return _remember(self._lock, self._merged, at, MappingProxyType(merged))

    def version(self, workspace: str) -> str:
        """A short name of what is kept just now, empty where nothing ever was; another one after each change."""
        folder = self._of(workspace)
        try:
            # A folder's time tells of other processes' changes; the clock of the disk is too coarse for one's own.
            seen = (folder.stat().st_mtime_ns, self._changes.get(workspace, 0))
        except FileNotFoundError:
            return ""
        return hashlib.sha256(repr(seen).encode()).hexdigest()[:8]

    def _changed(self, workspace: str) -> None:
        with self._lock:
            self._changes[workspace] = self._changes.get(workspace, 0) + 1

    def _of(self, workspace: str) -> Path:
        return self._folder / check_name("workspace", workspace)

    def _load(self, path: Path) -> KeptFile | None:
        try:
            stat = path.stat()
            key = (path, stat.st_mtime_ns, stat.st_size)
            with self._lock:
                if key in self._read:
                    self._read.move_to_end(key)
                    return self._read[key]
            kept = KeptFile(path.stem, _FILE.validate_json(path.read_bytes()))
        except (OSError, ValueError):
            return None
        return _remember(self._lock, self._read, key, kept)


def _remember(lock: threading.Lock, memory: OrderedDict[Key, Value], key: Key, value: Value) -> Value:
    """``value``, kept at hand with the few used last."""
    with lock:
        memory[key] = value
        while len(memory) > _KEPT_IN_MEMORY:
            memory.popitem(last=False)
    return value


def about_model(file: VocabularyFile, model_id: str | None) -> VocabularyFile:
    """``file`` with its lists that name no model taken for those of ``model_id``; as it is for ``None``."""
    if model_id not in MODEL_RULES:
        return file
    lists = tuple(ValueList(each.key, each.values, each.model_id or model_id) for each in file.lists)
    return VocabularyFile(file.name, lists, file.not_understood)


_store: VocabularyStore | None = None
_making = threading.Lock()


def default_vocabularies() -> VocabularyStore:
    """The lists of this installation, in memory while they are looked at."""
    global _store
    with _making:
        if _store is None:
            _store = VocabularyStore(settings().data_dir / "vocabularies", settings().vocabulary_bytes)
        return _store
