from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from synthome.errors import ModelError, PredictionCancelled
from synthome.models.embedded.weights import FOLDER, load_weights
from tests.models.embedded.asking import BRAIN, LIVER, query

MANY = query({"tissue_ontology_id": LIVER}, {"tissue_ontology_id": BRAIN}, n=400, seed=1)


def test_progress_rises_to_the_number_of_samples(bulk):
    seen = []
    asked = query({"tissue_ontology_id": LIVER}, {"tissue_ontology_id": BRAIN}, n=40, seed=1)
    bulk.predict(asked, progress=seen.append)
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    assert done[-1] == 80
    assert all(progress.total == 80 and progress.activity for progress in seen)


def test_a_cancelled_prediction_stops_and_says_so(bulk):
    started = threading.Event()
    asked_at = []

    def cancelled() -> bool:
        asked_at.append(time.monotonic())
        return started.is_set()

    def progress(_) -> None:
        started.set()

    with pytest.raises(PredictionCancelled):
        bulk.predict(MANY, progress, cancelled)
    assert len(asked_at) >= 2
    assert not [t for t in threading.enumerate() if t.name.startswith("embedded-model")]


def test_a_prediction_cancelled_before_it_starts_makes_nothing(bulk):
    with pytest.raises(PredictionCancelled):
        bulk.predict(MANY, cancelled=lambda: True)


def test_an_error_in_progress_reaches_the_caller(bulk):
    def progress(_) -> None:
        raise KeyError("display")

    with pytest.raises(KeyError, match="display"):
        bulk.predict(MANY, progress)


def test_threads_sharing_a_model_get_their_own_answers(bulk):
    queries = [query({"tissue_ontology_id": t}, n=8, seed=s) for t in (LIVER, BRAIN) for s in (1, 2)]
    alone = [bulk.predict(q).expression.to_numpy() for q in queries]
    with ThreadPoolExecutor(4) as pool:
        together = [answer.expression.to_numpy() for answer in pool.map(bulk.predict, queries * 2)]
    for got, wanted in zip(together, alone * 2, strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_a_changed_answer_leaves_the_model_as_it_was(bulk):
    asked = query({"tissue_ontology_id": LIVER}, n=1, seed=1)
    answer = bulk.predict(asked)
    before = answer.expression.to_numpy().copy()
    answer.genes["symbol"] = "changed"
    answer.expression.iloc[:, :] = 0
    again = bulk.predict(asked)
    np.testing.assert_array_equal(again.expression.to_numpy(), before)
    assert again.genes["symbol"].iloc[0] != "changed"


def test_missing_weights_are_an_error_that_says_what_to_do(tmp_path):
    with pytest.raises(ModelError, match="make fit"):
        load_weights("bulk", tmp_path)


def test_broken_weights_are_an_error_that_says_what_to_do(tmp_path):
    (tmp_path / "bulk.json").write_text((FOLDER / "bulk.json").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "bulk.npz").write_bytes((FOLDER / "bulk.npz").read_bytes()[:1000])
    with pytest.raises(ModelError, match="make fit"):
        load_weights("bulk", tmp_path)


@pytest.mark.parametrize("name", ["bulk", "single_cell"])
def test_weights_name_their_sources_licence_and_inputs(name):
    about = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert about["licence"] == "CC BY-SA 4.0"
    assert about["sources"]
    assert all(len(digest) == 64 for digest in about["inputs_sha256"].values())
    assert not any("consensus" in file or "test_only" in file for file in about["inputs_sha256"])


def test_the_weights_fit_into_the_repository():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 25_000_000
