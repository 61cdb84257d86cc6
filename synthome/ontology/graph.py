"""Walking the graph of an ontology: upwards, downwards, and to the nearest of some terms.

Ids may be spelled in any way that :func:`~synthome.ontology.terms.normalise_id` reads; those returned are in the
contract's spelling. An id that is unknown or obsolete has no relatives.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from synthome.ontology.terms import normalise_id

__all__ = ["Graph", "Relation", "Relative"]

Relation = Literal["same", "ancestor", "descendant", "sibling"]

_CACHED_TERMS = 4096

_STEP = {
    "up": "SELECT DISTINCT parent FROM edge WHERE child IN (SELECT value FROM json_each(?)) ORDER BY parent",
    "down": "SELECT DISTINCT child FROM edge WHERE parent IN (SELECT value FROM json_each(?)) ORDER BY child",
}


@dataclass(frozen=True, slots=True)
class Relative:
    """A term related to another.

    ``distance`` counts the edges between both, over ``via``, the nearest ancestor that they share (one of both, where
    one descends from the other). ``similarity`` is the share of their ancestors that they have in common, each counted
    as its own ancestor (the index of Jaccard; "simUI" in Gentleman's GOstats): 1 for the same term, near 0 for terms
    that meet at the root only.
    """

    id: str
    relation: Relation
    distance: int
    via: str
    similarity: float


class Graph:
    """The edges of all ontologies; ``reading`` lends a connection to the index."""

    def __init__(self, reading: Callable[[], AbstractContextManager[sqlite3.Connection]]) -> None:
        self._reading = reading
        self._closure = lru_cache(_CACHED_TERMS)(self._read_closure)

    def parents(self, term_id: str) -> tuple[str, ...]:
        """The direct parents, by id."""
        return tuple(self._walk(term_id, "up", deepest=1))

    def children(self, term_id: str) -> tuple[str, ...]:
        """The direct children, by id."""
        return tuple(self._walk(term_id, "down", deepest=1))

    def ancestors(self, term_id: str) -> dict[str, int]:
        """Every ancestor with the least number of edges to it, nearest first; not the term itself."""
        normal = normalise_id(term_id)
        return {ancestor: steps for ancestor, steps in self._closure(normal).items() if steps}

    def descendants(self, term_id: str, limit: int | None = None) -> dict[str, int]:
        """Descendants with the least number of edges to each, nearest first, at most ``limit`` of them."""
        return self._walk(term_id, "down", most=limit)

    def ways_up(self, term_id: str) -> list[tuple[str, ...]]:
        """For each direct parent the shortest way to it from a term without parents, both included; shortest first."""
        above = self.ancestors(term_id)
        parents = {ancestor: self.parents(ancestor) for ancestor in above}
        children: dict[str, list[str]] = {}
        for child, direct in parents.items():
            for parent in direct:
                children.setdefault(parent, []).append(child)
        level = sorted(ancestor for ancestor, direct in parents.items() if not direct)
        ways: dict[str, tuple[str, ...]] = {root: (root,) for root in level}
        while level:
            reached = [(child, ways[parent]) for parent in level for child in sorted(children.get(parent, ()))]
            level = []
            for child, way in reached:
                if child not in ways:
                    ways[child] = (*way, child)
                    level.append(child)
        found = [ways[ancestor] for ancestor, distance in above.items() if distance == 1 and ancestor in ways]
        return sorted(found, key=lambda way: (len(way), way))

    def nearest(
        self, term_id: str, candidates: Collection[str], limit: int | None = None, max_distance: int | None = None
    ) -> list[Relative]:
        """Those of ``candidates`` that are related to a term, the most similar first, equal ones by distance.

        Related are the term itself, its ancestors and descendants, and every term that shares an ancestor with it: in
        most ontologies that is all of them, by way of the root, so look at ``similarity`` and ``distance``. Similarity
        orders better than distance: few edges lie between a lobule of the liver and the brain by way of "organ part".
        Ancestors of candidates are kept in memory: the first call with a hundred candidates takes 25 ms, later ones 1.
        """
        own = self._closure(normalise_id(term_id))
        found = (self._relative(own, normal) for normal in dict.fromkeys(map(normalise_id, candidates)) if normal)
        near = [
            relative
            for relative in found
            if relative is not None and (max_distance is None or relative.distance <= max_distance)
        ]
        near.sort(key=lambda relative: (-relative.similarity, relative.distance, relative.id))
        return near[:limit]

    def _relative(self, own: Mapping[str, int], candidate: str) -> Relative | None:
        other = self._closure(candidate)
        shared = own.keys() & other.keys()
        if not shared:
            return None
        via = min(shared, key=lambda ancestor: (own[ancestor] + other[ancestor], own[ancestor], ancestor))
        return Relative(
            id=candidate,
            relation=_relation(own[via], other[via]),
            distance=own[via] + other[via],
            via=via,
            similarity=len(shared) / len(own.keys() | other.keys()),
        )

    def _read_closure(self, term_id: str | None) -> Mapping[str, int]:
        """A term and its ancestors with their distances; empty where there is no such term."""
        if term_id is None:
            return MappingProxyType({})
        with self._reading() as database:
            if _number(database, term_id) is None:
                return MappingProxyType({})
        return MappingProxyType({term_id: 0} | self._walk(term_id, "up"))

    def _walk(
        self, term_id: str, direction: Literal["up", "down"], deepest: int | None = None, most: int | None = None
    ) -> dict[str, int]:
        """Breadth-first from a term, in the order of distance, then of ids."""
        distances: dict[int, int] = {}
        with self._reading() as database:
            start = _number(database, normalise_id(term_id))
            level = [] if start is None else [start]
            seen = set(level)
            steps = 0
            while level and (deepest is None or steps < deepest) and (most is None or len(distances) < most):
                steps += 1
                reached = database.execute(_STEP[direction], (json.dumps(level),))
                level = [number for (number,) in reached if number not in seen]
                seen.update(level)
                distances.update(dict.fromkeys(level, steps))
            numbers = list(distances)[:most]
            ids = dict(database.execute(_IDS, (json.dumps(numbers),)).fetchall())
        return {ids[number]: distances[number] for number in numbers}


_IDS = "SELECT number, id FROM term WHERE number IN (SELECT value FROM json_each(?))"


def _number(database: sqlite3.Connection, term_id: str | None) -> int | None:
    row = database.execute("SELECT number FROM term WHERE id = ?", (term_id,)).fetchone()
    return None if row is None else int(row[0])


def _relation(up: int, down: int) -> Relation:
    if up and down:
        return "sibling"
    if up:
        return "ancestor"
    return "descendant" if down else "same"
