"""``python -m benchmarks.wire``: an answer of 1,000 samples x all genes, fetched by the official client.

A server of its own process holds a finished answer of gem-1-bulk. Each client is a process of its own that uses
pysynthbio's own functions: for JSON ``get_json`` and the transformer of its registry on the download link; for Arrow
``open_arrow_stream`` and ``transform_arrow_stream``, timed from the moment when the server begins to answer, because
that route computes the answer first. Memory is the peak above what the process held before, as a multiple of the
matrix: 8 bytes a count at the client, 4 at the server.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLES = 1_000
_TISSUES = ("UBERON:0002107", "UBERON:0000955", "UBERON:0000178", "UBERON:0002048")
_QUERY = {
    "sampling_strategy": "sample generation",
    "seed": 1,
    "inputs": [{"metadata": {"tissue_ontology_id": t}, "num_samples": SAMPLES // len(_TISSUES)} for t in _TISSUES],
}


def serve() -> None:
    """Answer until the standard input ends; its address is the first line that is printed."""
    import threading

    import uvicorn
    from starlette.applications import Starlette
    from starlette.routing import Mount

    from synthome.api import create_api

    app = Starlette(routes=[Mount("/api", create_api())])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    print(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", flush=True)
    sys.stdin.read()


def fetch_json(url: str) -> dict[str, float]:
    """Fetch the answer from its download link."""
    from pysynthbio.call_model_api import predict_query
    from pysynthbio.http_client import get_json
    from pysynthbio.output_transformers import OUTPUT_TRANSFORMERS

    link = predict_query(dict(_QUERY), "gem-1-bulk", api_base_url=url, return_download_url=True)["download_url"]
    before = _begin()
    start = time.perf_counter()
    content = get_json(link, timeout=300)
    arrived = time.perf_counter()
    expression = OUTPUT_TRANSFORMERS["gem-1-bulk"](content)["expression"]
    return _figures(start, arrived, before, expression.shape)


def fetch_arrow(url: str) -> dict[str, float]:
    """Ask for the answer as a stream, and read it as it comes."""
    from pysynthbio.arrow_transformers import transform_arrow_stream
    from pysynthbio.http_client import open_arrow_stream

    with open_arrow_stream("/api/models/gem-1-bulk/predict", url, dict(_QUERY)) as response:
        before = _begin()
        start = time.perf_counter()
        expression = transform_arrow_stream(response.raw)["expression"]
        return _figures(start, time.perf_counter(), before, expression.shape)


def main() -> None:
    """Start the server, fetch the answer both ways, and compare."""
    with tempfile.TemporaryDirectory() as folder:
        variables = {**os.environ, "SYNTHOME_DATA_DIR": folder, "SYNTHESIZE_API_KEY": "any"}
        server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.wire", "serve"],
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        url = server.stdout.readline().strip() if server.stdout is not None else ""
        try:
            figures = {form: _measured(form, url, server.pid, variables) for form in ("json", "arrow")}
        finally:
            server.communicate()
    _report(figures)


def _measured(form: str, url: str, server: int, variables: dict[str, str]) -> dict[str, float]:
    """A first fetch leaves the answer made and everything imported; the second is the one that counts."""
    for _ in range(2):
        held = _held(server)
        _forget_peak(server)
        made = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.wire", form, url],
            env=variables,
            capture_output=True,
            text=True,
            check=True,
        )
    figures: dict[str, float] = json.loads(made.stdout.splitlines()[-1])
    return figures | {"server": (_peak(server) - held) / (4 * figures["counts"])}


def _report(figures: dict[str, dict[str, float]]) -> None:
    for form, of in figures.items():
        print(
            f"{form:6} {of['seconds']:6.2f} s ({of['arriving']:.2f} s until it has arrived); memory above the start: "
            f"client {of['client']:.2f} x its matrix, server {of['server']:.2f} x the counts"
        )
    ratio = figures["json"]["seconds"] / figures["arrow"]["seconds"]
    print(f"Arrow is {ratio:.1f} times as fast as JSON (aim: 5 or more); server for JSON under 2 x the counts")


def _figures(start: float, arrived: float, before: int, shape: tuple[int, int]) -> dict[str, float]:
    counts = float(shape[0] * shape[1])
    seconds = time.perf_counter() - start
    memory = (_peak(os.getpid()) - before) / (8 * counts)
    return {"seconds": seconds, "arriving": arrived - start, "client": memory, "counts": counts}


def _begin() -> int:
    _forget_peak(os.getpid())
    return _held(os.getpid())


def _forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def _held(pid: int) -> int:
    return _status(pid, "VmRSS")


def _peak(pid: int) -> int:
    return _status(pid, "VmHWM")


def _status(pid: int, name: str) -> int:
    """Bytes that Linux says a process holds now, or has held at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(name)).split()[1])


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    elif len(sys.argv) == 3:
        print(json.dumps({"json": fetch_json, "arrow": fetch_arrow}[sys.argv[1]](sys.argv[2])))
    else:
        main()
