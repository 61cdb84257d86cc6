"""A design goes through a link and comes out as it was."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthome.errors import QueryError
from synthome.query.design_links import design_from_link, design_to_link
from synthome.query.designs import Design, DesignCondition
from synthome.query.examples import EXAMPLES, Example


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.slug)
def test_every_example_goes_through_a_link(example: Example) -> None:
    text = design_to_link(example.design)
    assert text is not None
    assert design_from_link(text).to_json() == example.design.to_json()


def test_a_link_is_made_of_letters_that_need_no_quoting() -> None:
    text = design_to_link(EXAMPLES[0].design)
    assert text is not None
    assert all(letter.isalnum() or letter in "-_" for letter in text)


def test_a_design_that_no_link_can_carry_is_told() -> None:
    assert design_to_link(Design((DesignCondition(name="".join(map(chr, range(1000, 12000)))),))) is None


@given(st.text(max_size=200))
def test_whatever_stands_in_a_link_is_read_or_refused_in_words(text: str) -> None:
    with pytest.raises(QueryError):
        design_from_link(text)


def test_a_cut_link_is_refused() -> None:
    text = design_to_link(EXAMPLES[0].design)
    assert text is not None
    with pytest.raises(QueryError, match="cut off"):
        design_from_link(text[: len(text) // 2])


def test_what_would_fill_the_memory_is_refused() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b" " * 50_000_000)).decode()
    with pytest.raises(QueryError, match="cannot be read"):
        design_from_link(bomb)
