"""``python -m benchmarks.generation``: how fast the embedded models answer, and in how much memory.

Each figure comes from a process of its own. Beside each model, in the same process, runs the plain way to draw such
counts on the same expected values: numpy's ``Generator.negative_binomial`` for bulk samples (it keeps no library size),
``Generator.multinomial`` for cells (of one mean: no cell differs but by counting), one call a sample. Memory is stated
as that of the answer itself (4 bytes a count) and what is taken above it, which chunks bound.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

SAMPLES = 1_000
CELLS = 10_000


def load() -> dict[str, float]:
    """Seconds from asking for a model to having it, the libraries already imported."""
    from synthome.models import embedded_model

    figures = {}
    for model_id in ("gem-1-bulk", "gem-1-sc"):
        start = time.perf_counter()
        embedded_model(model_id)
        figures[f"load {model_id} (s)"] = time.perf_counter() - start
    return figures


def bulk() -> dict[str, float]:
    """1,000 bulk samples of all genes by sample generation."""
    from synthome.models import embedded_model
    from synthome.query import read_query

    model = embedded_model("gem-1-bulk")
    tissues = ["UBERON:0002107", "UBERON:0000955", "UBERON:0000178", "UBERON:0002048"]
    query = read_query(
        {
            "sampling_strategy": "sample generation",
            "seed": 1,
            "inputs": [{"metadata": {"tissue_ontology_id": t}, "num_samples": SAMPLES // 4} for t in tissues],
        }
    )
    before = _peak()
    start, processor = time.perf_counter(), time.process_time()
    answer = model.predict(query)
    seconds = time.perf_counter() - start
    figures = {
        "1,000 bulk samples (s)": seconds,
        "of processor time (s)": time.process_time() - processor,
        "genes": float(answer.expression.shape[1]),
        **_memory(before, answer.expression.shape),
    }
    mean = np.maximum(answer.expression.to_numpy(dtype=np.float64).mean(axis=0), 1e-6)
    shape = np.full(len(mean), 1 / 0.1)
    generator = np.random.default_rng(1)
    plain = np.empty((SAMPLES, len(mean)), dtype=np.int32)
    start, processor = time.perf_counter(), time.process_time()
    for row in range(SAMPLES):
        plain[row] = generator.negative_binomial(shape, shape / (shape + mean))
    figures["numpy negative_binomial, one thread (s)"] = time.perf_counter() - start
    figures["of processor time, numpy (s)"] = time.process_time() - processor
    figures["model / numpy"] = seconds / figures["numpy negative_binomial, one thread (s)"]
    return figures


def single_cell() -> dict[str, float]:
    """10,000 single cells by mean estimation."""
    from synthome.models import embedded_model
    from synthome.query import read_query

    model = embedded_model("gem-1-sc")
    types = ["CL:0000084", "CL:0000236", "CL:0000623", "CL:0000860"]
    query = read_query(
        {
            "sampling_strategy": "mean estimation",
            "seed": 1,
            "inputs": [{"metadata": {"cell_type_ontology_id": t}, "num_samples": CELLS // 4} for t in types],
        }
    )
    before = _peak()
    start, processor = time.perf_counter(), time.process_time()
    answer = model.predict(query)
    seconds = time.perf_counter() - start
    figures = {
        "10,000 single cells (s)": seconds,
        "of processor time (s)": time.process_time() - processor,
        "genes": float(answer.expression.shape[1]),
        **_memory(before, answer.expression.shape),
    }
    share = answer.expression.iloc[: CELLS // 4].to_numpy(dtype=np.float64).mean(axis=0)
    share /= share.sum()
    shape = answer.expression.shape
    del answer
    generator = np.random.default_rng(1)
    plain = np.empty(shape, dtype=np.int32)
    start = time.perf_counter()
    for row in range(CELLS):
        plain[row] = generator.multinomial(10_000, share)
    figures["numpy multinomial, one thread (s)"] = time.perf_counter() - start
    figures["model / numpy"] = seconds / figures["numpy multinomial, one thread (s)"]
    return figures


def _memory(before: float, shape: tuple[int, ...]) -> dict[str, float]:
    """Peak of the process, the answer's share of it, and what making it took besides."""
    answer = shape[0] * shape[1] * 4 / 2**20
    return {
        "peak memory of the process (MB)": _peak(),
        "of it the answer (MB)": answer,
        "of it above the answer and what was loaded (MB)": _peak() - answer - before,
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


PARTS: dict[str, Callable[[], dict[str, float]]] = {"load": load, "bulk": bulk, "single_cell": single_cell}


def main() -> None:
    """Run each part in its own process and print its figures."""
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(PARTS[sys.argv[1]]()))
        return
    for part in PARTS:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.generation", part], check=True, capture_output=True, text=True
        )
        sys.stdout.write(f"{part}\n")
        for name, value in json.loads(done.stdout).items():
            sys.stdout.write(f"  {name}: {value:,.2f}\n")


if __name__ == "__main__":
    main()
