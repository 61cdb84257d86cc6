"""Building the index in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthome.errors import OntologyError
from synthome.ontology import open_index
from synthome.ontology.index_process import write_index_apart
from synthome.ontology.snapshot import Snapshot


def test_an_index_built_apart_finds_what_one_built_here_finds(small_snapshot: Path, tmp_path: Path) -> None:
    steps: list[tuple[float, str]] = []
    with (
        open_index(snapshot_dir=small_snapshot, index_path=tmp_path / "here.sqlite") as here,
        open_index(
            lambda fraction, activity: steps.append((fraction, activity)),
            snapshot_dir=small_snapshot,
            index_path=tmp_path / "apart.sqlite",
            apart=True,
        ) as apart,
    ):
        assert apart.counts == here.counts
        assert apart.search("liver") == here.search("liver") != []
    fractions = [fraction for fraction, _ in steps]
    assert len(fractions) > 3
    assert fractions == sorted(fractions)


def test_a_child_that_fails_is_told_in_its_own_words(small_snapshot: Path, tmp_path: Path) -> None:
    snapshot = Snapshot(small_snapshot)
    for file in small_snapshot.glob("*.xz"):
        file.write_bytes(b"damaged")
    with pytest.raises(OntologyError, match=r"could not be built: The ontology snapshot file .* is damaged"):
        write_index_apart(tmp_path / "index.sqlite", snapshot, lambda *_: None)
