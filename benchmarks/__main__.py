"""All benchmarks, one after the other: ``make bench``."""

from __future__ import annotations

import subprocess
import sys

ALL = ("term_search", "term_quality", "generation", "wire", "remote_answers", "plots", "workbench", "app_in_browser")


def main() -> None:
    """Run each in a process of its own, so that none warms up another."""
    for name in ALL:
        print(f"\n== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=True)


if __name__ == "__main__":
    main()
