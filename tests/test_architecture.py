"""The arrows between packages, and what the repository may hold."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 1_000_000


def imports(file: Path) -> set[str]:
    """Modules that ``file`` imports, by their full names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout, so what is shipped cannot be listed")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_import_arrows_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


@pytest.mark.parametrize("page", sorted((ROOT / "pages").glob("*.py")), ids=lambda page: page.stem)
def test_a_page_is_thin_and_knows_components_and_runs_alone(page: Path) -> None:
    allowed = re.compile(
        r"__future__|streamlit|components(\..*)?|synthome\.(query|runs|analysis|export|ontology)(\..*)?"
    )
    assert {name for name in imports(page) if not allowed.fullmatch(name)} == set()
    assert len(page.read_text(encoding="utf-8").splitlines()) < 150


def test_every_dependency_is_pinned_and_says_why() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-r ")):
                assert re.fullmatch(r"[\w.-]+==[\w.]+ +# \S.*", line), line


def test_snapshot_and_weights_stay_small() -> None:
    folders = (ROOT / "ontology_cache", ROOT / "synthome" / "models" / "embedded" / "weights")
    sizes = [file.stat().st_size for file in tracked() if any(folder in file.parents for folder in folders)]
    assert sum(sizes) <= 45 * MEGABYTE


def test_no_shipped_file_names_a_key_or_a_place_of_one_machine() -> None:
    secret = re.compile(rb"(?:sk|key|token)[-_][A-Za-z0-9]{24,}|/(?:root|home/\w+|work)/\S")
    for file in tracked():
        if file.suffix in {".py", ".md", ".toml", ".js", ".css", ".txt", ".tsv", ".json", ""}:
            found = secret.search(file.read_bytes())
            assert found is None or file == Path(__file__), (file, found)
