"""Every limit and place that an installation may change, each with its default and a sentence.

Values come from environment variables named ``SYNTHOME_<FIELD>``; some have a second name, that of the official
client. The API key of the hosted service is no setting: see :mod:`synthome.runs.api_keys`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path

__all__ = ["REPOSITORY", "Settings", "settings"]

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of one installation."""

    snapshot_dir: Path = REPOSITORY / "ontology_cache"
    """Folder of the ontology snapshot and its manifest."""
    index_path: Path = REPOSITORY / "ontology_cache" / "terms.sqlite"
    """The search index built from the snapshot on first start."""
    data_dir: Path = REPOSITORY / ".synthome"
    """Folder in which designs and finished runs are kept."""
    max_samples: int = 10_000
    """Most samples that one query may ask for."""
    max_conditions: int = 200
    """Most conditions that one query may hold."""
    max_running: int = 2
    """Predictions computed at the same time; further ones wait."""
    max_waiting: int = 32
    """Predictions that may wait; past that the service says it is busy."""
    kept_bytes: int = 4_000_000_000
    """Disk space for finished runs; the oldest are removed past it."""
    prediction_memory_bytes: int = 1_000_000_000
    """Memory for finished predictions kept at hand; the least recently used are read from disk again past it."""
    max_body_bytes: int = 20_000_000
    """Largest request that the HTTP API reads: a hundred real samples of 20,000 genes take about 9,000,000. Reading it
    takes up to ten times its size in memory for a moment, for at most two requests at once."""
    api_keys: str = field(default="", repr=False)
    """Keys that clients of the HTTP API must send, separated by commas; empty: none is asked for."""
    api_predictions_per_minute: int = 120
    """Predictions that one key, or without keys one address, may ask the HTTP API for in a minute; 0: any number."""
    api_requests_per_minute: int = 3_000
    """Requests to the HTTP API's models by one key or address in a minute; 0: any number. The official client asks for
    the status of a query every second or two, and a class of thirty may sit behind one address."""
    api_waiting: int = 16
    """Predictions that may wait for clients of the HTTP API; the rest of ``max_waiting`` is for people at the pages."""
    api_kept_hours: int = 24
    """Hours for which the HTTP API keeps an answer."""
    api_kept_bytes: int = 2_000_000_000
    """Disk space, out of ``kept_bytes``, for answers of the HTTP API; its oldest are removed past it, not people's."""
    api_link_minutes: int = 60
    """Minutes for which a link to an answer of the HTTP API can be followed; each status answer has a fresh one."""
    vocabulary_bytes: int = 60_000_000
    """Disk space for the lists of valid values that one workspace may load."""
    hosted_url: str = "https://app.synthesize.bio"
    """Base URL of the hosted Synthesize Bio service."""
    self_hosted_url: str = ""
    """Base URL of a self-hosted container that speaks the same contract, for every model; empty: none."""
    self_hosted_url_bulk: str = ""
    """Base URL of the container for ``gem-1-bulk`` alone; also read from ``SYNTHESIZE_API_BASE_URL__GEM_1_BULK``."""
    self_hosted_url_sc: str = ""
    """Base URL of the container for ``gem-1-sc`` alone; also read from ``SYNTHESIZE_API_BASE_URL__GEM_1_SC``."""
    single_user: bool = False
    """Whether one person alone uses this installation: her environment's API key counts, and she may enter addresses
    of containers. Leave it off where others can open the page: they would use the key, and reach the network."""
    live_lookup: bool = True
    """Whether a term that the snapshot lacks may be looked up at EBI's OLS4, where a user asks for that."""
    ols_url: str = "https://www.ebi.ac.uk/ols4"
    """Base URL of the Ontology Lookup Service."""
    allow_refresh: bool = True
    """Whether the Settings page offers to fetch newer releases of the ontologies; the command line always does."""

    @property
    def refreshed_dir(self) -> Path:
        """Folder in ``data_dir`` of ontologies that were refreshed: used instead of the shipped snapshot."""
        return self.data_dir / "ontologies"

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the variables; a value of the wrong type is a ``ValueError`` that names the variable."""
        values: dict[str, object] = {}
        for setting in fields(cls):
            name = f"SYNTHOME_{setting.name.upper()}"
            if name not in os.environ:
                name = _SECOND_NAMES.get(setting.name, name)
            text = os.environ.get(name)
            if text is None:
                continue
            try:
                values[setting.name] = _READERS[str(setting.type)](text)
            except ValueError as error:
                message = f"{name}={text!r} is not a valid {setting.type}"
                raise ValueError(message) from error
        return cls(**values)  # type: ignore[arg-type]


_SECOND_NAMES = {
    "self_hosted_url_bulk": "SYNTHESIZE_API_BASE_URL__GEM_1_BULK",
    "self_hosted_url_sc": "SYNTHESIZE_API_BASE_URL__GEM_1_SC",
}


def _as_bool(text: str) -> bool:
    """A switch as people write it; ``ValueError`` for anything else.

    >>> _as_bool("yes"), _as_bool("0")
    (True, False)
    """
    if text.strip().lower() in ("1", "true", "yes", "on"):
        return True
    if text.strip().lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError(text)


_READERS: dict[str, Callable[[str], object]] = {
    "bool": _as_bool,
    "Path": lambda text: Path(text).expanduser(),
    "int": int,
    "str": str,
}


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings.from_environment()
