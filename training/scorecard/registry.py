"""The tests of the scorecard, in the order in which they are shown."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass

from training.scorecard.evidence import Evidence
from training.scorecard.scores import Score

__all__ = ["TESTS", "Test", "named"]


@dataclass(frozen=True, slots=True)
class Test:
    """One module of this package, and its heading."""

    __test__ = False

    name: str
    title: str

    def measure(self, evidence: Evidence) -> list[Score]:
        """Compute the scores. The module is read only now: a single test asks for its own parts alone."""
        module = importlib.import_module(f"training.scorecard.{self.name}")
        scores: list[Score] = module.measure(evidence)
        return scores


TESTS = (
    Test("unseen_atlas", "Tissues of an unseen atlas"),
    Test("hidden_terms", "Terms that were not learned"),
    Test("blood_cells", "Blood cells of unseen studies"),
    Test("fidelity", "Faithfulness to what was learned"),
    Test("sexes", "Sex"),
    Test("diseases", "Diseases against an unseen collection"),
    Test("drugs", "Drugs against unseen experiments"),
    Test("targets", "Knocked-down and overexpressed genes"),
    Test("noise", "Noise and correlation between genes"),
    Test("calibration", "Calibration"),
    Test("classifiers", "Classifiers trained on synthetic samples"),
    Test("discriminator", "Telling real from synthetic"),
    Test("latents", "Latents"),
    Test("recognition", "Telling what real samples are"),
    Test("references", "Real samples perturbed"),
    Test("contract", "The contract"),
)


def named(names: Sequence[str]) -> tuple[Test, ...]:
    """The tests of those names; all where none is given. ``ValueError`` for a name that is none."""
    known = {test.name: test for test in TESTS}
    unknown = [name for name in names if name not in known]
    if unknown:
        message = f"There is no test {', '.join(unknown)}; there are: {', '.join(known)}"
        raise ValueError(message)
    return tuple(test for test in TESTS if not names or test.name in names)
