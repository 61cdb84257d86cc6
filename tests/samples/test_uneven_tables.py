"""A line that does not fit its table is named; commas within numbers are not taken for separators."""

from __future__ import annotations

import numpy as np
import pytest

from synthome.errors import SampleFileError
from synthome.samples import read_file

GENES = ["ACTB", "GAPDH", "TP53", "ALB", "KRAS", "EGFR"]


def lines(separator: str = ",", corner: str = "gene") -> list[str]:
    header = separator.join([corner, "a", "b"] if corner else ["a", "b"])
    return [header, *(separator.join((gene, str(place), str(10 * place))) for place, gene in enumerate(GENES))]


@pytest.mark.parametrize("place", range(1, len(GENES) + 1))
@pytest.mark.parametrize(("corner", "columns"), [("gene", 3), ("", 3)])
def test_a_line_with_a_cell_too_many_is_named_wherever_it_stands(place: int, corner: str, columns: int) -> None:
    table = lines(corner=corner)
    table[place] += ",7"
    with pytest.raises(SampleFileError, match=f"line {place + 1} has {columns + 1} cells, and there are {columns}"):
        read_file("\n".join(table).encode(), "x.csv")


@pytest.mark.parametrize("place", range(1, len(GENES) + 1))
def test_a_line_with_a_cell_too_few_is_named_by_its_gene(place: int) -> None:
    table = lines()
    table[place] = table[place].rpartition(",")[0]
    with pytest.raises(SampleFileError, match=f"cell of “{GENES[place - 1]}” under “b” is empty"):
        read_file("\n".join(table).encode(), "x.csv")


def test_a_line_too_long_far_down_is_named() -> None:
    table = [*lines(), *(f"GENE{place},1,2" for place in range(100)), "LAST,1,2,3"]
    with pytest.raises(SampleFileError, match=f"line {len(table)}, saw 4"):
        read_file("\n".join(table).encode(), "x.csv")


def test_a_separator_that_ends_each_line_makes_no_sample() -> None:
    content = read_file("\n".join(f"{line}," for line in lines()).encode(), "x.csv")
    assert content.samples == ("a", "b")
    content = read_file("\n".join([lines()[0], *(f"{line}," for line in lines()[1:])]).encode(), "x.csv")
    assert content.samples == ("a", "b")


@pytest.mark.parametrize("corner", ["gene", ""])
@pytest.mark.parametrize("separator", [" ", "\t", ";"])
def test_decimal_commas_between_other_separators_are_no_separators(separator: str, corner: str) -> None:
    table = [line + (",5" if place else "") for place, line in enumerate(lines(separator, corner))]
    table = [
        line.replace(f"{separator}{place - 1}{separator}", f"{separator}{place - 1},25{separator}", 1)
        for place, line in enumerate(table)
    ]
    content = read_file("\n".join(table).encode(), "x.txt")
    assert content.samples == ("a", "b")
    assert np.asarray(content.values).tolist() == [
        [place + 0.25 for place in range(len(GENES))],
        [10 * place + 0.5 for place in range(len(GENES))],
    ]
