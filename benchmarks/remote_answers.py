"""``python -m benchmarks.remote_answers``: the memory that a remote answer takes while it is read, and how long.

A service on loopback sends 1,000 samples of 20,000 genes, as the contract's JSON (plain and in gzip) and as its Arrow
stream. Each is read in a process of its own; its peak memory, less what it had before it asked, is set in relation to
the matrix of 32-bit counts that is wanted. Beside it stands the same answer read whole before it is looked at:
``json.loads`` of the body, or every batch of the stream, then a list of rows that is stacked. ``--samples`` and
``--genes`` change the size. Needs Linux.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import subprocess
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
import requests

from synthome.models.hosted import HostedModel
from synthome.models.self_hosted import SelfHostedModel
from synthome.query import BULK, read_query
from synthome.query.vocabulary import ARROW_STREAM

Wire = Literal["json", "json in gzip", "json, genes last", "json by gene", "arrow"]

_BATCH = 64
_MATRIX_BYTES = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--genes", type=int, default=20_000)
    parser.add_argument("--read", choices=get_args(Wire), help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--whole", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.read:
        read = _read_whole if options.whole else _read
        print(json.dumps(read(options.read, options.url, options.samples)))
        return
    matrix = options.samples * options.genes * _MATRIX_BYTES
    print(f"{options.samples:,} samples x {options.genes:,} genes: a matrix of {matrix / 1e6:.0f} MB")
    print(f"{'as':18}{'sent':>10}{'peak':>10}{'of the matrix':>16}{'took':>9}{'read whole':>14}{'took':>9}")
    for wire in get_args(Wire):
        sent, (peak, seconds), (old_peak, old_seconds) = _measured(wire, options.samples, options.genes)
        print(
            f"{wire:18}{sent / 1e6:7.0f} MB{peak / 1e6:7.0f} MB{peak / matrix:15.2f}x{seconds:7.1f} s"
            f"{old_peak / matrix:13.2f}x{old_seconds:7.1f} s",
            flush=True,
        )


# The service ----------------------------------------------------------------------------------------------------------


def _measured(wire: Wire, samples: int, genes: int) -> tuple[int, tuple[int, float], tuple[int, float]]:
    """Bytes sent; bytes of memory at the peak and seconds, for an answer read as it comes, and for one read whole."""
    with tempfile.TemporaryDirectory() as folder:
        body = Path(folder) / "body"
        _write(body, wire, samples, genes)
        server = _service(body, packed=wire == "json in gzip")
        url = f"http://127.0.0.1:{server.server_port}"
        command = [sys.executable, "-m", "benchmarks.remote_answers", "--read", wire, "--url", url]
        command += ["--samples", str(samples)]
        as_it_comes, whole = _told(command), _told([*command, "--whole"])
        server.shutdown()
        server.server_close()
        return body.stat().st_size, as_it_comes, whole


def _told(command: list[str]) -> tuple[int, float]:
    """What a process of its own measured."""
    peak, seconds = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return peak, seconds


def _write(body: Path, wire: Wire, samples: int, genes: int) -> None:
    order = [f"ENSG{number:011d}" for number in range(genes)]
    random = np.random.default_rng(1)
    if wire == "arrow":
        _write_arrow(body, samples, order, random)
        return
    named = json.dumps(order)
    with gzip.open(body, "wt", compresslevel=1) if wire == "json in gzip" else body.open("w") as out:
        first = "" if wire == "json, genes last" else f'"gene_order": {named}, '
        out.write(f'{{{first}"outputs": [')
        for sample in range(samples):
            counts: object = _counts(random, genes).tolist()
            if wire == "json by gene":
                counts = {gene: count for gene, count in zip(order, counts, strict=True) if count}  # type: ignore[call-overload]
            output = {"counts": counts, "metadata": {"sex": "male"}, "latents": {"biological": [0.5] * 64}}
            out.write(("," if sample else "") + json.dumps(output))
        last = f', "gene_order": {named}' if wire == "json, genes last" else ""
        out.write(f'], "model_version": "benchmark"{last}}}')


def _write_arrow(body: Path, samples: int, order: list[str], random: np.random.Generator) -> None:
    about = {"request_type": "baseline", "model_version": "benchmark", "gene_order": json.dumps(order)}
    sex = pa.struct([pa.field("sex", pa.string())])
    fields = [pa.field("counts", pa.list_(pa.int32())), pa.field("metadata", sex)]
    schema = pa.schema([*fields, pa.field("biological_latent", pa.list_(pa.float64()))], metadata=dict(about))
    with pa.ipc.new_stream(str(body), schema) as writer:
        for start in range(0, samples, _BATCH):
            rows = min(_BATCH, samples - start)
            counts = _counts(random, rows * len(order))
            offsets = pa.array(np.arange(rows + 1, dtype=np.int32) * len(order))
            lists = pa.ListArray.from_arrays(offsets, pa.array(counts))
            columns = [lists, pa.array([{"sex": "male"}] * rows, type=sex), pa.array([[0.5] * 64] * rows)]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=schema))


def _counts(random: np.random.Generator, count: int) -> np.ndarray:
    """Counts as a bulk sample has them: many small ones, a few large, a third of them zero."""
    return random.poisson(np.exp(random.normal(3.0, 2.5, count)) * (random.random(count) > 0.33)).astype(np.int32)


def _service(body: Path, *, packed: bool) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Accept"] == ARROW_STREAM:
                self._send(ARROW_STREAM)
            else:
                self._say({"modelQueryId": "q-1"})

        def do_GET(self) -> None:
            if self.path.endswith("/status"):
                self._say({"status": "ready", "downloadUrl": "/download"})
            else:
                self._send("application/json")

        def _say(self, content: dict[str, str]) -> None:
            written = json.dumps(content).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        def _send(self, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(body.stat().st_size))
            if packed:
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            with body.open("rb") as content:
                while part := content.read(io.DEFAULT_BUFFER_SIZE * 16):
                    self.wfile.write(part)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


# The client, in a process of its own ----------------------------------------------------------------------------------


def _read(wire: Wire, url: str, samples: int) -> tuple[int, float]:
    inputs = [{"metadata": {"sex": "male"}, "num_samples": samples}]
    query = read_query({"sampling_strategy": "mean estimation", "inputs": inputs, "seed": 1})
    model = SelfHostedModel(BULK, url) if wire == "arrow" else HostedModel(BULK, url, "benchmark-key")
    before = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    begun = time.perf_counter()
    prediction = model.predict(query)
    seconds = time.perf_counter() - begun
    peak = _resident("VmHWM") - before
    if len(prediction.expression) != samples:
        message = f"{samples} samples were sent and {len(prediction.expression)} read"
        raise RuntimeError(message)
    return peak, seconds


def _read_whole(wire: Wire, url: str, samples: int) -> tuple[int, float]:
    """The same, read as one reads an answer without a thought for its size."""
    before = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    begun = time.perf_counter()
    if wire == "arrow":
        headers = {"Accept": ARROW_STREAM}
        body = requests.post(f"{url}/api/models/{BULK}/predict", json={}, headers=headers, timeout=300).content
        rows = [np.asarray(counts.values) for batch in pa.ipc.open_stream(body) for counts in batch.column("counts")]
    else:
        content = json.loads(requests.get(f"{url}/download", timeout=300).content)
        rows = [np.asarray(_in_order(output["counts"], content["gene_order"])) for output in content["outputs"]]
    matrix = np.stack(rows).astype(np.int32)
    seconds = time.perf_counter() - begun
    peak = _resident("VmHWM") - before
    if len(matrix) != samples:
        message = f"{samples} samples were sent and {len(matrix)} read"
        raise RuntimeError(message)
    return peak, seconds


def _in_order(counts: list[int] | dict[str, int], order: list[str]) -> list[int]:
    return [counts.get(gene, 0) for gene in order] if isinstance(counts, dict) else counts


def _resident(what: Literal["VmRSS", "VmHWM"]) -> int:
    """Memory of this process in bytes, as Linux tells it: now, or at its peak."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{what}:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main()
