"""JSON that comes in parts is read as the whole would be, and never stands in memory whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthome.models.json_stream import JsonStream, NotJson

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(st.text(max_size=4), values, max_size=5)


def _parts(text: bytes, size: int) -> Iterator[bytes]:
    return (text[start : start + size] for start in range(0, len(text), size))


def _read(parts: Iterator[bytes]) -> dict[str, Any]:
    stream = JsonStream(parts)
    return {key: list(stream.items()) if stream.peek() == "[" else stream.value() for key in stream.keys()}  # noqa: SIM118


@given(objects, st.integers(1, 40), st.sampled_from([None, 1]), st.booleans())
def test_any_object_in_any_parts_is_read_as_json_reads_it(
    whole: dict[str, Any], size: int, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(whole, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    if "\\ud" in json.dumps(whole):
        return  # half a character is no UTF-8
    assert _read(_parts(text, size)) == whole


@given(st.dictionaries(st.text(max_size=4), values, min_size=1, max_size=3), st.data())
def test_an_object_that_ends_too_soon_is_cut_off_wherever_it_ends(whole: dict[str, Any], data: st.DataObject) -> None:
    text = json.dumps(whole).encode()
    cut = data.draw(st.integers(1, len(text) - 1))
    with pytest.raises(NotJson) as caught:
        _read(_parts(text[:cut], 7))
    assert caught.value.cut_off


@pytest.mark.parametrize(
    "text", [b"[1]", b"3", b"{1: 2}", b"{'a': 1}", b'{"a" 1}', b'{"a": 1;}', b"\xff\xfe", b'{"a": \xff}']
)
def test_what_is_no_json_object_is_none(text: bytes) -> None:
    with pytest.raises(NotJson) as caught:
        _read(iter([text + b" " * 100]))
    assert not caught.value.page


def test_a_page_is_known_for_one() -> None:
    with pytest.raises(NotJson) as caught:
        _read(iter([b"\n <!DOCTYPE html>"]))
    assert caught.value.page


def test_a_number_is_not_taken_before_its_end_has_come() -> None:
    assert _read(iter([b'{"a": 1', b"2", b'3.5, "b": [4', b"5]", b"}"])) == {"a": 123.5, "b": [45]}


def test_a_mark_of_byte_order_does_no_harm() -> None:
    assert _read(iter([b"\xef\xbb", b'\xbf{"a": 1}'])) == {"a": 1}


def test_text_that_was_read_is_let_go() -> None:
    sample = b"[" + b"1," * 5_000 + b"1]"
    rows = 500

    def parts() -> Iterator[bytes]:
        yield b'{"rows": ['
        for row in range(rows):
            yield (b"," if row else b"") + sample
        yield b"]}"

    stream = JsonStream(parts())
    longest = 0
    for _ in stream.keys():  # noqa: SIM118
        for _ in stream.items():
            longest = max(longest, len(stream._text))
    assert longest < 4 * len(sample) < rows * len(sample)
