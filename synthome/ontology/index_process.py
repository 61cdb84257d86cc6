"""Building the index in a process of its own: the process that serves pages keeps its interpreter for them.

Building is mostly Python; in a thread beside a busy server it takes three times as long and slows the pages down too.
The child writes how far it is to its standard output, a line a step: the part that is done, a space, what is done.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from synthome.errors import OntologyError
from synthome.ontology.index_build import Progress, write_index
from synthome.ontology.snapshot import Snapshot
from synthome.settings import REPOSITORY

__all__ = ["write_index_apart"]


def write_index_apart(path: Path, snapshot: Snapshot, progress: Progress) -> None:
    """Do what :func:`~synthome.ontology.index_build.write_index` does, in a child process."""
    command = [sys.executable, "-m", "synthome.ontology.index_process", str(path), str(snapshot.folder)]
    with subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as child:
        assert child.stdout is not None  # noqa: S101 - PIPE was asked for
        assert child.stderr is not None  # noqa: S101
        for line in child.stdout:
            fraction, activity = line.rstrip("\n").split(" ", 1)
            progress(float(fraction), activity)
        told = child.stderr.read().strip()
    if child.returncode != 0:
        reason = told.splitlines()[-1] if told else f"the process ended with status {child.returncode}"
        message = f"The search index could not be built: {reason}"
        raise OntologyError(message)


_SWITCH_SECONDS = 2e-4
"""How long one of the two threads that build may hold the interpreter while the other waits to go on storing."""


def _main() -> None:
    sys.setswitchinterval(_SWITCH_SECONDS)
    path, folder = map(Path, sys.argv[1:])
    try:
        write_index(path, Snapshot(folder), lambda fraction, activity: print(f"{fraction:.3f} {activity}", flush=True))
    except OntologyError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    _main()
