"""Term search as people type, beside what one would use without an index; run ``python -m benchmarks.term_search``.

Every beginning of two letters or more of sixty names is searched in all ontologies, as the Ontologies page does. In
the same run the same questions go to a scan of all names with rapidfuzz, and to a scan of a pronto graph of UBERON
alone, loaded from an OBO file that is written from the snapshot: the two ways that need no index.
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import string
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from synthome.ontology import ONTOLOGIES, TermIndex, open_index
from synthome.ontology.snapshot import Snapshot
from synthome.settings import REPOSITORY, settings

NAMES: dict[str, tuple[str, ...]] = {
    "UBERON": (
        "liver", "lung", "kidney", "cerebral cortex", "skeletal muscle tissue", "adipose tissue", "blood", "spleen",
        "small intestine", "zone of skin", "heart left ventricle", "thyroid gland", "pancreas", "esophagus mucosa",
    ),
    "CL": (
        "t cell", "b cell", "monocyte", "macrophage", "hepatocyte", "fibroblast", "neutrophil", "natural killer cell",
        "astrocyte", "endothelial cell", "keratinocyte", "regulatory t cell",
    ),
    "MONDO": (
        "breast cancer", "lung adenocarcinoma", "alzheimer disease", "type 2 diabetes mellitus", "psoriasis", "asthma",
        "crohn disease", "hepatocellular carcinoma", "multiple sclerosis", "covid-19", "glioblastoma", "melanoma",
    ),
    "CHEBI": (
        "dexamethasone", "aspirin", "rapamycin", "doxorubicin", "metformin", "17beta-estradiol", "tamoxifen",
        "imatinib", "paclitaxel", "lipopolysaccharide", "retinoic acid", "cisplatin",
    ),
    "CVCL": (
        "hela", "hepg2", "a549", "mcf7", "hek293", "k562", "jurkat", "hct116", "u-87 mg", "thp-1", "caco-2", "sh-sy5y",
    ),
}  # fmt: skip
MEMORY = """
import json, sys
from pathlib import Path
def peak(): return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1000
from synthome.ontology import default_index
before = peak()
index = default_index()
index.warm()
for text in json.load(sys.stdin):
    index.search(text)
print(peak() - before)
"""
"""Not by getrusage: a child begins there with the peak of the process that it was forked from."""
SCANS = 24
"""Questions put to each scan: they are the same for every engine, and a scan takes a thousand times as long."""
LIMIT = 10


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds a question took."""

    name: str
    milliseconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.milliseconds)

    @property
    def p95(self) -> float:
        return sorted(self.milliseconds)[max(0, round(0.95 * len(self.milliseconds)) - 1)]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        index = open_index(index_path=Path(folder) / "terms.sqlite")
        built = time.perf_counter() - started
        with index:
            index.warm()  # as the app does when it has started
            measure(index, built, Path(folder))


def megabytes() -> float:
    """Memory that searching takes, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-c", MEMORY],
        input=json.dumps([*typed(), *mistyped()]),
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return float(done.stdout)


def measure(index: TermIndex, built: float, folder: Path) -> None:
    texts = list(typed())
    some = texts[:: max(1, len(texts) // SCANS)]
    letters = string.ascii_lowercase
    for text in texts:
        index.search(text, limit=LIMIT)
    names = all_names()
    folded = [default_process(name) for name in names]
    uberon = all_names(("UBERON",))
    graph = pronto_graph(folder)
    timings = [
        timed("index, 2 letters or more", texts, lambda text: index.search(text, limit=LIMIT)),
        timed("index, UBERON alone", texts, lambda text: index.search(text, ("UBERON",), LIMIT)),
        timed("index, one letter", letters, lambda text: index.search(text, limit=LIMIT)),
        timed("index, mistyped", mistyped(), lambda text: index.search(text, limit=LIMIT)),
        timed("rapidfuzz ratio, all names", some, lambda text: process.extract(text, folded, scorer=fuzz.ratio)),
        timed("rapidfuzz WRatio, all names", some, lambda text: process.extract(text, folded, scorer=fuzz.WRatio)),
        timed("rapidfuzz WRatio, UBERON", some, lambda text: process.extract(text, uberon, scorer=fuzz.WRatio)),
        timed("pronto scan, UBERON", some, lambda text: scan(graph, text)),
    ]
    print(f"{len(index):,} terms, {len(names):,} names; {len(texts)} questions, {len(some)} for each scan")
    print(f"index built in {built:.1f} s, {index.path.stat().st_size / 1e6:.0f} MB")
    if Path("/proc/self/status").exists():
        print(f"memory of a process that has searched for all of them: {megabytes():.0f} MB above its imports")
    print(f"{'':30}{'p50 ms':>10}{'p95 ms':>10}{'p50 / index':>14}")
    for timing in timings:
        ratio = timing.median / timings[0].median
        print(f"{timing.name:30}{timing.median:10.2f}{timing.p95:10.2f}{ratio:14.1f}")


def typed() -> Iterator[str]:
    """Every beginning of every name, two letters or more, as its keystrokes come."""
    for names in NAMES.values():
        for name in names:
            for end in range(2, len(name) + 1):
                yield name[:end]


def mistyped() -> list[str]:
    """Each name of five letters or more with its third and fourth letter swapped."""
    return [
        name[:2] + name[3] + name[2] + name[4:]
        for names in NAMES.values()
        for name in names
        if len(name) > 4 and name[2] != name[3]
    ]


def timed(name: str, texts: Sequence[str], ask: Callable[[str], object]) -> Timing:
    took = []
    for text in texts:
        started = time.perf_counter()
        ask(text)
        took.append(1e3 * (time.perf_counter() - started))
    return Timing(name, tuple(took))


def all_names(ontologies: Sequence[str] = ONTOLOGIES) -> list[str]:
    snapshot = Snapshot(settings().snapshot_dir)
    return [
        name
        for ontology in ONTOLOGIES
        if ontology in ontologies
        for row in snapshot.rows(ontology)
        if not row.obsolete
        for name in (row.label, *(text for _, text in row.scoped_names()))
    ]


def pronto_graph(folder: Path) -> Any:
    """UBERON as a pronto graph, by way of an OBO file."""
    path = folder / "uberon.obo"
    lines = ["format-version: 1.4", "ontology: uberon", ""]
    for term in Snapshot(settings().snapshot_dir).terms("UBERON"):
        if not term.obsolete:
            lines += ["[Term]", f"id: {term.id}", f"name: {term.label}"]
            lines += [f'synonym: "{synonym.text.replace(chr(34), "")}" EXACT []' for synonym in term.synonyms]
            lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("pronto").Ontology(str(path))


def scan(graph: Any, text: str) -> list[str]:
    """Terms with a name that begins with the text, shortest first: the least that a picker needs."""
    found = []
    for term in graph.terms():
        names = [term.name or "", *(synonym.description for synonym in term.synonyms)]
        fitting = [name for name in names if name.lower().startswith(text)]
        if fitting:
            found.append((min(map(len, fitting)), term.id))
    return [term_id for _, term_id in sorted(found)[:LIMIT]]


if __name__ == "__main__":
    main()
