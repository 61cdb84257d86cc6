"""Waiting, in AppTest, until a prediction is done."""

from __future__ import annotations

import time

from streamlit.testing.v1 import AppTest


def settled(app: AppTest) -> AppTest:
    """Rerun, as the browser's timer would, until no progress bar is left."""
    deadline = time.monotonic() + 60
    while "pending_run" in app.session_state:
        assert time.monotonic() < deadline
        time.sleep(0.1)
        app.run()
    assert not app.exception, app.exception
    return app
