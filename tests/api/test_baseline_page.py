"""The public page "Baseline Models": every snippet of it runs against the running app, in the order of the page.

The page is not part of the project; where it does not lie beside it, as research material, there is nothing to run.
What the snippets show is also tested in words of our own, in ``test_pysynthbio``.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.walking import ROOT

pytest.importorskip("pysynthbio", reason="the official client is not installed: make test installs it")

PAGE = Path(os.environ.get("SYNTHOME_SHARED", ROOT.parent / "shared")) / "research" / "baseline-models.txt"


def snippets(page: str) -> Iterator[str]:
    """The code among the page's prose: from a line that only code begins with, as far as it is Python."""
    lines = page.splitlines()
    start = 0
    while start < len(lines):
        if not lines[start].startswith(("#", "import ")):
            start += 1
            continue
        end = max((end for end in range(start + 1, len(lines) + 1) if _is_code(lines[start:end])), default=start + 1)
        yield "\n".join(lines[start:end])
        start = end


def _is_code(lines: list[str]) -> bool:
    """Whether these lines are Python, and not also a heading such as "Note" or "seed (int, optional)"."""
    try:
        body = ast.parse("\n".join(lines)).body
    except SyntaxError:
        return False
    return bool(body) and not any(isinstance(part, ast.Expr) and _is_heading(part.value) for part in body)


def _is_heading(expression: ast.expr) -> bool:
    called = expression.func if isinstance(expression, ast.Call) else expression
    return isinstance(called, ast.Name) and called.id != "print"


@pytest.mark.skipif(not PAGE.exists(), reason="the research page does not lie beside the project")
def test_every_snippet_of_the_page_runs_and_gives_what_it_says(
    app_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SYNTHESIZE_API_BASE_URL", app_url)
    monkeypatch.setenv("SYNTHESIZE_API_KEY", "any")
    monkeypatch.chdir(tmp_path)
    code = list(snippets(PAGE.read_text(encoding="utf-8")))
    calls = "\n".join(code)
    assert len(code) >= 12
    assert calls.count("predict_query(") == PAGE.read_text(encoding="utf-8").count("predict_query(")
    names: dict[str, Any] = {}
    for snippet in code:
        exec(compile(snippet, PAGE.name, "exec"), names)  # noqa: S102 - the page's own code
    assert set(names["result"]) >= {"metadata", "expression"}
    assert set(names["results"]["expression"].sum(axis=1)) == {8_000_000}
    assert len(names["sc_result"]["expression"]) == sum(i["num_samples"] for i in names["sc_query"]["inputs"])
    assert {path.name for path in tmp_path.iterdir()} == {
        "expression_matrix.csv",
        "sample_metadata.csv",
        "synthesize_results.pkl",
    }
    assert str(names["expression"].shape) in capsys.readouterr().out
