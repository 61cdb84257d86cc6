"""``python -m training.scorecard``: judge the embedded models, write the model card's tables, exit 1 under a floor."""

from __future__ import annotations

import argparse
import sys
import time

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from training.scorecard.card import filled, plain_table
from training.scorecard.evidence import Evidence
from training.scorecard.learned import learned
from training.scorecard.registry import TESTS, Test, named
from training.scorecard.results import CARD, Results, read_results, weights_digest, write_results


def main() -> int:
    """Run the tests; the figures of each are kept as soon as it is done."""
    parser = argparse.ArgumentParser(prog="python -m training.scorecard", description=__doc__)
    names = ", ".join(test.name for test in TESTS)
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help=f"one test (repeatable): {names}")
    arguments = parser.parse_args()
    try:
        chosen = named(arguments.only)
    except ValueError as error:
        parser.error(str(error))
    # Taken before anything is loaded: weights that change during the run are then seen to be others.
    digest = weights_digest()
    evidence = Evidence()
    kept = read_results()
    results = Results(kept.scores, kept.judged, learned(evidence))
    # Sums must not depend on the machine's number of cores.
    with threadpool_limits(limits=1):
        for test in chosen:
            results = _judged(test, evidence, results, digest)
    failures = [
        f"{test.title}: {score.name}: {shortfall}"
        for test in chosen
        for score in results.scores[test.name]
        for shortfall in score.shortfalls()
    ]
    sys.stdout.write("\n".join(["Under a floor:", *failures] if failures else ["No score is under its floor."]) + "\n")
    return 1 if failures else 0


def _judged(test: Test, evidence: Evidence, results: Results, digest: str) -> Results:
    """``results`` with those of one test, which are shown and kept at once."""
    start = time.perf_counter()
    scores = test.measure(evidence)
    sys.stdout.write(plain_table(f"{test.title} ({time.perf_counter() - start:.0f} s)", scores) + "\n")
    sys.stdout.flush()
    results = results.with_test(test.name, scores, digest)
    write_results(results)
    # From the rounded figures as they are kept, so that the card follows from them to the last digit.
    CARD.write_text(filled(CARD.read_text(encoding="utf-8"), read_results()), encoding="utf-8")
    return results


if __name__ == "__main__":
    sys.exit(main())
