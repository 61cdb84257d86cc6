"""``python -m benchmarks.wire``: an answer of 1,000 samples x all genes, fetched by the official client.

A server of its own process holds a finished answer of gem-1-bulk. Each client is a process of its own that uses
pysynthbio's own functions, those that ``predict_query`` calls: for JSON ``get_json`` and the transformer of its
registry on the download link of an answer that was made before; for Arrow ``open_arrow_stream`` and
``transform_arrow_stream``, timed from the moment when the server begins to answer, because that route makes the answer
first. Beside the time stands that of the client's processor, which does not hang on what else the machine does. Memory
is the peak above what the process held before, as a multiple of the matrix: 8 bytes a count at the client, 4 at the
server, whose Arrow route makes a new answer, one matrix, meanwhile. Last, what compressing the same bytes would take.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

SAMPLES = 1_000
_TISSUES = ("UBERON:0002107", "UBERON:0000955", "UBERON:0000178", "UBERON:0002048")
_QUERY = {
    "sampling_strategy": "sample generation",
    "seed": 1,
    "inputs": [{"metadata": {"tissue_ontology_id": t}, "num_samples": SAMPLES // len(_TISSUES)} for t in _TISSUES],
}
_LINE = 100e6 / 8
"""Bytes a second of a line of 100 Mbit/s."""


def serve(_: str) -> dict[str, float]:
    """Answer until the standard input ends; its address is the first line that is printed."""
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
    return {}


def ask(url: str) -> str:
    """Have the answer made, and tell its download link."""
    from pysynthbio.call_model_api import predict_query

    answer = predict_query(dict(_QUERY), "gem-1-bulk", api_base_url=url, return_download_url=True)
    return str(answer["download_url"])


def fetch_json(link: str) -> dict[str, float]:
    """Fetch the answer from its download link, as ``predict_query`` does."""
    from pysynthbio.http_client import get_json
    from pysynthbio.output_transformers import OUTPUT_TRANSFORMERS

    before, start = _held_anew(), _clocks()
    content = get_json(link, timeout=300)
    arrived = _clocks()
    expression = OUTPUT_TRANSFORMERS["gem-1-bulk"](content)["expression"]
    return _figures(start, arrived, before, expression.shape)


def fetch_arrow(url: str) -> dict[str, float]:
    """Ask for the answer as a stream and read it as it comes, as ``predict_query(self_hosted=True)`` does."""
    from pysynthbio.arrow_transformers import transform_arrow_stream
    from pysynthbio.http_client import open_arrow_stream

    with open_arrow_stream("/api/models/gem-1-bulk/predict", url, dict(_QUERY)) as response:
        before, start = _held_anew(), _clocks()
        expression = transform_arrow_stream(response.raw)["expression"]
        return _figures(start, _clocks(), before, expression.shape)


def compress(link: str) -> dict[str, float]:
    """What the JSON weighs compressed, and how long that takes, at the fastest level and at the server's own."""
    import requests

    start = time.perf_counter()
    content = requests.get(link, timeout=300).content
    figures = {"seconds": time.perf_counter() - start, "bytes": float(len(content))}
    for level in (1, 5):
        start = time.process_time()
        size = len(zlib.compress(content, level))
        figures |= {f"seconds {level}": time.process_time() - start, f"bytes {level}": float(size)}
    return figures


_PARTS: dict[str, Callable[[str], object]] = {
    "serve": serve,
    "ask": ask,
    "json": fetch_json,
    "arrow": fetch_arrow,
    "compress": compress,
}


def main() -> None:
    """Start the server, fetch the answer both ways, and compare."""
    with tempfile.TemporaryDirectory() as folder:
        variables = {**os.environ, "SYNTHOME_DATA_DIR": folder, "SYNTHESIZE_API_KEY": "any"}
        command = [sys.executable, "-m", "benchmarks.wire", "serve", ""]
        with subprocess.Popen(
            command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server:
            url = server.stdout.readline().strip() if server.stdout is not None else ""
            try:
                link = _done("ask", url, variables)
                places = {"json": link, "arrow": url}
                figures = {form: _measured(form, place, server.pid, variables) for form, place in places.items()}
                compressed = _done("compress", link, variables)
            finally:
                server.communicate()
    _report(figures)
    _report_compression(compressed)


def _measured(form: str, place: str, server: int, variables: dict[str, str]) -> dict[str, float]:
    """A first fetch leaves everything imported and at hand; the second is the one that counts."""
    figures: dict[str, float] = _done(form, place, variables)
    held = _held(server)
    _forget_peak(server)
    figures = _done(form, place, variables)
    return figures | {"server": (_peak(server) - held) / (4 * figures["counts"])}


def _done(part: str, place: str, variables: dict[str, str]) -> Any:
    """What a part tells that runs in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.wire", part, place]
    done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def _report(figures: dict[str, dict[str, float]]) -> None:
    for form, of in figures.items():
        print(
            f"{form:6} {of['seconds']:6.2f} s ({of['arriving']:.2f} s until it has arrived; {of['processor']:.2f} s of "
            f"the client's processor); memory above the start: client {of['client']:.2f} x its matrix, "
            f"server {of['server']:.2f} x the counts"
        )
    ratio, of_processor = (figures["json"][name] / figures["arrow"][name] for name in ("seconds", "processor"))
    print(
        f"Arrow is {ratio:.1f} times as fast as JSON, {of_processor:.1f} times by the client's processor (aim: 5 or "
        f"more); the server takes {figures['json']['server']:.2f} x the counts to write JSON (aim: under 2)"
    )


def _report_compression(of: dict[str, float]) -> None:
    print(f"JSON   {of['bytes'] / 1e6:6.1f} MB, made and sent in {of['seconds']:.2f} s")
    for level in (1, 5):
        saved = of["bytes"] - of[f"bytes {level}"]
        size, seconds = of[f"bytes {level}"] / 1e6, of[f"seconds {level}"]
        print(
            f"gzip {level} {size:6.1f} MB for {seconds:.2f} s of a processor; saves {saved / _LINE:.1f} s at 100 Mbit/s"
        )


def _clocks() -> tuple[float, float]:
    """Seconds of the clock and of this process's processor."""
    return time.perf_counter(), time.process_time()


def _figures(
    start: tuple[float, float], arrived: tuple[float, float], before: int, shape: tuple[int, int]
) -> dict[str, float]:
    counts = float(shape[0] * shape[1])
    end = _clocks()
    return {
        "seconds": end[0] - start[0],
        "processor": end[1] - start[1],
        "arriving": arrived[0] - start[0],
        "client": (_peak(os.getpid()) - before) / (8 * counts),
        "counts": counts,
    }


def _held_anew() -> int:
    """Bytes that this process holds, its peak forgotten."""
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
    if len(sys.argv) == 3:
        print(json.dumps(_PARTS[sys.argv[1]](sys.argv[2])))
    else:
        main()
