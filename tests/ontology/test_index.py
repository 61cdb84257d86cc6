"""The index is built once, whole and current, whatever state its file is in and however many ask for it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from synthome.errors import OntologyError
from synthome.ontology import Synonym, Term, TermIndex, default_index, open_index
from synthome.ontology.snapshot import Snapshot


def opened(snapshot: Path, path: Path) -> tuple[list[str], int]:
    """What was said while opening, and the number of terms found."""
    said: list[str] = []
    with open_index(lambda _, activity: said.append(activity), snapshot_dir=snapshot, index_path=path) as index:
        assert index.path == path
        assert index.search("liv")[0].term.id == "UBERON:9900002"
        return said, len(index)


def test_the_index_is_built_with_progress_from_0_to_1_and_then_reused(small_snapshot: Path, tmp_path: Path) -> None:
    path = tmp_path / "terms.sqlite"
    fractions: list[float] = []
    open_index(lambda part, _: fractions.append(part), snapshot_dir=small_snapshot, index_path=path).close()
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert opened(small_snapshot, path) == ([], 7)


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4096])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _overwrite_the_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = b"garbage!" * 8
    path.write_bytes(content)


def _overwrite_all(path: Path) -> None:
    path.write_bytes(b"garbage!" * 1000)


def _remove_seal(path: Path) -> None:
    path.with_name("terms.sqlite.seal").unlink()


def _garble_seal(path: Path) -> None:
    path.with_name("terms.sqlite.seal").write_text("[1, 2", encoding="utf-8")


@pytest.mark.parametrize(
    "damage", [_truncate, _empty, _overwrite_the_middle, _overwrite_all, _remove_seal, _garble_seal, Path.unlink]
)
def test_a_damaged_or_missing_index_is_rebuilt(
    damage: Callable[[Path], None], small_snapshot: Path, tmp_path: Path
) -> None:
    path = tmp_path / "terms.sqlite"
    opened(small_snapshot, path)
    damage(path)
    said, count = opened(small_snapshot, path)
    assert said[-1] == "ready"
    assert count == 7


def test_an_index_older_than_the_snapshot_is_rebuilt(
    small_snapshot: Path, tmp_path: Path, write_small: Callable[..., Path]
) -> None:
    path = tmp_path / "terms.sqlite"
    opened(small_snapshot, path)
    terms = tuple(term for name in ("UBERON", "CL") for term in Snapshot(small_snapshot).terms(name))
    write_small(small_snapshot, terms)
    said, count = opened(small_snapshot, path)
    assert said[-1] == "ready"
    assert count == 4


def test_a_build_cut_short_leaves_no_index_and_no_remains(small_snapshot: Path, tmp_path: Path) -> None:
    (small_snapshot / "cvcl.tsv.xz").write_bytes(b"garbage")
    folder = tmp_path / "index"
    with pytest.raises(OntologyError, match="damaged"):
        open_index(snapshot_dir=small_snapshot, index_path=folder / "terms.sqlite")
    assert [path.name for path in folder.iterdir()] == ["terms.sqlite.lock"]


_OPEN = """
import sys
from pathlib import Path
from synthome.ontology import open_index
said = []
with open_index(lambda part, activity: said.append(activity), snapshot_dir=Path(sys.argv[1]),
                index_path=Path(sys.argv[2])) as index:
    print(len(index), index.search("liv")[0].term.id, "built" if "finishing" in said else "found")
"""


def test_processes_that_start_at_once_build_one_index_and_all_get_it_whole(
    small_snapshot: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", _OPEN, str(small_snapshot), str(tmp_path / "terms.sqlite")]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = [process.communicate(timeout=60)[0].split() for process in processes]
    assert [answer[:2] for answer in answers] == [["7", "UBERON:9900002"]] * 4
    assert sorted(answer[2] for answer in answers) == ["built", "found", "found", "found"]


def test_where_its_folder_cannot_be_written_the_index_goes_to_the_data_folder(
    small_snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setattr("synthome.ontology.index.settings", _settings_with(tmp_path / "data"))
    with open_index(snapshot_dir=small_snapshot, index_path=tmp_path / "file" / "terms.sqlite") as index:
        assert index.path == tmp_path / "data" / "terms.sqlite"
        assert len(index) == 7


def test_where_nothing_can_be_written_the_error_names_the_folders_and_the_setting(
    small_snapshot: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setattr("synthome.ontology.index.settings", _settings_with(tmp_path / "file" / "data"))
    with pytest.raises(OntologyError, match=r"written nowhere: .*file.*file.data.*SYNTHOME_INDEX_PATH"):
        open_index(snapshot_dir=small_snapshot, index_path=tmp_path / "file" / "terms.sqlite")


def _settings_with(data_dir: Path) -> Callable[[], object]:
    from synthome.settings import settings

    return lambda: replace(settings(), data_dir=data_dir)


@pytest.fixture
def small(small_snapshot: Path, tmp_path: Path) -> TermIndex:
    with open_index(snapshot_dir=small_snapshot, index_path=tmp_path / "terms.sqlite") as index:
        yield index


def test_a_term_comes_back_as_it_was_in_the_snapshot_by_any_spelling_of_its_id(small: TermIndex) -> None:
    liver = Term(
        "UBERON:9900002", "liver", "UBERON", (Synonym("hepar"),), ("UBERON:9900001",), definition="A large gland."
    )
    assert small.term("uberon_9900002") == small.term("UBERON:9900002") == liver
    assert small.term("UBERON:9999999") is None
    assert small.term("no id") is None
    assert list(small.terms(["CVCL:0001", "UBERON:9999999", "CL_0000001"])) == ["CVCL_0001", "CL:0000001"]
    assert small.label("CVCL_0001") == "Hep-G9"
    assert small.label("CVCL_9999") == "CVCL_9999"


def test_the_current_term_is_found_through_a_chain_of_replacements(small: TermIndex) -> None:
    assert [small.current(f"UBERON:990000{n}") for n in (4, 5, 2)] == [small.term("UBERON:9900002")] * 3
    assert small.current("UBERON:9900006") is None
    assert small.current("UBERON:9999999") is None


def test_obsolete_terms_are_found_by_id_alone_and_then_what_replaced_them(small: TermIndex) -> None:
    assert [match.term.id for match in small.search("old liver")] == ["UBERON:9900002"]
    by_id = small.search("UBERON:9900004")
    assert [(match.term.id, match.matched, match.kind) for match in by_id] == [
        ("UBERON:9900002", "UBERON:9900004", "id")
    ]
    assert small.search("UBERON:9900006")[0].term.obsolete


def test_a_closed_index_says_so(small: TermIndex) -> None:
    small.close()
    with pytest.raises(OntologyError, match="closed"):
        small.search("liver")


def test_many_threads_read_at_once(small: TermIndex) -> None:
    start = threading.Barrier(8)

    def read(_: int) -> list[str]:
        start.wait(timeout=10)
        return [small.search("liv")[0].term.id for _ in range(20)]

    with ThreadPoolExecutor(8) as threads:
        assert {found for result in threads.map(read, range(8)) for found in result} == {"UBERON:9900002"}


def test_the_default_index_is_one_for_the_process_and_holds_every_current_term(index: TermIndex) -> None:
    assert default_index() is index
    assert len(index) == sum(entry.current for entry in index.manifest.ontologies.values()) > 400_000
    assert index.counts["CL"] == index.manifest.ontologies["CL"].current
