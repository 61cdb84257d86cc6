"""Samples that a workspace brought are found again as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from synthome.runs.sample_drafts import MAX_KEPT_BYTES, SampleDrafts
from synthome.samples import FileContent

MINE, ANOTHER = "m" * 32, "a" * 32
VALUES = np.array([[3.0, 0.0, 7.25], [0.0, 1.0, 2.0]])


def content(values: object = VALUES) -> FileContent:
    groupings = {"donor": ("d1", "d2")}
    return FileContent(("TP53", "ALB", "Ångström"), ("a,b", "=c"), values, "expected counts", ("A note.",), groupings)


@pytest.mark.parametrize("values", [VALUES, sparse.csr_matrix(VALUES)])
def test_samples_are_found_again_as_they_were(tmp_path: Path, values: object) -> None:
    drafts = SampleDrafts(tmp_path)
    assert drafts.save_content(MINE, content(values))
    found = SampleDrafts(tmp_path).load_content(MINE)
    assert found is not None
    assert type(found.values) is type(values)
    dense = found.values.toarray() if sparse.issparse(found.values) else found.values
    assert dense.tolist() == VALUES.tolist()
    given = content()
    assert (found.genes, found.samples, found.kind, found.notes) == (
        given.genes, given.samples, given.kind, given.notes,
    )  # fmt: skip
    assert dict(found.groupings) == dict(given.groupings)


def test_another_workspace_does_not_find_them(tmp_path: Path) -> None:
    drafts = SampleDrafts(tmp_path)
    drafts.save_content(MINE, content())
    drafts.save_choices(MINE, {"source": "mine.csv"})
    assert drafts.load_content(ANOTHER) is None
    assert drafts.load_choices(ANOTHER) is None


def test_what_is_too_large_is_not_kept_and_replaces_what_was(tmp_path: Path) -> None:
    drafts = SampleDrafts(tmp_path)
    drafts.save_content(MINE, content())
    large = np.zeros((2, MAX_KEPT_BYTES // 16 + 1))
    genes = tuple(map(str, range(large.shape[1])))
    assert not drafts.save_content(MINE, FileContent(genes, ("a", "b"), large, "counts"))
    assert drafts.load_content(MINE) is None


def test_samples_can_be_forgotten(tmp_path: Path) -> None:
    drafts = SampleDrafts(tmp_path)
    drafts.save_content(MINE, content())
    drafts.forget_content(MINE)
    assert drafts.load_content(MINE) is None


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 cut off", b"no archive at all"])
def test_a_damaged_file_is_no_sample_and_no_crash(tmp_path: Path, damage: bytes) -> None:
    drafts = SampleDrafts(tmp_path)
    drafts.save_content(MINE, content())
    next(tmp_path.glob("*.npz")).write_bytes(damage)
    assert drafts.load_content(MINE) is None


def test_a_file_cut_off_in_its_middle_is_no_sample_and_no_crash(tmp_path: Path) -> None:
    drafts = SampleDrafts(tmp_path)
    drafts.save_content(MINE, content())
    path = next(tmp_path.glob("*.npz"))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert drafts.load_content(MINE) is None
