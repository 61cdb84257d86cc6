"""Names are folded alike on both sides of a comparison."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from synthome.ontology.names import fold, fold_all, singular, singular_all, squash

_NAMES = st.lists(st.text(max_size=20), max_size=8)


@given(_NAMES)
def test_many_names_are_folded_as_each_of_them_alone(names: list[str]) -> None:
    assert fold_all(names) == [fold(name) for name in names]


@given(_NAMES)
def test_plural_endings_of_many_names_are_taken_off_as_those_of_each_alone(names: list[str]) -> None:
    folded = fold_all(names)
    assert singular_all(folded) == [singular(name) for name in folded]


@given(st.text(max_size=40))
def test_a_folded_name_is_words_of_letters_and_digits_with_single_spaces(name: str) -> None:
    folded = fold(name)
    assert folded == " ".join(folded.split())
    assert all(character.isalnum() or character == " " for character in folded)


@given(st.text(st.sampled_from("abcXYZ019"), min_size=1), st.sampled_from(["", " ", "-", "  ", "/", ", "]))
def test_case_spaces_and_hyphens_make_no_difference_to_a_squashed_name(name: str, between: str) -> None:
    assert squash(fold(between.join(name.swapcase()))) == squash(fold(name))
