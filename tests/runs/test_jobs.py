"""Queries answered in the background."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from synthome.errors import AuthenticationError, RunNotFoundError, ServiceBusyError
from synthome.query import read_query
from synthome.runs import Run, Runner, RunState, RunStore
from tests.models_for_tests import SmallModel, liver_query

ROOM = 10**9


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs", ROOM)


@pytest.fixture
def runner(store: RunStore) -> Iterator[Runner]:
    runner = Runner(store, max_running=1, max_waiting=1)
    yield runner
    runner.close()


def _until(runner: Runner, run: Run, state: RunState) -> Run:
    end = time.monotonic() + 5
    while (run := runner.get(run.workspace, run.id)).state is not state and time.monotonic() < end:
        time.sleep(0.005)
    assert run.state is state
    return run


def test_a_run_ends_with_the_models_own_answer(runner: Runner) -> None:
    query = liver_query()
    run = runner.submit("ada", query, SmallModel())
    done = runner.wait("ada", run.id, 5)
    assert done.state is RunState.DONE
    pd.testing.assert_frame_equal(done.prediction.expression, SmallModel().predict(query).expression)
    assert done.num_genes == done.prediction.expression.shape[1]
    assert done.provenance == done.prediction.provenance
    assert done.progress.done == done.progress.total == query.num_samples
    assert done.created <= done.started <= done.finished


def test_the_users_condition_names_replace_the_models_and_name_the_samples(runner: Runner) -> None:
    run = runner.submit("ada", liver_query(2), SmallModel(), condition_names=["Liver", "Carcinoma"])
    assert run.title == "Liver and Carcinoma"
    prediction = runner.wait("ada", run.id, 5).prediction
    assert prediction.condition_names == ("Liver", "Carcinoma")
    assert prediction.sample_names == ("Liver 01", "Liver 02", "Carcinoma 01", "Carcinoma 02")


def test_names_for_another_number_of_conditions_are_refused(runner: Runner) -> None:
    with pytest.raises(ValueError, match="1 names were given for 2 conditions"):
        runner.submit("ada", liver_query(), SmallModel(), condition_names=["Liver"])


def test_a_run_is_found_only_with_its_workspace(runner: Runner) -> None:
    run = runner.submit("ada", liver_query(), SmallModel(seconds_per_sample=0.02))
    for workspace in ("bob", "..", "a/b", ""):
        with pytest.raises(RunNotFoundError):
            runner.get(workspace, run.id)
    assert runner.runs("bob") == []
    runner.wait("ada", run.id, 5)
    with pytest.raises(RunNotFoundError):
        runner.prediction("bob", run.id)


def test_a_prediction_in_memory_is_not_given_to_another_workspace(runner: Runner) -> None:
    run = runner.submit("ada", liver_query(), SmallModel())
    runner.wait("ada", run.id, 5)
    with pytest.raises(RunNotFoundError):
        runner.prediction("bob", run.id)


def test_progress_grows_and_foretells_the_time_left(runner: Runner) -> None:
    run = runner.submit("ada", liver_query(5), SmallModel(seconds_per_sample=0.03))
    seen = []
    while not (now := runner.get("ada", run.id)).state.finished:
        if now.seconds_left is not None:
            seen.append((now.progress.done, now.seconds_left))
        time.sleep(0.01)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    first_done, first_left = seen[0]
    assert first_left == pytest.approx(0.03 * (10 - first_done), rel=0.9)
    assert seen[-1][1] < first_left
    assert now.seconds_left is None


def test_a_running_run_is_cancelled_within_a_second_and_stays_on_record(runner: Runner, store: RunStore) -> None:
    run = runner.submit("ada", liver_query(500), SmallModel(seconds_per_sample=0.02))
    _until(runner, run, RunState.RUNNING)
    asked = time.monotonic()
    runner.cancel("ada", run.id)
    assert runner.wait("ada", run.id, 5).state is RunState.CANCELLED
    assert time.monotonic() - asked < 1
    assert store.load("ada", run.id).state is RunState.CANCELLED


def test_cancelling_frees_the_place_for_the_next_run(runner: Runner) -> None:
    slow = runner.submit("ada", liver_query(500), SmallModel(seconds_per_sample=0.02))
    _until(runner, slow, RunState.RUNNING)
    waiting = runner.submit("ada", liver_query(), SmallModel())
    assert waiting.state is RunState.QUEUED
    runner.cancel("ada", slow.id)
    assert runner.wait("ada", waiting.id, 1).state is RunState.DONE


def test_a_queued_run_that_is_cancelled_never_reaches_the_model(runner: Runner) -> None:
    slow = runner.submit("ada", liver_query(500), SmallModel(seconds_per_sample=0.02))
    _until(runner, slow, RunState.RUNNING)
    model = SmallModel()
    queued = runner.submit("ada", liver_query(), model)
    assert runner.cancel("ada", queued.id).state is RunState.CANCELLED
    runner.cancel("ada", slow.id)
    runner.wait("ada", runner.submit("ada", liver_query(), SmallModel()).id, 5)
    assert model.asked == 0


def test_a_model_that_does_not_listen_is_cancelled_all_the_same_and_its_answer_dropped(
    runner: Runner, store: RunStore
) -> None:
    run = runner.submit("ada", liver_query(2), SmallModel(seconds_per_sample=0.05, deaf=True))
    _until(runner, run, RunState.RUNNING)
    runner.cancel("ada", run.id)
    runner.wait("ada", runner.submit("ada", liver_query(), SmallModel()).id, 5)
    assert runner.get("ada", run.id).state is RunState.CANCELLED
    with pytest.raises(RunNotFoundError):
        store.prediction("ada", run.id)
    with pytest.raises(RunNotFoundError, match="has no result: the run is cancelled"):
        _ = runner.get("ada", run.id).prediction


def test_a_finished_run_cannot_be_cancelled(runner: Runner) -> None:
    run = runner.submit("ada", liver_query(), SmallModel())
    runner.wait("ada", run.id, 5)
    assert runner.cancel("ada", run.id).state is RunState.DONE


def test_a_full_queue_says_so_and_when_to_come_back(runner: Runner) -> None:
    slow = SmallModel(seconds_per_sample=0.05)
    first = runner.submit("ada", liver_query(500), slow)
    runner.submit("ada", liver_query(500), slow)
    with pytest.raises(ServiceBusyError, match="1 runs are under way and 1 more wait") as caught:
        runner.submit("ada", liver_query(), slow)
    assert caught.value.retry_after is not None
    runner.cancel("ada", first.id)
    runner.submit("ada", liver_query(), slow)


def test_a_refused_value_keeps_its_field(runner: Runner) -> None:
    body = liver_query().to_contract()
    body["inputs"][1]["metadata"]["genotype"] = "elephant"
    run = runner.submit("ada", read_query(body), SmallModel())
    failed = runner.wait("ada", run.id, 5)
    assert failed.state is RunState.FAILED
    assert [fault.path for fault in failed.error.fields] == ["inputs.1.metadata.genotype"]
    assert "elephant" in failed.error.message


def test_a_services_error_reaches_the_user_in_its_own_words(runner: Runner) -> None:
    refused = AuthenticationError("The API key was refused; give another one under Settings.")
    run = runner.submit("ada", liver_query(), SmallModel(failure=refused), answerer="hosted")
    failed = runner.wait("ada", run.id, 5)
    assert failed.error.message == str(refused)
    assert failed.answerer == "hosted"


def test_a_defect_in_a_model_is_told_in_a_sentence_and_traced_in_the_log(
    runner: Runner, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        run = runner.submit("ada", liver_query(), SmallModel(failure=ZeroDivisionError("in the decoder")))
        failed = runner.wait("ada", run.id, 5)
    assert failed.state is RunState.FAILED
    assert run.id in failed.error.message
    assert "decoder" not in failed.error.message
    assert "ZeroDivisionError: in the decoder" in caplog.text


def test_running_out_of_memory_says_to_ask_for_fewer_samples(runner: Runner) -> None:
    run = runner.submit("ada", liver_query(), SmallModel(failure=MemoryError()))
    assert "Ask for fewer" in runner.wait("ada", run.id, 5).error.message


def test_the_runner_goes_on_after_a_failure(runner: Runner) -> None:
    runner.submit("ada", liver_query(), SmallModel(failure=ZeroDivisionError()))
    run = runner.submit("ada", liver_query(), SmallModel())
    assert runner.wait("ada", run.id, 5).state is RunState.DONE


def test_a_run_can_be_renamed_while_it_runs_and_after(runner: Runner) -> None:
    run = runner.submit("ada", liver_query(), SmallModel(seconds_per_sample=0.02), title="First")
    assert runner.rename("ada", run.id, "  Second \n try ").title == "Second try"
    assert runner.wait("ada", run.id, 5).title == "Second try"
    assert runner.rename("ada", run.id, "Third").title == "Third"
    assert runner.rename("ada", run.id, "   ").title == "Third"
    assert runner.get("ada", run.id).prediction.expression.shape[0] == 6


def test_a_deleted_run_leaves_nothing_behind_even_while_it_runs(runner: Runner, tmp_path: Path) -> None:
    run = runner.submit("ada", liver_query(2), SmallModel(seconds_per_sample=0.05, deaf=True))
    _until(runner, run, RunState.RUNNING)
    runner.delete("ada", run.id)
    with pytest.raises(RunNotFoundError):
        runner.get("ada", run.id)
    runner.wait("bob", runner.submit("bob", liver_query(), SmallModel()).id, 5)
    runner.close()
    assert list((tmp_path / "runs" / "ada").iterdir()) == []


def test_runs_are_listed_newest_first_with_those_under_way(runner: Runner) -> None:
    done = runner.submit("ada", liver_query(), SmallModel())
    runner.wait("ada", done.id, 5)
    running = runner.submit("ada", liver_query(500), SmallModel(seconds_per_sample=0.02))
    _until(runner, running, RunState.RUNNING)
    listed = runner.runs("ada")
    assert [(run.id, run.state) for run in listed] == [(running.id, RunState.RUNNING), (done.id, RunState.DONE)]


def test_a_prediction_forgotten_by_memory_is_read_from_disk(store: RunStore) -> None:
    runner = Runner(store, max_running=1, memory_bytes=1)
    run = runner.submit("ada", liver_query(), SmallModel())
    done = runner.wait("ada", run.id, 5)
    assert done.prediction is not done.prediction
    pd.testing.assert_frame_equal(done.prediction.expression, SmallModel().predict(liver_query()).expression)
    runner.close()


def test_a_recent_prediction_comes_from_memory(runner: Runner) -> None:
    run = runner.submit("ada", liver_query(), SmallModel())
    done = runner.wait("ada", run.id, 5)
    assert done.prediction is runner.get("ada", run.id).prediction


def test_a_result_that_cannot_be_written_is_still_shown_with_a_warning(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    runner = Runner(RunStore(folder, ROOM), max_running=1, memory_bytes=1)
    folder.write_text("a file where the folder should be")
    run = runner.submit("ada", liver_query(), SmallModel())
    done = runner.wait("ada", run.id, 5)
    assert done.state is RunState.DONE
    assert "Download it now" in done.error.message
    assert len(done.prediction.expression) == 6
    assert [listed.id for listed in runner.runs("ada")] == [run.id]
    runner.close()


def test_many_threads_may_use_one_runner(store: RunStore) -> None:
    runner = Runner(store, max_running=2, max_waiting=100)
    ids: list[str] = []

    def ask(number: int) -> None:
        run = runner.submit(f"user{number % 3}", liver_query(1, seed=number), SmallModel())
        ids.append(run.id)
        done = runner.wait(run.workspace, run.id, 20)
        assert done.prediction.provenance.seed == number

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 12
    assert sum(len(runner.runs(f"user{number}")) for number in range(3)) == 12
    assert {run.state for number in range(3) for run in runner.runs(f"user{number}")} == {RunState.DONE}
    runner.close()


def test_a_closed_runner_takes_no_more(runner: Runner) -> None:
    runner.close()
    with pytest.raises(ServiceBusyError, match="stopping"):
        runner.submit("ada", liver_query(), SmallModel())


@pytest.mark.parametrize(
    "model", ["SmallModel(seconds_per_sample=1)", "model_for('gem-1-bulk')"], ids=["a slow model", "the embedded model"]
)
def test_the_process_ends_at_once_though_a_run_is_under_way_and_the_next_one_tells_of_it(
    tmp_path: Path, model: str
) -> None:
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from synthome.runs import Runner, RunStore, model_for\n"
        "from tests.models_for_tests import SmallModel, liver_query\n"
        "runner = Runner(RunStore(Path(sys.argv[1]), 10**9), max_running=1)\n"
        f"run = runner.submit('ada', liver_query(3000), {model})\n"
        "runner.wait('ada', run.id, 0.3)\n"
        "print(run.id, runner.get('ada', run.id).state)\n"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-W", "error", "-c", script, str(tmp_path)]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=20, check=True)
    run_id, state = ended.stdout.split()
    assert state == "running"
    assert ended.stderr == ""
    after = Runner(RunStore(tmp_path, ROOM)).get("ada", run_id)
    assert after.state is RunState.FAILED
    assert "interrupted" in after.error.message


def test_a_list_taken_at_any_moment_tells_no_run_as_interrupted(store: RunStore) -> None:
    runner = Runner(store, max_running=2, max_waiting=100)
    over = threading.Event()

    def ask() -> None:
        for seed in range(15):
            run = runner.submit("ada", liver_query(1, seed=seed), SmallModel())
            runner.wait("ada", run.id, 5)
        over.set()

    thread = threading.Thread(target=ask)
    thread.start()
    seen = set()
    while not over.is_set():
        seen |= {run.state for run in runner.runs("ada")}
        time.sleep(0.001)
    thread.join()
    runner.close()
    assert RunState.DONE in seen
    assert RunState.FAILED not in seen
