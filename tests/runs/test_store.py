"""Past runs and drafts on disk."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthome.errors import FieldError, RunNotFoundError
from synthome.models.protocol import Progress
from synthome.prediction import Prediction
from synthome.runs import DraftStore, Run, RunError, RunState, RunStore
from synthome.runs.run import read_run, write_run
from synthome.runs.store import check_name
from tests.models_for_tests import SmallModel, liver_query

ROOM = 10**9
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _run(run_id: str = "one", minutes: int = 0, workspace: str = "ada", state: RunState = RunState.DONE) -> Run:
    return Run(
        id=run_id,
        workspace=workspace,
        title=f"Run {run_id}",
        model_id="gem-1-bulk",
        answerer="embedded",
        query=liver_query(),
        condition_names=("Liver", "Carcinoma"),
        state=state,
        progress=Progress(0, 6, "waiting"),
        created=START + timedelta(minutes=minutes),
    )


@pytest.fixture
def prediction() -> Prediction:
    return SmallModel().predict(liver_query())


@pytest.fixture
def keep(tmp_path: Path, prediction: Prediction) -> Callable[..., Run]:
    """Keep a whole run in ``tmp_path``."""

    def keep(*args: object, budget: int = ROOM, **kwargs: object) -> Run:
        store = RunStore(tmp_path, budget)
        run = _run(*args, **kwargs)  # type: ignore[arg-type]
        store.save(replace(run, state=RunState.RUNNING))
        store.save_prediction(run, prediction)
        store.save(run)
        return run

    return keep


def test_a_run_and_its_prediction_survive_a_restart_unchanged(
    tmp_path: Path, keep: Callable[..., Run], prediction: Prediction
) -> None:
    run = keep()
    loaded = RunStore(tmp_path, ROOM).load("ada", run.id)
    assert loaded == run
    again = loaded.prediction
    pd.testing.assert_frame_equal(again.expression, prediction.expression)
    pd.testing.assert_frame_equal(again.metadata, prediction.metadata)
    pd.testing.assert_frame_equal(again.latents, prediction.latents)
    pd.testing.assert_frame_equal(again.genes, prediction.genes)
    np.testing.assert_array_equal(again.condition, prediction.condition)
    assert again.provenance == prediction.provenance
    assert again.sample_names == prediction.sample_names
    assert again.condition_names == prediction.condition_names


def test_values_that_are_not_set_come_back_as_none(tmp_path: Path, keep: Callable[..., Run]) -> None:
    keep()
    metadata = RunStore(tmp_path, ROOM).prediction("ada", "one").metadata
    assert metadata["sex"].tolist() == [None, None, None, "male", "male", "male"]


def test_row_names_of_the_expression_are_kept(tmp_path: Path, prediction: Prediction) -> None:
    names = [f"s{row}" for row in range(6)]
    named = replace(prediction, expression=prediction.expression.set_axis(names), metadata=prediction.metadata)
    store = RunStore(tmp_path, ROOM)
    store.save(_run())
    store.save_prediction(_run(), named)
    assert list(store.prediction("ada", "one").expression.index) == names


def test_counts_stay_on_disk_until_they_are_needed(tmp_path: Path, keep: Callable[..., Run]) -> None:
    keep()
    array = RunStore(tmp_path, ROOM).prediction("ada", "one").expression.to_numpy()
    while type(array) is np.ndarray:
        array = array.base
    assert isinstance(array, np.memmap)


def test_everything_a_run_knows_is_written_and_read(prediction: Prediction) -> None:
    fault = FieldError("inputs.0.metadata.sex", "sex", "femal", "sex: 'femal'", "male or female", "female")
    run = replace(
        _run(),
        started=START,
        finished=START + timedelta(seconds=3),
        error=RunError("It failed.", (fault,)),
        provenance=prediction.provenance,
        num_genes=40,
    )
    assert read_run(write_run(run)) == run


def test_the_gene_table_is_written_once_for_all_runs_of_a_model(tmp_path: Path, keep: Callable[..., Run]) -> None:
    keep("one")
    keep("two", workspace="bob")
    assert len(list((tmp_path / ".genes").iterdir())) == 1


def test_another_gene_table_is_written_beside_the_first(
    tmp_path: Path, keep: Callable[..., Run], prediction: Prediction
) -> None:
    keep("one")
    store = RunStore(tmp_path, ROOM)
    other = replace(prediction, genes=prediction.genes.assign(symbol="X"))
    store.save(_run("two"))
    store.save_prediction(_run("two"), other)
    assert set(store.prediction("ada", "two").genes["symbol"]) == {"X"}
    assert store.prediction("ada", "one").genes["symbol"].iloc[0] == "GENE1"


def test_runs_are_listed_newest_first(tmp_path: Path, keep: Callable[..., Run]) -> None:
    for run_id, minutes in (("b", 1), ("c", 2), ("a", 0)):
        keep(run_id, minutes)
    assert [run.id for run in RunStore(tmp_path, ROOM).runs("ada")] == ["c", "b", "a"]
    assert RunStore(tmp_path, ROOM).runs("bob") == []


@pytest.mark.parametrize("state", [RunState.QUEUED, RunState.RUNNING])
def test_a_run_cut_off_by_the_end_of_its_process_is_told_as_interrupted(tmp_path: Path, state: RunState) -> None:
    RunStore(tmp_path, ROOM).save(_run(state=state))
    (run,) = RunStore(tmp_path, ROOM).runs("ada")
    assert run.state is RunState.FAILED
    assert "interrupted" in run.error.message


def test_renaming_changes_the_title_and_nothing_else(tmp_path: Path, keep: Callable[..., Run]) -> None:
    run = keep()
    store = RunStore(tmp_path, ROOM)
    store.rename("ada", run.id, "Livers")
    assert RunStore(tmp_path, ROOM).load("ada", run.id) == replace(run, title="Livers")


def test_a_deleted_run_is_gone_from_list_and_disk(tmp_path: Path, keep: Callable[..., Run]) -> None:
    keep("one")
    keep("two")
    store = RunStore(tmp_path, ROOM)
    store.delete("ada", "one")
    store.delete("ada", "one")
    assert [run.id for run in store.runs("ada")] == ["two"]
    assert [path.name for path in (tmp_path / "ada").iterdir()] == ["two"]
    with pytest.raises(RunNotFoundError, match="no run 'one'"):
        store.load("ada", "one")


def test_past_the_disk_budget_the_oldest_runs_go_first_whosever_they_are(
    tmp_path: Path, keep: Callable[..., Run]
) -> None:
    keep("old", 0, "bob")
    size = sum(-(-path.stat().st_size // 4096) * 4096 for path in (tmp_path / "bob").rglob("*") if path.is_file())
    keep("middle", 1)
    RunStore(tmp_path, ROOM).rename("bob", "old", "A new title does not make it young")
    keep("new", 2, budget=int(2.9 * size))
    store = RunStore(tmp_path, ROOM)
    assert store.runs("bob") == []
    assert [run.id for run in store.runs("ada")] == ["new", "middle"]


def test_a_run_larger_than_the_budget_is_kept_alone(tmp_path: Path, keep: Callable[..., Run]) -> None:
    keep("old", 0)
    keep("new", 1, budget=1)
    (run,) = RunStore(tmp_path, ROOM).runs("ada")
    assert run.id == "new"
    assert len(run.prediction.expression) == 6


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"id": "one"}', b"\xff\xfe", b"null"])
def test_a_damaged_run_is_left_out_with_a_warning_and_the_rest_is_listed(
    tmp_path: Path, keep: Callable[..., Run], content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    keep("good", 1)
    keep("one", 2)
    (tmp_path / "ada" / "one" / "run.json").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert [run.id for run in RunStore(tmp_path, ROOM).runs("ada")] == ["good"]
    assert "one cannot be read" in caplog.text


def test_a_run_copied_under_another_name_is_left_out(tmp_path: Path, keep: Callable[..., Run]) -> None:
    keep("one")
    (tmp_path / "bob").mkdir()
    (tmp_path / "ada" / "one").rename(tmp_path / "bob" / "one")
    assert RunStore(tmp_path, ROOM).runs("bob") == []


@pytest.mark.parametrize("name", ["expression.npy", "about.json", "metadata.parquet", "latents.parquet"])
@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_prediction_says_to_run_again(
    tmp_path: Path, keep: Callable[..., Run], name: str, damage: str
) -> None:
    keep()
    path = tmp_path / "ada" / "one" / "prediction" / name
    if damage == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        path.unlink()
    with pytest.raises(RunNotFoundError, match="gone or damaged; run its query again"):
        RunStore(tmp_path, ROOM).prediction("ada", "one")


def test_nothing_that_is_read_can_run_code(tmp_path: Path, keep: Callable[..., Run]) -> None:
    keep()
    np.save(tmp_path / "ada" / "one" / "prediction" / "condition.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(RunNotFoundError):
        RunStore(tmp_path, ROOM).prediction("ada", "one")


def test_what_a_crash_left_half_written_is_removed_at_the_next_start(tmp_path: Path, keep: Callable[..., Run]) -> None:
    keep()
    (tmp_path / "ada" / "one" / ".0a1b").mkdir()
    (tmp_path / "ada" / "one" / ".0a1b" / "expression.npy").write_bytes(b"half")
    (tmp_path / "ada" / "one" / ".run.json-0a1b").write_bytes(b"half")
    (tmp_path / "ada" / ".deleted").mkdir()
    long_ago = time.time() - 7200
    for remnant in (tmp_path / "ada").rglob(".*"):
        os.utime(remnant, (long_ago, long_ago))
    (tmp_path / "ada" / "one" / ".run.json-ffff").write_bytes(b"under way")
    store = RunStore(tmp_path, ROOM)
    assert [path.name for path in (tmp_path / "ada").rglob(".*")] == [".run.json-ffff"]
    assert len(store.runs("ada")) == 1


@given(st.text(max_size=80))
def test_a_name_that_passes_is_one_plain_part_of_a_path(name: str) -> None:
    try:
        checked = check_name("run", name)
    except RunNotFoundError:
        return
    assert Path("folder", checked).parent == Path("folder")
    assert checked not in {"", ".", ".."}
    assert checked.isascii()


@pytest.mark.parametrize("name", ["..", "../ada", "a/b", "a\\b", ".genes", "", "a\0b", "x" * 65, "ada\n"])
def test_no_name_leads_out_of_its_folder(tmp_path: Path, name: str) -> None:
    store, drafts = RunStore(tmp_path / "runs", ROOM), DraftStore(tmp_path / "drafts")
    for call in (
        lambda: store.load("ada", name),
        lambda: store.load(name, "one"),
        lambda: store.runs(name),
        lambda: store.delete(name, "one"),
        lambda: store.save(_run(run_id=name)),
        lambda: drafts.save_draft(name, {}),
        lambda: drafts.load_draft(name),
    ):
        with pytest.raises(RunNotFoundError):
            call()
    assert not list(tmp_path.rglob("*.json"))


def test_a_draft_comes_back_as_it_was_after_a_restart(tmp_path: Path) -> None:
    draft = {"conditions": [{"name": "Leber, größer", "num_samples": 3}], "seed": None}
    DraftStore(tmp_path).save_draft("ada", draft)
    assert DraftStore(tmp_path).load_draft("ada") == draft
    assert DraftStore(tmp_path).load_draft("bob") is None


def test_a_draft_that_is_no_json_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    drafts = DraftStore(tmp_path)
    drafts.save_draft("ada", {"seed": 1})
    for wrong in ({"x": object()}, {"x": float("nan")}):
        with pytest.raises((TypeError, ValueError)):
            drafts.save_draft("ada", wrong)
    assert drafts.load_draft("ada") == {"seed": 1}


@pytest.mark.parametrize("content", ["", "{", "[1]", '"text"'])
def test_a_damaged_draft_is_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "ada.json").write_text(content)
    assert DraftStore(tmp_path).load_draft("ada") is None


def test_a_deleted_draft_is_gone(tmp_path: Path) -> None:
    drafts = DraftStore(tmp_path)
    drafts.save_draft("ada", {"seed": 1})
    drafts.delete_draft("ada")
    drafts.delete_draft("ada")
    assert drafts.load_draft("ada") is None


def test_run_json_can_be_read_by_people(tmp_path: Path, keep: Callable[..., Run]) -> None:
    keep()
    content = json.loads((tmp_path / "ada" / "one" / "run.json").read_text())
    assert content["query"]["inputs"][0]["metadata"]["tissue_ontology_id"] == "UBERON:0002107"
    assert content["created"] == "2026-03-01T12:00:00Z"
