"""The official Python client, pointed at a running Synthome, in a process of its own as its users have it."""

from __future__ import annotations

import importlib.util
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from synthome.query import BULK, SINGLE_CELL, example_query
from tests.models_for_tests import SmallModel

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pysynthbio") is None,
    reason="the official client is not installed: pip install pysynthbio",
)

SCRIPT = """
import pickle, sys
import pysynthbio
model_id, path = sys.argv[1:]
query = pysynthbio.get_example_query(model_id=model_id)["example_query"]
result = pysynthbio.predict_query(query, model_id=model_id, poll_interval_seconds=1)
with open(path, "wb") as file:
    pickle.dump({"models": pysynthbio.list_models(), **result}, file)
"""


def _ask(base: str, script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    environment = {"SYNTHESIZE_API_BASE_URL": base, "SYNTHESIZE_API_KEY": "any", **environment}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("self_hosted", ["0", "1"], ids=["polled", "streamed"])
@pytest.mark.parametrize("model_id", [BULK, SINGLE_CELL])
def test_the_official_client_gets_the_models_own_answer(
    base: str, tmp_path: Path, model_id: str, self_hosted: str
) -> None:
    path = tmp_path / "result.pickle"
    asked = _ask(base, SCRIPT, model_id, str(path), SYNTHESIZE_SELF_HOSTED=self_hosted)
    assert asked.returncode == 0, asked.stderr
    result = pickle.loads(path.read_bytes())  # noqa: S301 - written by this test
    own = SmallModel(model_id).predict(example_query(model_id))
    assert {entry["model_id"] for entry in result["models"]["models"]} == {BULK, SINGLE_CELL}
    pd.testing.assert_frame_equal(result["expression"], own.expression, check_names=False, check_dtype=False)
    assert result["latents"]["biological"].tolist() == own.latents["biological"].tolist()
    assert set(result["metadata"]) == set(own.metadata)


def test_the_official_client_shows_each_fault_of_a_query(base: str) -> None:
    script = (
        "import pysynthbio\n"
        "query = pysynthbio.get_example_query(model_id='gem-1-bulk')['example_query']\n"
        "query['inputs'][1]['metadata']['sex'] = 'femal'\n"
        "try:\n"
        "    pysynthbio.predict_query(query, model_id='gem-1-bulk')\n"
        "except pysynthbio.ValidationError as error:\n"
        "    print(error)\n"
    )
    asked = _ask(base, script)
    assert "- inputs.1.metadata.sex: sex: 'femal' is not allowed" in asked.stdout, asked.stderr
