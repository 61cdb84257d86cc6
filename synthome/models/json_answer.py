"""The contract's JSON download, read sample by sample while it comes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from itertools import repeat
from typing import Any

import numpy as np
import numpy.typing as npt
import requests

from synthome.errors import AnswerError, QueryError, SynthomeError
from synthome.models.answer import Answer, gene_names
from synthome.models.count_matrix import CountMatrix, Counts, as_counts
from synthome.models.exchange import parts_of
from synthome.models.failures import CutOff
from synthome.models.json_stream import JsonStream, NotJson
from synthome.models.service_words import said_in
from synthome.models.wire import Service

__all__ = ["JsonDownload"]

Places = npt.NDArray[np.int32]
"""Positions of genes in a row."""


class JsonDownload:
    """Reads the answer of ``service`` for ``samples`` samples; ``received`` counts those that have come.

    Counts may be a list, ``{"counts": list}`` or a mapping from gene to count, in which a gene that is left out counts
    zero. The keys of the answer may come in any order. For every attempt to download, ``read`` begins afresh.
    """

    def __init__(self, service: Service, samples: int) -> None:
        self._service = service
        self._samples = samples
        self.received = 0

    def read(self, response: requests.Response, abandoned: threading.Event) -> Answer:
        """The whole answer; ``AnswerError`` where it is not as agreed, ``CutOff`` where its end is missing."""
        self.received = 0
        try:
            return self._read(JsonStream(parts_of(response, abandoned)))
        except NotJson as error:
            cut_off, page = error.cut_off, error.page
        if cut_off:
            raise CutOff
        raise self._service.web_page() if page else self._unreadable("It is empty, or not as agreed.")

    def _read(self, stream: JsonStream) -> Answer:
        about: dict[str, Any] = {}
        rows: _Rows | None = None
        for key in stream.keys():  # noqa: SIM118 - no mapping: it reads on
            if key == "outputs" and rows is None and stream.peek() == "[":
                rows = _Rows(self._service, self._samples, about)
                for output in stream.items():
                    rows.add(output if isinstance(output, dict) else {})
                    self.received = len(rows.metadata)
            else:
                about[key] = self._service.hide(stream.value())
        if rows is None:
            raise self._without_samples(about)
        return rows.answer(about)

    def _without_samples(self, about: Mapping[str, Any]) -> SynthomeError:
        said = said_in(about, self._service.clean)
        if said.faults:
            return QueryError(said.faults)
        return self._unreadable(f"It says: {said.sentence}" if said.sentence else "It holds no samples as agreed.")

    def _unreadable(self, why: str) -> AnswerError:
        return AnswerError(f"The answer of {self._service.name} cannot be read. {why} Try again.")


class _Rows:
    """The samples as they come. What is known ``about`` them beforehand may name the genes, or that comes last."""

    def __init__(self, service: Service, samples: int, about: Mapping[str, Any]) -> None:
        self._service = service
        self._genes = gene_names(about["gene_order"]) if "gene_order" in about else None
        self._place = {gene: index for index, gene in enumerate(self._genes or ())}
        self._counts = CountMatrix(samples, len(self._genes) if self._genes else None)
        self._waiting: list[tuple[Places, Counts]] = []
        self._named: list[str] = []
        self._named_places: Places = np.empty(0, dtype=np.int32)
        self.metadata: list[Mapping[str, Any]] = []
        self._latents: list[Mapping[str, Any]] = []
        self._probabilities: list[Mapping[str, Any]] = []

    def add(self, output: Mapping[str, Any]) -> None:
        """Take in one entry of ``outputs``."""
        decoded = output.get("decoder_sample")
        counts = decoded.get("counts") if isinstance(decoded, dict) else output.get("counts")
        if isinstance(counts, dict) and isinstance(counts.get("counts"), list):
            counts = counts["counts"]
        if isinstance(counts, list) and not self._waiting:
            self._counts.add(as_counts(counts))
        elif isinstance(counts, dict):
            self._add_by_gene(counts)
        else:
            message = "A sample of the answer has no counts. Try again; if it stays so, report it to the service."
            raise AnswerError(message)
        self.metadata.append(self._object(output.get("metadata")))
        self._latents.append(self._object(output.get("latents")))
        if isinstance(output.get("classifier_probs"), dict):
            self._probabilities.append(self._object(output["classifier_probs"]))

    def answer(self, about: Mapping[str, Any]) -> Answer:
        """The whole answer, once everything has come."""
        genes = gene_names(about.get("gene_order"))
        if self._waiting:
            self._place_waiting(genes)
        declared = about.get("model_id")
        return Answer(
            gene_order=genes,
            model_version=str(about.get("model_version") or "unknown"),
            counts=self._counts.whole(len(genes)),
            metadata=self.metadata,
            latents=self._latents,
            classifier_probs=self._probabilities,
            model_id=declared if isinstance(declared, str) else None,
        )

    def _add_by_gene(self, counts: Mapping[str, Any]) -> None:
        given = as_counts(list(counts.values()))
        places = self._places_of(list(counts))
        if self._genes is not None:
            self._counts.add(_row(len(self._genes), places, given))
            return
        self._counts.check_room(len(self._waiting) + 1)
        self._waiting.append((places, given))

    def _places_of(self, named: list[str]) -> Places:
        """Where the genes ``named`` stand in a row; before their order is told, where they came first."""
        # Many services name the same genes in every sample.
        if named != self._named:
            if self._genes is None:
                places = [self._place.setdefault(gene, len(self._place)) for gene in named]
            else:
                places = list(map(self._place.get, named, repeat(-1)))
                self._check_known(named, places)
            self._named, self._named_places = named, np.array(places, dtype=np.int32)
        return self._named_places

    def _place_waiting(self, genes: list[str]) -> None:
        """Rows that came before the order of their genes was told."""
        seen = list(self._place)
        self._place = {gene: index for index, gene in enumerate(genes)}
        known = list(map(self._place.get, seen, repeat(-1)))
        self._check_known(seen, known)
        where = np.array(known, dtype=np.int32)
        while self._waiting:
            places, given = self._waiting.pop(0)
            self._counts.add(_row(len(genes), where[places], given))

    def _check_known(self, named: list[str], places: list[int]) -> None:
        """Refuse a gene that has no place."""
        if -1 in places:
            shown = self._service.clean(named[places.index(-1)])[:40]
            message = f"The answer counts {shown}, which is not among its genes. Report it to the service."
            raise AnswerError(message)

    def _object(self, value: object) -> dict[str, Any]:
        return self._service.hide(value) if isinstance(value, dict) else {}


def _row(genes: int, places: Places, given: Counts) -> Counts:
    row = np.zeros(genes, dtype=given.dtype)
    row[places] = given
    return row
