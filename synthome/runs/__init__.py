"""Running and keeping: queries answered in the background, past runs and the current design on disk."""

from synthome.models.protocol import Model, Progress
from synthome.runs.answerers import (
    MODEL_IDS,
    Answerer,
    answerers,
    average_expression_of,
    genes_of,
    model_for,
    number_of_genes,
    vocabulary_for,
)
from synthome.runs.default import default_drafts, default_runner
from synthome.runs.drafts import DraftStore
from synthome.runs.jobs import Runner
from synthome.runs.run import AnswererName, Run, RunError, RunState
from synthome.runs.sample_groups import SampleGroups
from synthome.runs.store import RunStore

__all__ = [
    "MODEL_IDS",
    "Answerer",
    "AnswererName",
    "DraftStore",
    "Model",
    "Progress",
    "Run",
    "RunError",
    "RunState",
    "RunStore",
    "Runner",
    "SampleGroups",
    "answerers",
    "average_expression_of",
    "default_drafts",
    "default_runner",
    "genes_of",
    "model_for",
    "number_of_genes",
    "vocabulary_for",
]
