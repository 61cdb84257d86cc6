"""``python -m training``: refit both embedded models from the raw data, and write the weights."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from training.fit import fit_all
from training.learned_terms import write_learned_terms
from training.save import FOLDER


def main() -> None:
    """Fit and say how long it took."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the weights")
    arguments = parser.parse_args()
    start = time.perf_counter()

    def say(text: str) -> None:
        sys.stdout.write(f"{time.perf_counter() - start:6.1f} s  {text}\n")
        sys.stdout.flush()

    # Sums must not depend on the machine's number of cores.
    with threadpool_limits(limits=1):
        fit_all(arguments.out, say)
    if arguments.out == FOLDER:
        write_learned_terms(FOLDER)


if __name__ == "__main__":
    main()
