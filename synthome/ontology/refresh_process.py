"""The heavy half of a refresh, in a process of its own: reading official files, and writing the new snapshot.

pronto needs minutes and some gigabytes for the largest files. A process of its own leaves the interpreter of the one
that serves pages alone, gives the memory back when it ends, and can be ended on a cancel. It is handed a task as JSON
and leaves its result, as JSON too, where that says; what went wrong is the last line of its standard error. It ends
with its parent.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from synthome.errors import OntologyError, RefreshCancelled
from synthome.ontology.build import described, write_tidy
from synthome.ontology.changes import Change, compare
from synthome.ontology.download import Cancelled
from synthome.ontology.obo import read_obo
from synthome.ontology.snapshot import OntologyFile, Row, Snapshot
from synthome.ontology.sources import SOURCES
from synthome.ontology.terms import ONTOLOGIES, Ontology, Synonym, Term
from synthome.settings import REPOSITORY

__all__ = ["Task", "read_apart", "write_apart"]

LEAST_PART = 0.8
"""Of the current terms that an ontology has, how many a new release has at least."""
_LOOK_EVERY = 0.1


@dataclass(frozen=True, slots=True)
class Task:
    """What all steps of a refresh share: the snapshot in use, the shipped one, and the folder to work in."""

    present: Path
    shipped: Path
    work: Path

    def lines(self, ontology: Ontology) -> Path:
        """Where the terms of a release that was read wait to be written."""
        return self.work / f"{ontology}.tsv"


def read_apart(task: Task, ontology: Ontology, path: Path, url: str, cancelled: Cancelled) -> Change:
    """Read the official file of one ontology, leave its terms in the folder of work, and tell what changed.

    Raises
    ------
    OntologyError
        Where the file cannot be read, or is not a release of that ontology.
    RefreshCancelled
        On a cancel.
    """
    result = _apart(task, cancelled, do="read", ontology=ontology, path=str(path), url=url)
    return Change.from_dict(result)


def write_apart(
    task: Task, folder: Path, taken: dict[Ontology, tuple[str, str]], origin: str, cancelled: Cancelled
) -> None:
    """Write the snapshot of what was read, all else from the present one, to ``folder``.

    ``taken`` holds version and notes of each ontology that was read; ``origin`` says in words what was.
    """
    _apart(task, cancelled, do="write", folder=str(folder), taken=taken, origin=origin)


def _apart(task: Task, cancelled: Cancelled, **order: object) -> Any:
    content = {"present": str(task.present), "shipped": str(task.shipped), "work": str(task.work), **order}
    (task.work / "order.json").write_text(json.dumps(content), encoding="utf-8")
    result = task.work / "result.json"
    result.unlink(missing_ok=True)
    command = [sys.executable, "-m", "synthome.ontology.refresh_process", str(task.work)]
    with (task.work / "errors.txt").open("w+", encoding="utf-8", errors="replace") as errors:
        with subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=errors, stderr=errors
        ) as child:
            try:
                while child.poll() is None:
                    if cancelled():
                        message = "The refresh was cancelled."
                        raise RefreshCancelled(message)
                    time.sleep(_LOOK_EVERY)
            finally:
                child.kill()
        errors.seek(0)
        told = errors.read().strip()
    if child.returncode != 0:
        raise OntologyError(_failure(child.returncode, told))
    return json.loads(result.read_text(encoding="utf-8"))


def _failure(status: int, told: str) -> str:
    if status == _REFUSED and told:
        return told.splitlines()[-1]
    if status == -9 or "MemoryError" in told:
        return (
            "The process that reads the files was ended from outside; most likely the memory ran out. Close other "
            "programs, or refresh on a larger computer."
        )
    return f"The process that reads the files failed ({told.splitlines()[-1] if told else f'status {status}'})."


# The child --------------------------------------------------------------------------------------------------------

_REFUSED = 3
"""Exit status where the last line on standard error is a sentence for people."""


def _read(task: Task, ontology: Ontology, path: Path, url: str) -> dict[str, Any]:
    version, terms = read_obo(path, ontology, url)
    present = Snapshot(task.present)
    described_now = present.manifest.ontologies.get(ontology)
    old = present.rows(ontology) if described_now is not None else []
    current, before = sum(not term.obsolete for term in terms), sum(not row.obsolete for row in old)
    if current < LEAST_PART * before:
        message = (
            f"{url} holds {current:,} current terms of {ontology}; the release in use has {before:,}. A file so much "
            f"smaller is cut off, or a part of the ontology alone. Try again later."
        )
        raise OntologyError(message)
    if ontology == "CHEBI":
        terms = _with_our_own(terms, {term.id: term for term in Snapshot(task.shipped).terms(ontology)})
    terms += _vanished({term.id for term in terms}, [row.term(ontology) for row in old])
    new = sorted(Row.of(term) for term in terms)
    task.lines(ontology).write_text("".join("\t".join(row) + "\n" for row in new), encoding="utf-8")
    return compare(ontology, described_now.version if described_now is not None else "", old, version, new).to_dict()


def _with_our_own(terms: list[Term], shipped: dict[str, Term]) -> list[Term]:
    """Compounds with the common names and the ChEMBL ids that Synthome ships and the official file lacks."""
    changed = []
    for term in terms:
        ours = shipped.get(term.id)
        if ours is None or term.obsolete:
            changed.append(term)
            continue
        known = {synonym.text.casefold() for synonym in term.synonyms} | {term.label.casefold()}
        added = [
            Synonym(synonym.text, "RELATED")
            for synonym in ours.synonyms
            if synonym.scope == "RELATED" and synonym.text.casefold() not in known
        ]
        changed.append(replace(term, synonyms=(*term.synonyms, *added), xrefs=term.xrefs or ours.xrefs))
    return changed


def _vanished(there: set[str], old: list[Term]) -> list[Term]:
    """Terms that the new file does not hold any more, as obsolete ones: a design that names one is still understood."""
    return [replace(term, obsolete=True, parents=(), definition="") for term in old if term.id not in there]


def _write(task: Task, folder: Path, taken: dict[Ontology, tuple[str, str]], origin: str) -> dict[str, Any]:
    present = Snapshot(task.present)
    contents: dict[Ontology, tuple[OntologyFile, list[Term]]] = {}
    for ontology in ONTOLOGIES:
        if ontology in taken:
            version, notes = taken[ontology]
            lines = task.lines(ontology).read_text(encoding="utf-8").split("\n")[:-1]
            terms = [Row._make(line.split("\t")).term(ontology) for line in lines]
            contents[ontology] = (described(SOURCES[ontology], version, notes), terms)
        elif ontology in present.manifest.ontologies:
            contents[ontology] = (present.manifest.ontologies[ontology], list(present.terms(ontology)))
    write_tidy(folder, contents, origin)
    return {}


def _main(work: Path) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):  # pages come first where there are few processors
        os.nice(10)
    order = json.loads((work / "order.json").read_text(encoding="utf-8"))
    task = Task(Path(order["present"]), Path(order["shipped"]), work)
    try:
        if order["do"] == "read":
            result = _read(task, order["ontology"], Path(order["path"]), order["url"])
        else:
            result = _write(task, Path(order["folder"]), order["taken"], order["origin"])
        (work / "result.json").write_text(json.dumps(result), encoding="utf-8")
    except OntologyError as error:
        _refuse(str(error))
    except OSError as error:
        _refuse(f"{work.parent} cannot be written ({error.strerror or error}). Free some space there and try again.")


def _refuse(reason: str) -> None:
    print(" ".join(reason.split()), file=sys.stderr)
    sys.exit(_REFUSED)


def _end_with_parent() -> None:
    os.read(0, 1)  # comes back when the other end of standard input is closed; sys.stdin would lock at our own end
    os._exit(1)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
