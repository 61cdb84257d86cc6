"""Looking a term up at EBI's Ontology Lookup Service, for who misses it in the shipped snapshot.

Nothing is ever asked of its own accord: only where a user chooses to. Answers are kept in memory for a while; a failure
is told at once and not tried again.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import requests

from synthome.errors import OntologyError
from synthome.ontology.terms import Ontology, normalise_id, ontology_of
from synthome.settings import settings

__all__ = ["LIVE_ONTOLOGIES", "LiveLookup", "LiveLookupError", "LiveTerm", "live_lookup"]

LIVE_ONTOLOGIES: tuple[Ontology, ...] = ("UBERON", "CL", "MONDO", "CHEBI", "HsapDv", "HANCESTRO", "NCBITaxon")
"""The ontologies that OLS4 holds; Cellosaurus and the genes of Ensembl are not among them."""

PATIENCE = 3.0
"""Seconds that an answer may take, from beginning to end."""
_MOST_BYTES = 2_000_000
_MOST_TEXT = 300
_KEPT_ANSWERS = 256
_KEPT_SECONDS = 3600.0
_AT_ONCE = 4

_TIMED_OUT = "EBI's OLS4 did not answer within 3 seconds. Try again, or go on with what is found here."
_UNREACHABLE = "EBI's OLS4 cannot be reached. Is this computer online? What is found here needs no network."
_FAILED = "EBI's OLS4 failed (status {status}). Try again later, or go on with what is found here."
_NONSENSE = "EBI's OLS4 answered with something that is no list of terms. Try again later."


class LiveLookupError(OntologyError):
    """The service could not be asked, or gave no answer that can be read."""


@dataclass(frozen=True, slots=True)
class LiveTerm:
    """A term as the service tells it; ``id`` is in the contract's spelling."""

    id: str
    label: str
    ontology: Ontology
    definition: str = ""


class LiveLookup:
    """One service at ``base_url``. Safe to be asked from any number of threads."""

    def __init__(self, base_url: str, patience: float = PATIENCE) -> None:
        self._url = f"{base_url.rstrip('/')}/api/search"
        self._patience = patience
        self._answers = _Kept()
        self._terms: OrderedDict[str, LiveTerm] = OrderedDict()
        self._lock = threading.Lock()
        # A time-out of requests counts from one packet to the next and not at all for names; a thread can be left.
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="live-lookup")

    def search(self, text: str, ontologies: Sequence[Ontology], limit: int = 10) -> tuple[LiveTerm, ...]:
        """Terms of ``ontologies`` that the service finds for ``text``, in its order, each once.

        Raises
        ------
        LiveLookupError
            Where there was no answer in time, or none that can be read.
        """
        held = tuple(ontology for ontology in LIVE_ONTOLOGIES if ontology in ontologies)
        text = " ".join(text.split())[:_MOST_TEXT]
        if not held or not text or limit < 1:
            return ()
        found = self._ask({"q": text}, held, limit)
        return tuple(term for term in found if term.ontology in held)[:limit]

    def term(self, term_id: str) -> LiveTerm | None:
        """The term of that id; ``None`` where the service has none. Raises as :meth:`search` does."""
        known = self.recalled(term_id)
        normal = normalise_id(term_id)
        if known is not None or normal is None or ontology_of(normal) not in LIVE_ONTOLOGIES:
            return known
        ontology = ontology_of(normal)
        written = f"{ontology}:{normal}" if ontology == "NCBITaxon" else normal
        found = self._ask({"q": written, "queryFields": "obo_id", "exact": "true"}, (ontology,), 5)
        return next((term for term in found if term.id == normal), None)

    def recalled(self, term_id: str) -> LiveTerm | None:
        """The term of that id where it was found lately; nobody is asked."""
        with self._lock:
            return self._terms.get(normalise_id(term_id) or "")

    def _ask(self, query: Mapping[str, str], ontologies: tuple[Ontology, ...], rows: int) -> tuple[LiveTerm, ...]:
        # Rows of other ontologies that import a term are left out here, so more are asked for than are wanted.
        parameters = {
            **query,
            "ontology": ",".join(ontology.lower() for ontology in ontologies),
            "type": "class",
            "rows": str(3 * rows),
        }
        key = json.dumps(parameters)
        kept = self._answers.get(key)
        if kept is not None:
            return kept
        found = _terms(_in_time(self._threads.submit(self._fetch, parameters), self._patience))
        self._answers.put(key, found)
        with self._lock:
            self._terms.update((term.id, term) for term in found)
            while len(self._terms) > 10 * _KEPT_ANSWERS:
                self._terms.popitem(last=False)
        return found

    def _fetch(self, parameters: Mapping[str, str]) -> bytes:
        headers = {"Accept": "application/json", "User-Agent": "Synthome (term lookup)"}
        deadline = time.monotonic() + self._patience
        with requests.get(
            self._url, params=dict(parameters), headers=headers, timeout=self._patience, stream=True
        ) as answer:
            if answer.status_code != 200:
                raise LiveLookupError(_FAILED.format(status=answer.status_code))
            body = bytearray()
            for part in answer.iter_content(65_536):
                body += part
                if len(body) > _MOST_BYTES:
                    raise LiveLookupError(_NONSENSE)
                if time.monotonic() > deadline:
                    raise LiveLookupError(_TIMED_OUT)
            return bytes(body)


def _in_time(future: Future[bytes], seconds: float) -> bytes:
    try:
        return future.result(timeout=seconds)
    except (TimeoutError, requests.Timeout) as error:
        future.cancel()
        raise LiveLookupError(_TIMED_OUT) from error
    except requests.RequestException as error:
        raise LiveLookupError(_UNREACHABLE) from error


def _terms(body: bytes) -> tuple[LiveTerm, ...]:
    """The terms of an answer; those of the ontology that defines them go before copies of them elsewhere."""
    try:
        documents = json.loads(body)["response"]["docs"]
        read = [(not document.get("is_defining_ontology", False), _term(document)) for document in documents]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LiveLookupError(_NONSENSE) from error
    best: dict[str, tuple[bool, LiveTerm]] = {}
    for copied, term in read:
        if term is not None and (term.id not in best or (best[term.id][0] and not copied)):
            best[term.id] = (copied, term)
    return tuple(term for _, term in best.values())


def _term(document: Mapping[str, Any]) -> LiveTerm | None:
    term_id = normalise_id(str(document.get("obo_id") or document.get("short_form") or ""))
    label = _one_line(document.get("label"))
    if term_id is None or not label:
        return None
    return LiveTerm(term_id, label, ontology_of(term_id), _one_line(document.get("description")))


def _one_line(told: object) -> str:
    """A text, or the first of several, without line breaks."""
    if isinstance(told, list):
        told = told[0] if told else ""
    return " ".join(told.split()) if isinstance(told, str) else ""


class _Kept:
    """The latest answers, each for a while."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, tuple[float, tuple[LiveTerm, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> tuple[LiveTerm, ...] | None:
        with self._lock:
            since, found = self._answers.get(key, (0.0, ()))
            if key not in self._answers or time.monotonic() - since > _KEPT_SECONDS:
                return None
            self._answers.move_to_end(key)
            return found

    def put(self, key: str, found: tuple[LiveTerm, ...]) -> None:
        with self._lock:
            self._answers[key] = (time.monotonic(), found)
            self._answers.move_to_end(key)
            while len(self._answers) > _KEPT_ANSWERS:
                self._answers.popitem(last=False)


@lru_cache(maxsize=1)
def live_lookup() -> LiveLookup | None:
    """The lookup of this installation; ``None`` where it is switched off."""
    return LiveLookup(settings().ols_url) if settings().live_lookup and settings().ols_url else None
