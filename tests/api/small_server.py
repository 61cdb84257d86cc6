"""``python -m tests.api.small_server FOLDER PORT``: the API over small models in a process of its own, to be killed.

Its bulk model takes a second for a sample.
"""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from synthome.api import create_api
from synthome.query import BULK
from synthome.runs import Runner, RunStore
from tests.models_for_tests import small_models

if __name__ == "__main__":
    models = small_models()
    models[BULK].seconds_per_sample = 1.0
    api = create_api(Runner(RunStore(Path(sys.argv[1]) / "runs", 10**9)), models=models)
    uvicorn.run(Starlette(routes=[Mount("/api", api)]), port=int(sys.argv[2]), lifespan="off", log_level="warning")
