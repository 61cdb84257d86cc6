"""Where an API key could turn up that it should not: every place that anybody could read afterwards."""

from __future__ import annotations

import os
import pickle
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["chain", "places_with", "readable_of"]


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, its causes and its contexts."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__]


def readable_of(error: BaseException) -> str:
    """All that can be read of an error: what it says and holds, and the locals of every frame it came through."""
    came_through = error.__traceback__
    # The frames of a test hold whatever the test holds.
    while came_through is not None and "/tests/" in came_through.tb_frame.f_code.co_filename:
        came_through = came_through.tb_next
    whole = traceback.TracebackException(type(error), error, came_through, capture_locals=True)
    told = ["".join(whole.format(chain=True))]
    for each in chain(error):
        told += [str(each), repr(each), repr(each.args), repr(vars(each))]
    return "\n".join(told)


def places_with(
    key: str, *, error: BaseException | None, model: Any, log: str, folder: Path | None = None
) -> list[str]:
    """Names of the places in which ``key`` can be read."""
    places = {
        "the error": readable_of(error) if error is not None else "",
        "the log": log,
        "the model's repr": repr(model),
        "its pickle": pickle.dumps(model).decode("latin-1"),
        "the attributes of the model": repr(vars(model)),
        "the threads": " ".join(thread.name for thread in threading.enumerate()),
        "the environment": repr(dict(os.environ)),
    }
    for path in folder.rglob("*") if folder is not None else ():
        if path.is_file():
            places[f"the file {path.name}"] = path.read_bytes().decode("latin-1")
    return [name for name, text in places.items() if key in text]
