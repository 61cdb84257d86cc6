"""The design a workspace is working on, kept so that reloading the browser loses nothing."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from synthome.runs.atomic import write_atomically
from synthome.runs.store import check_name

__all__ = ["DraftStore"]

_logger = logging.getLogger(__name__)


class DraftStore:
    """One JSON object a workspace, in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save_draft(self, workspace: str, draft: dict[str, Any]) -> None:
        """Replace the workspace's draft; ``TypeError`` or ``ValueError`` where it is not JSON."""
        content = json.dumps(draft, ensure_ascii=False, allow_nan=False).encode()
        path = self._path(workspace)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)

    def load_draft(self, workspace: str) -> dict[str, Any] | None:
        """The workspace's draft; ``None`` where there is none, or none that can be read."""
        path = self._path(workspace)
        try:
            draft = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            _logger.warning("The draft in %s cannot be read: %s", path, error)
            return None
        return draft if isinstance(draft, dict) else None

    def delete_draft(self, workspace: str) -> None:
        """Forget the workspace's draft."""
        self._path(workspace).unlink(missing_ok=True)

    def _path(self, workspace: str) -> Path:
        return self._folder / f"{check_name('workspace', workspace)}.json"
