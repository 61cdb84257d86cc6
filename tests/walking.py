"""The app in a process of its own, and Chromium to walk it: for the journeys, the benchmarks and the pictures."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from playwright.sync_api import Browser, Playwright

__all__ = ["ROOT", "chromium_path", "launch", "running_app", "wait_until_healthy"]

ROOT = Path(__file__).resolve().parents[1]


def chromium_path() -> str | None:
    """The system's Chromium, or ``None``; no browser is ever downloaded."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium that talks to nobody but the page."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    return playwright.chromium.launch(executable_path=chromium_path(), args=arguments)


@contextmanager
def running_app(data: Path, log: Path | None = None, **settings: str | Path) -> Iterator[str]:
    """Start the app with its data in ``data``; yields its address at once, whether it answers yet or not.

    ``settings`` are passed on as ``SYNTHOME_*`` variables; what the app prints goes to ``log``.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = {f"SYNTHOME_{name.upper()}": str(value) for name, value in {"data_dir": data, **settings}.items()}
    with (log or Path(os.devnull)).open("w") as output:
        server = subprocess.Popen(
            [
                sys.executable,
                *["-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1", "--server.port"],
                str(port),
            ],
            cwd=ROOT,
            env={**os.environ, **variables},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(10)


def wait_until_healthy(url: str, seconds: float = 90) -> None:
    """Return when the app answers; ``TimeoutError`` after ``seconds``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{url}/_stcore/health", timeout=1).ok:
                return
        except requests.RequestException:
            time.sleep(0.05)
    message = f"{url} did not answer within {seconds:g} s"
    raise TimeoutError(message)
