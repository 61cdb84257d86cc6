"""What real samples were told to be, as a table: every value that was weighed, with its probability."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from synthome.export.tables import table_csv
from synthome.prediction import Prediction

__all__ = ["classifier_probs_csv"]


def classifier_probs_csv(prediction: Prediction, label_of: Callable[[str], str | None]) -> bytes:
    """Probabilities as CSV in UTF-8, a row a value: sample, what is told, value, its label, probability.

    Within a sample and a thing told, the most probable value stands first. A header alone where nothing was told.
    """
    rows = (
        (name, what, value, label_of(value) or value, f"{probability:.6g}")
        for name, what, value, probability in _weighed(prediction)
    )
    return table_csv(["sample", "what", "value", "label", "probability"], rows)


def _weighed(prediction: Prediction) -> Iterator[tuple[str, str, str, float]]:
    told = prediction.classifier_probs
    if told is None:
        return
    for name, row in zip(prediction.conditions, told.to_dict("records"), strict=True):
        for what, values in row.items():
            if isinstance(values, Mapping):  # what was weighed of other samples only is missing here
                for value, probability in sorted(values.items(), key=lambda pair: -pair[1]):
                    yield name, str(what), value, probability
