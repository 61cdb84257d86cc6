"""DESeq2's comparison, fitted in the background: followed with a bar, stopped, kept for as long as it is looked at."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

import streamlit as st

from components.analyses import prediction_of
from components.words import as_text
from synthome.analysis.differential import Comparison, DifferentialTable, deseq
from synthome.errors import PredictionCancelled, SynthomeError
from synthome.prediction import Prediction
from synthome.runs import Run

__all__ = ["deseq_of"]

_logger = logging.getLogger(__name__)
_EVERY = 0.5
"""Seconds between two looks at a fit."""
_FAULT = "The comparison failed through a fault of its own. The quick look still works; report what you compared."


@dataclass
class _Fit:
    """A fit under way, or its end. Written by its thread alone, but for ``stopped``."""

    fraction: float = 0.0
    activity: str = "starting"
    table: DifferentialTable | None = None
    error: str = ""
    stopped: threading.Event = field(default_factory=threading.Event)

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.table is not None or bool(self.error)

    def run(self, prediction: Prediction, comparison: Comparison) -> None:
        """Fit; whatever happens is kept to be told."""
        try:
            self.table = deseq(prediction, comparison, progress=self._report, cancelled=self.stopped.is_set)
        except PredictionCancelled:
            self.error = "The comparison was stopped."
        except SynthomeError as error:
            self.error = str(error)
        except Exception:
            _logger.exception("DESeq2 failed")
            self.error = _FAULT

    def _report(self, fraction: float, activity: str) -> None:
        self.fraction, self.activity = fraction, activity


@st.cache_resource(max_entries=16, show_spinner=False)
def _fit(
    run_id: str,  # noqa: ARG001 - stands for the prediction
    samples: tuple[bytes, bytes],  # noqa: ARG001 - stand for the comparison
    _comparison: Comparison,
    _prediction: Prediction,
) -> _Fit:
    """The fit of those samples, begun when it is first asked for."""
    fit = _Fit()
    threading.Thread(target=fit.run, args=(_prediction, _comparison), name="deseq2", daemon=True).start()
    return fit


def deseq_of(run: Run, comparison: Comparison) -> DifferentialTable | None:
    """Two groups compared by DESeq2; until that is done, its progress is shown, and why where it comes to nothing."""
    samples = comparison.identity
    prediction = prediction_of(run)
    fit = _fit(run.id, samples, comparison, prediction)
    if fit.table is not None:
        return fit.table.named_as(comparison)
    if fit.error:
        st.info(as_text(fit.error), icon=":material/info:")
        st.button(
            "Try again",
            key="deseq_again",
            icon=":material/refresh:",
            on_click=lambda: _fit.clear(run.id, samples, comparison, prediction),
        )
        return None
    _follow(fit)
    return None


@st.fragment(run_every=_EVERY)
def _follow(fit: _Fit) -> None:
    if fit.ended:
        st.rerun()
    st.progress(min(fit.fraction, 1.0), text=f"DESeq2: {fit.activity}")
    st.button("Stop", key="deseq_stop", icon=":material/stop_circle:", on_click=fit.stopped.set)
