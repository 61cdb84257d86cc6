"""The real samples that a workspace brought, and how they are to be read: kept so that a reload loses nothing."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
from scipy import sparse

from synthome.runs.atomic import write_atomically
from synthome.runs.drafts import DraftStore
from synthome.runs.store import check_name
from synthome.samples import FileContent, Kind
from synthome.settings import settings

__all__ = ["MAX_KEPT_BYTES", "SampleDrafts", "default_sample_drafts"]

_logger = logging.getLogger(__name__)
MAX_KEPT_BYTES = 40_000_000
"""Most bytes of values that are kept, before they are compressed: 250 samples of 20,000 genes."""
_CSR = ("data", "indices", "indptr")


class SampleDrafts:
    """A workspace's samples in one compressed file, and the choices made about them in another, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._choices = DraftStore(folder)

    def save_choices(self, workspace: str, choices: dict[str, Any]) -> None:
        """Replace how the workspace's samples are read and what shall be done with them: a JSON object."""
        self._choices.save_draft(workspace, choices)

    def load_choices(self, workspace: str) -> dict[str, Any] | None:
        """What was saved last; ``None`` where there is nothing that can be read."""
        return self._choices.load_draft(workspace)

    def save_content(self, workspace: str, content: FileContent) -> bool:
        """Replace the workspace's samples. ``False`` where they are too large to be kept: there are then none."""
        self.forget_content(workspace)
        arrays = _values(content)
        if sum(array.nbytes for array in arrays.values()) > MAX_KEPT_BYTES:
            return False
        told = json.dumps([content.kind, content.notes, content.samples, content.genes, dict(content.groupings)])
        arrays["told"] = np.frombuffer(told.encode(), dtype=np.uint8)
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **arrays)
        path = self._path(workspace)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, buffer.getvalue())
        return True

    def load_content(self, workspace: str) -> FileContent | None:
        """The workspace's samples; ``None`` where there are none, or none that can be read."""
        path = self._path(workspace)
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                return _content(dict(arrays))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
            _logger.warning("The samples in %s cannot be read: %s", path, error)
            return None

    def forget_content(self, workspace: str) -> None:
        """Forget the workspace's samples."""
        self._path(workspace).unlink(missing_ok=True)

    def _path(self, workspace: str) -> Path:
        return self._folder / f"{check_name('workspace', workspace)}.npz"


def _values(content: FileContent) -> dict[str, Any]:
    """The values as arrays by name: three of a sparse matrix, or one."""
    if bool(sparse.issparse(content.values)):
        matrix = content.values.tocsr()
        return {name: getattr(matrix, name) for name in _CSR}
    return {"values": np.asarray(content.values)}


def _content(arrays: dict[str, npt.NDArray[Any]]) -> FileContent:
    kind, notes, samples, genes, groupings = json.loads(arrays["told"].tobytes())
    shape = (len(samples), len(genes))
    values = arrays["values"] if "values" in arrays else sparse.csr_matrix(tuple(arrays[name] for name in _CSR), shape)
    if kind not in get_args(Kind) or values.shape != shape:
        message = f"{kind!r} values of {values.shape} do not fit {shape} names"
        raise ValueError(message)
    columns = {name: tuple(labels) for name, labels in groupings.items()}
    return FileContent(tuple(genes), tuple(samples), values, kind, tuple(notes), columns)


def default_sample_drafts() -> SampleDrafts:
    """The samples of this installation's workspaces."""
    return SampleDrafts(settings().data_dir / "own_samples")
