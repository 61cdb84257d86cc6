"""Running queries in the background: a bounded queue, a few threads, progress and cancelling.

A run outlives the browser session that asked for it. Threads are daemons: they never hold up the end of the process,
and a run cut off that way is told as interrupted the next time.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from synthome.errors import (
    AuthenticationError,
    PredictionCancelled,
    QueryError,
    RunNotFoundError,
    ServiceBusyError,
    SynthomeError,
)
from synthome.models.protocol import Model, Progress
from synthome.prediction import Prediction
from synthome.query import Query
from synthome.runs.recent import RecentPredictions
from synthome.runs.run import INTERRUPTED, AnswererName, Run, RunError, RunState, title_of
from synthome.runs.sample_groups import SampleGroups
from synthome.runs.store import RunStore, check_name
from synthome.runs.workers import Workers
from synthome.settings import settings

__all__ = ["Runner"]

_logger = logging.getLogger(__name__)


class _Job:
    """A run under way. ``run`` is replaced, never changed; whoever replaces it holds the runner's lock."""

    def __init__(self, run: Run, model: Model) -> None:
        self.run = run
        self.model = model
        self.cancelled = threading.Event()
        self.finished = threading.Event()
        self.writing = threading.Lock()
        self.deleted = False
        self.first_report = 0.0
        self.unkept: Prediction | None = None


class Runner:
    """Answers queries in ``max_running`` threads; ``max_waiting`` more may wait. Every run is kept in ``store``.

    All methods may be called from any thread and return at once, :meth:`wait` excepted. A run belongs to a workspace
    and is found only with that.
    """

    def __init__(
        self,
        store: RunStore,
        *,
        max_running: int | None = None,
        max_waiting: int | None = None,
        memory_bytes: int | None = None,
    ) -> None:
        limits = settings()
        self._store = store
        self._max_running = limits.max_running if max_running is None else max_running
        self._max_waiting = limits.max_waiting if max_waiting is None else max_waiting
        self._recent = RecentPredictions(limits.prediction_memory_bytes if memory_bytes is None else memory_bytes)
        self._lock = threading.Lock()
        self._jobs: dict[str, _Job] = {}
        self._workers: Workers[_Job] = Workers(self._max_running, self._answer)
        self._closed = False

    def submit(
        self,
        workspace: str,
        query: Query,
        model: Model,
        *,
        title: str = "",
        condition_names: Sequence[str] = (),
        answerer: AnswererName = "embedded",
        most_unfinished: int | None = None,
    ) -> Run:
        """Queue ``query`` for ``model``. ``condition_names``, where given, replace those that the model would give.

        Raises
        ------
        ServiceBusyError
            When as many runs wait as may wait, or ``most_unfinished`` of this workspace wait or are under way.
        """
        if condition_names and len(condition_names) != len(query.inputs):
            message = f"{len(condition_names)} names were given for {len(query.inputs)} conditions"
            raise ValueError(message)
        names = tuple(condition_names)
        run = Run(
            id=secrets.token_urlsafe(16),
            workspace=check_name("workspace", workspace),
            title=title_of(title, names, f"Run of {model.model_id}"),
            model_id=model.model_id,
            answerer=answerer,
            query=query,
            condition_names=names,
            state=RunState.QUEUED,
            progress=Progress(0, query.num_samples, "waiting"),
            created=datetime.now(UTC),
        )
        job = _Job(run, model)
        with self._lock:
            self._check_room(workspace, most_unfinished)
            self._jobs[run.id] = job
        self._keep(job)
        self._workers.put(job)
        return self._snapshot(job)

    def get(self, workspace: str, run_id: str) -> Run:
        """The run as it stands; ``RunNotFoundError`` where this workspace has none of that id."""
        job = self._job(workspace, run_id)
        return self._stored(self._store.load(workspace, run_id)) if job is None else self._snapshot(job)

    def runs(self, workspace: str) -> list[Run]:
        """All runs of a workspace, newest first."""
        listed = self._store.runs(workspace)
        found = [self._looked_at_again(run) if run.error == INTERRUPTED else self._stored(run) for run in listed]
        with self._lock:
            jobs = [job for job in self._jobs.values() if job.run.workspace == workspace]
        by_id = {run.id: run for run in found if run is not None}
        by_id.update({job.run.id: self._snapshot(job) for job in jobs})
        return sorted(by_id.values(), key=lambda run: (run.created, run.id), reverse=True)

    def wait(self, workspace: str, run_id: str, timeout: float | None = None) -> Run:
        """The run once it is finished, or as it stands after ``timeout`` seconds."""
        job = self._job(workspace, run_id)
        if job is not None:
            job.finished.wait(timeout)
        return self.get(workspace, run_id)

    def cancel(self, workspace: str, run_id: str) -> Run:
        """Stop a run that is queued or running; one that is finished stays as it is."""
        job = self._job(workspace, run_id)
        if job is not None:
            job.cancelled.set()
            self._finish(job, RunState.CANCELLED)
        return self.get(workspace, run_id)

    def rename(self, workspace: str, run_id: str, title: str) -> Run:
        """Give a run another title; a blank one changes nothing."""
        if not title.strip():
            return self.get(workspace, run_id)
        title = title_of(title)
        job = self._job(workspace, run_id)
        if job is None:
            return self._stored(self._store.rename(workspace, run_id, title))
        with self._lock:
            job.run = replace(job.run, title=title)
        self._keep(job)
        return self._snapshot(job)

    def delete(self, workspace: str, run_id: str) -> None:
        """Cancel a run if need be, and remove it with everything that was kept of it."""
        job = self._job(workspace, run_id)
        if job is not None:
            job.cancelled.set()
            self._finish(job, RunState.CANCELLED)
            with job.writing:
                job.deleted = True
            with self._lock:
                self._jobs.pop(run_id, None)
        self._store.delete(workspace, run_id)
        self._recent.forget(run_id)

    def prediction(self, workspace: str, run_id: str) -> Prediction:
        """The prediction of a run that is done; ``RunNotFoundError`` where there is none."""
        job = self._job(workspace, run_id)
        if job is not None and job.unkept is not None:
            return job.unkept
        self._store.load(workspace, run_id)
        recent = self._recent.get(run_id)
        if recent is not None:
            return recent
        prediction = self._store.prediction(workspace, run_id)
        self._recent.put(run_id, prediction)
        return prediction

    def sample_groups(self, workspace: str, run_id: str) -> SampleGroups:
        """The groups of the run's samples that its user has named; ``RunNotFoundError`` where it has no result."""
        kept = self._store.groups(workspace, run_id)
        num_samples = len(self.prediction(workspace, run_id).expression)
        return kept if kept is not None and len(kept.of_samples) == num_samples else SampleGroups.none(num_samples)

    def set_sample_groups(self, workspace: str, run_id: str, groups: SampleGroups) -> None:
        """Replace them; ``RunNotFoundError`` where there is no such run."""
        self._store.save_groups(workspace, run_id, groups)

    def delete_finished(self, workspace: str, before: datetime) -> None:
        """Remove the runs of a workspace that finished ``before`` then."""
        with self._lock:
            at_hand = set(self._jobs)
        for run_id in self._store.finished_before(workspace, before):
            if run_id not in at_hand:
                self.delete(workspace, run_id)

    def close(self, timeout: float = 5.0) -> None:
        """Cancel what is under way and end the threads, waiting for each at most ``timeout`` seconds."""
        with self._lock:
            self._closed = True
            jobs = list(self._jobs.values())
        for job in jobs:
            job.cancelled.set()
            self._finish(job, RunState.CANCELLED)
        self._workers.close(timeout)

    def _check_room(self, workspace: str, most_unfinished: int | None) -> None:
        if self._closed:
            message = "Synthome is stopping and takes no more runs."
            raise ServiceBusyError(message)
        unfinished = [job for job in self._jobs.values() if not job.run.state.finished]
        if len(unfinished) >= self._max_running + self._max_waiting:
            message = (
                f"{self._max_running} runs are under way and {self._max_waiting} more wait, which is all that may. "
                "Try again in a minute, or cancel a run that is no longer needed."
            )
            raise ServiceBusyError(message, retry_after=30)
        own = sum(job.run.workspace == workspace for job in unfinished)
        if most_unfinished is not None and own >= most_unfinished:
            message = f"{own} queries wait or are under way here, which is all that may. Try again in half a minute."
            raise ServiceBusyError(message, retry_after=30)

    def _begin(self, job: _Job) -> bool:
        """Mark a run as running; false where it was cancelled before its turn."""
        with self._lock:
            if job.run.state.finished:
                return False
            progress = replace(job.run.progress, activity="starting")
            job.run = replace(job.run, state=RunState.RUNNING, started=datetime.now(UTC), progress=progress)
        self._keep(job)
        return True

    # One run --------------------------------------------------------------------------------------------------------

    def _answer(self, job: _Job) -> None:
        """Ask the model, and end the run one way or the other."""
        if not self._begin(job):
            return

        def report(progress: Progress) -> None:
            self._report(job, progress)

        try:
            prediction = job.model.predict(job.run.query, progress=report, cancelled=job.cancelled.is_set)
            self._finish_with(job, prediction)
        except PredictionCancelled:
            self._finish(job, RunState.CANCELLED)
        except QueryError as error:
            self._finish(job, RunState.FAILED, error=RunError(str(error), error.errors))
        except SynthomeError as error:
            needs_key = isinstance(error, AuthenticationError)
            self._finish(job, RunState.FAILED, error=RunError(str(error), needs_key=needs_key))
        except MemoryError:
            _logger.exception("Run %s needed more memory than there is", job.run.id)
            message = "There is not enough memory for so many samples at once. Ask for fewer, in several runs."
            self._finish(job, RunState.FAILED, error=RunError(message))
        except Exception as error:
            if isinstance(error, RuntimeError) and _process_ends():
                return  # the next process tells that the run was interrupted
            _logger.exception("Run %s failed in model %s", job.run.id, job.run.model_id)
            message = (
                f"The model failed through a fault of its own, not of the query. Try again; if it fails again, "
                f"report run {job.run.id}."
            )
            self._finish(job, RunState.FAILED, error=RunError(message))

    def _report(self, job: _Job, progress: Progress) -> None:
        with self._lock:
            if job.run.state is not RunState.RUNNING:
                return
            now = time.monotonic()
            job.first_report = job.first_report or now
            left = None
            if 0 < progress.done <= progress.total:
                per_sample = (now - job.first_report) / progress.done
                left = per_sample * (progress.total - progress.done) if per_sample > 0 else None
            job.run = replace(job.run, progress=progress, seconds_left=left)

    def _finish_with(self, job: _Job, prediction: Prediction) -> None:
        """Keep the prediction, then tell that the run is done: whoever hears of it can read it."""
        run = job.run
        if run.state.finished:
            return
        if run.condition_names:
            # Without names of their own, samples are named after their condition.
            prediction = replace(prediction, condition_names=run.condition_names, sample_names=())
        total = len(prediction.expression)
        self._report(job, Progress(total, total, "keeping the result"))
        error = self._keep_prediction(job, prediction)
        self._recent.put(run.id, prediction)
        self._finish(job, RunState.DONE, error=error, prediction=prediction)
        if job.run.state is not RunState.DONE:
            self._drop(job)

    def _drop(self, job: _Job) -> None:
        """Remove what was kept of a run that was cancelled, or deleted, while its prediction was being written."""
        self._recent.forget(job.run.id)
        if job.deleted:
            self._store.delete(job.run.workspace, job.run.id)
        else:
            self._store.drop_prediction(job.run.workspace, job.run.id)

    def _finish(
        self, job: _Job, state: RunState, *, error: RunError | None = None, prediction: Prediction | None = None
    ) -> None:
        """Move a run into its last state, once; later calls change nothing."""
        with self._lock:
            if job.run.state.finished:
                return
            run = replace(job.run, state=state, finished=datetime.now(UTC), seconds_left=None, error=error)
            if prediction is not None:
                run = replace(
                    run,
                    condition_names=prediction.condition_names,
                    provenance=prediction.provenance,
                    num_genes=prediction.expression.shape[1],
                )
            job.run = run
        self._workers.discard(job)
        kept = self._keep(job)
        if kept and job.unkept is None:
            with self._lock:
                self._jobs.pop(run.id, None)
        job.finished.set()

    # Keeping and telling --------------------------------------------------------------------------------------------

    def _keep(self, job: _Job) -> bool:
        """Write the run as it now stands; whether that worked. What cannot be written lives on in memory."""
        with job.writing:
            if job.deleted:
                return True
            try:
                self._store.save(job.run)
            except (OSError, ValueError) as error:
                _logger.warning("Run %s cannot be written: %s", job.run.id, error)
                return False
            return True

    def _keep_prediction(self, job: _Job, prediction: Prediction) -> RunError | None:
        """Write the prediction; where that fails it stays in memory for as long as the process lives."""
        try:
            self._store.save_prediction(job.run, prediction)
        except Exception:
            _logger.exception("The prediction of run %s cannot be written", job.run.id)
            job.unkept = prediction
            return RunError(
                "The result could not be written to disk and will be gone when Synthome stops. Download it now."
            )
        return None

    def _job(self, workspace: str, run_id: str) -> _Job | None:
        with self._lock:
            job = self._jobs.get(run_id)
        return job if job is not None and job.run.workspace == workspace else None

    def _looked_at_again(self, run: Run) -> Run | None:
        """A run that seemed interrupted, but may have begun or ended while the list was being read."""
        try:
            return self.get(run.workspace, run.id)
        except RunNotFoundError:
            return None

    def _snapshot(self, job: _Job) -> Run:
        return self._stored(job.run)

    def _stored(self, run: Run) -> Run:
        """``run`` with its prediction to be fetched through this runner's memory."""
        return replace(run, source=lambda: self.prediction(run.workspace, run.id))


def _process_ends() -> bool:
    """Whether the main thread has ended, or does within a second.

    A model's thread pool raises ``RuntimeError`` at the end of the process, a moment before that can be seen.
    """
    main = threading.main_thread()
    main.join(timeout=1.0)
    return not main.is_alive()
