"""The graph knows what is part of what, and who is nearest to whom."""

from __future__ import annotations

from itertools import pairwise

import pytest

from synthome.ontology import TermIndex

LIVER, LOBULE, DIGESTIVE = "UBERON:0002107", "UBERON:0004647", "UBERON:0001007"
T_CELL, CD4, CD8, LYMPHOCYTE, NEURON = "CL:0000084", "CL:0000624", "CL:0000625", "CL:0000542", "CL:0000540"


def test_parts_of_the_liver_descend_from_it_and_it_from_the_digestive_system(index: TermIndex) -> None:
    assert LIVER in index.graph.ancestors(LOBULE)
    assert LOBULE in index.graph.descendants(LIVER)
    assert index.graph.ancestors(LIVER)[DIGESTIVE] == 1
    assert DIGESTIVE in index.graph.parents(LIVER)


@pytest.mark.parametrize("term_id", [LIVER, T_CELL, "MONDO:0004975", "CHEBI:15365"])
def test_parents_are_those_of_the_term_and_its_ancestors_at_distance_1(term_id: str, index: TermIndex) -> None:
    term = index.term(term_id)
    assert term is not None
    assert set(index.graph.parents(term_id)) == set(term.parents)
    ancestors = index.graph.ancestors(term_id)
    assert {ancestor for ancestor, distance in ancestors.items() if distance == 1} == set(term.parents)
    assert all(term_id in index.graph.children(parent) for parent in term.parents)


def test_ancestors_and_descendants_come_nearest_first_without_the_term_itself(index: TermIndex) -> None:
    for found in (index.graph.ancestors(CD4), index.graph.descendants(LYMPHOCYTE)):
        assert list(found.values()) == sorted(found.values())
    assert T_CELL not in index.graph.ancestors(T_CELL)
    assert LYMPHOCYTE not in index.graph.descendants(LYMPHOCYTE)


def test_distances_upwards_and_downwards_agree(index: TermIndex) -> None:
    below = index.graph.descendants(LYMPHOCYTE)
    assert len(below) > 100
    assert all(index.graph.ancestors(term_id)[LYMPHOCYTE] == steps for term_id, steps in list(below.items())[::10])


@pytest.mark.parametrize("term_id", [LIVER, CD4, "CHEBI:15365", "MONDO:0007254"])
def test_there_is_a_way_up_through_every_parent_each_step_of_it_an_edge(term_id: str, index: TermIndex) -> None:
    ways = index.graph.ways_up(term_id)
    assert {way[-1] for way in ways} == set(index.graph.parents(term_id))
    assert [len(way) for way in ways] == sorted(len(way) for way in ways)
    for way in ways:
        assert index.graph.parents(way[0]) == ()
        assert all(above in index.graph.parents(below) for above, below in pairwise((*way, term_id)))


def test_a_root_and_a_term_without_a_graph_have_no_ways_up(index: TermIndex) -> None:
    assert index.graph.ways_up("CL:0000000") == []
    assert index.graph.ways_up("CVCL_0030") == []
    assert index.graph.ways_up("nonsense") == []


def test_no_more_descendants_come_than_asked_for_the_nearest_ones(index: TermIndex) -> None:
    every = index.graph.descendants(LYMPHOCYTE)
    assert list(index.graph.descendants(LYMPHOCYTE, limit=7).items()) == list(every.items())[:7]


def test_the_nearest_candidates_come_first_with_their_relation_and_distance(index: TermIndex) -> None:
    found = index.graph.nearest(CD4, [NEURON, LYMPHOCYTE, T_CELL, CD4, CD8])
    assert [relative.id for relative in found] == [CD4, CD8, T_CELL, LYMPHOCYTE, NEURON]
    assert [relative.relation for relative in found] == ["same", "sibling", "ancestor", "ancestor", "sibling"]
    assert [relative.distance for relative in found] == [
        0,
        2,
        index.graph.ancestors(CD4)[T_CELL],
        index.graph.ancestors(CD4)[LYMPHOCYTE],
        found[-1].distance,
    ]
    assert found[0].similarity == 1.0
    assert found[-1].similarity < 0.3


def test_a_part_of_an_organ_is_nearer_to_its_organ_than_to_others(index: TermIndex) -> None:
    organs = ["UBERON:0000955", "UBERON:0002113", LIVER]
    assert [relative.id for relative in index.graph.nearest(LOBULE, organs)] == [LIVER, *organs[1::-1]]


def test_a_descendant_among_the_candidates_is_told_as_one(index: TermIndex) -> None:
    (relative,) = index.graph.nearest(T_CELL, [CD4])
    assert relative.relation == "descendant"
    assert relative.via == T_CELL
    assert relative.distance == index.graph.ancestors(CD4)[T_CELL]


def test_the_farthest_and_the_number_of_relatives_can_be_bounded(index: TermIndex) -> None:
    candidates = [NEURON, LYMPHOCYTE, T_CELL]
    assert len(index.graph.nearest(CD4, candidates, limit=1)) == 1
    assert all(relative.distance <= 3 for relative in index.graph.nearest(CD4, candidates, max_distance=3))


@pytest.mark.parametrize("term_id", ["CL:9999999", "no id", "CVCL_0030", "CHEBI:1"])
def test_unknown_obsolete_and_solitary_terms_have_no_relatives(term_id: str, index: TermIndex) -> None:
    assert index.graph.parents(term_id) == index.graph.children(term_id) == ()
    assert index.graph.ancestors(term_id) == index.graph.descendants(term_id) == {}
    assert index.graph.nearest(term_id, [T_CELL, LIVER]) == []


def test_terms_of_different_ontologies_are_not_related(index: TermIndex) -> None:
    assert index.graph.nearest(LIVER, [T_CELL]) == []
