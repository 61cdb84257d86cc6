"""Groups of samples that a user has named."""

from __future__ import annotations

from pathlib import Path

import pytest

from synthome.errors import RunNotFoundError, SynthomeError
from synthome.query import read_query
from synthome.runs import Runner, RunStore, SampleGroups, model_for

WORKSPACE = "w" * 32
QUERY = {"sampling_strategy": "mean estimation", "seed": 1, "inputs": [{"metadata": {"sex": "male"}, "num_samples": 3}]}


def test_a_sample_is_in_one_group_only_and_a_group_left_empty_is_gone() -> None:
    groups = SampleGroups.none(3).named([0], "Old").named([0, 1], "  New \n one ")
    assert groups.names == ("New one",)
    assert groups.without("New one").names == ()


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\x00b"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(SynthomeError, match="1 to 60 characters"):
        SampleGroups.none(2).named([0], name)


def test_samples_that_there_are_not_are_refused() -> None:
    with pytest.raises(SynthomeError, match="There are 2 samples"):
        SampleGroups.none(2).named([2], "A")


def test_groups_are_kept_beside_their_run_and_are_a_column_of_its_metadata(tmp_path: Path) -> None:
    runner = Runner(RunStore(tmp_path, 10**9))
    try:
        run = runner.submit(WORKSPACE, read_query(QUERY), model_for("gem-1-bulk"))
        run = runner.wait(WORKSPACE, run.id, 60)
        assert runner.sample_groups(WORKSPACE, run.id).names == ()
        runner.set_sample_groups(WORKSPACE, run.id, SampleGroups.none(3).named([1], "Odd"))
    finally:
        runner.close()
    again = Runner(RunStore(tmp_path, 10**9))
    try:
        groups = again.sample_groups(WORKSPACE, run.id)
        laid = groups.laid_over(again.prediction(WORKSPACE, run.id))
        assert list(laid.metadata["group"]) == [None, "Odd", None]
        assert "group" not in again.prediction(WORKSPACE, run.id).metadata
        again.delete(WORKSPACE, run.id)
        with pytest.raises(RunNotFoundError):
            again.set_sample_groups(WORKSPACE, run.id, groups)
    finally:
        again.close()


def test_groups_that_cannot_be_read_or_do_not_fit_are_left_out(tmp_path: Path) -> None:
    runner = Runner(RunStore(tmp_path, 10**9))
    try:
        run = runner.submit(WORKSPACE, read_query(QUERY), model_for("gem-1-bulk"))
        run = runner.wait(WORKSPACE, run.id, 60)
        path = tmp_path / WORKSPACE / run.id / "groups.json"
        for text in (b"{", b'{"a": 1}', b'["A"]'):
            path.write_bytes(text)
            assert runner.sample_groups(WORKSPACE, run.id) == SampleGroups.none(3)
    finally:
        runner.close()
