"""The query as code: it runs, and asks what was asked."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
from typing import Any

import pytest

from synthome.export.code import python_code, r_code
from synthome.query import BULK, CONTRACT_MODELS, example_query, model_named, read_query

QUERY: dict[str, Any] = {
    **example_query(BULK).to_contract(),
    "total_count": 5_000_000,
    "deterministic_latents": True,
}
QUERY["inputs"][0]["metadata"]["genotype"] = 'TP53 "null" \\ β'


def query_in(code: str) -> dict[str, Any]:
    """What the script would ask, read without running it."""
    for part in ast.parse(code).body:
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Name) and part.targets[0].id == "query":
            return dict(ast.literal_eval(part.value))
    raise AssertionError(code)


def test_the_python_code_asks_the_query_itself() -> None:
    assert query_in(python_code(QUERY, BULK)) == QUERY
    assert "SYNTHESIZE_API_BASE_URL" not in python_code(QUERY, BULK)


def test_the_python_code_runs_against_a_running_server(
    app_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNTHESIZE_API_KEY", "")
    monkeypatch.setenv("SYNTHESIZE_API_BASE_URL", "")
    exec(compile(python_code(example_query(BULK).to_contract(), BULK, app_url), "code", "exec"), {})  # noqa: S102
    assert {path.name for path in tmp_path.iterdir()} == {"metadata.csv", "expression.csv"}
    assert capsys.readouterr().out.startswith("(10, ")


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_the_r_code_asks_the_query_itself() -> None:
    code = r_code(QUERY, BULK).split("query <- ")[1].split("\nresult")[0]
    script = f"library(jsonlite); cat(toJSON({code}, auto_unbox = TRUE, digits = NA))"
    ran = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(ran.stdout) == QUERY
    assert read_query(json.loads(ran.stdout), BULK) == read_query(QUERY, BULK)


def test_the_r_code_names_the_server_and_the_model() -> None:
    model_id = model_named(BULK, "reference-conditioning")
    assert model_id in CONTRACT_MODELS
    code = r_code({"inputs": [{"counts": [1, 2]}], "conditioning": ["technical"]}, model_id, "http://localhost:8501")
    assert f'model_id = "{model_id}", api_base_url = "http://localhost:8501"' in code
    assert "counts = c(1L, 2L)" in code
