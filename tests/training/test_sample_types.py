from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from training.sample_types import fit_sample_types, line_changes, validate
from training.signatures import Signature
from training.tissues import Profiles

GENES, TISSUES = 800, 10


def _profiles(columns: dict[str, np.ndarray]) -> Profiles:
    table = pd.DataFrame(columns)
    names = list(columns)
    return Profiles(
        table, dict(zip(names, names, strict=True)), dict.fromkeys(names, ("HPA",)), dict.fromkeys(names, 0.0)
    )


def _made(common: float) -> tuple[Profiles, Profiles, dict[str, tuple[str, str]], np.ndarray]:
    generator = np.random.default_rng(11)
    change = common * generator.normal(0, 1, GENES)
    tissues = {f"T{i}": generator.normal(3, 2, GENES) for i in range(TISSUES)}
    lines, origins = {}, {}
    for tissue, profile in tissues.items():
        for copy in range(2):
            lines[f"{tissue}{copy}"] = profile + change + generator.normal(0, 0.7, GENES)
            origins[f"{tissue}{copy}"] = (tissue, "")
    return _profiles(lines), _profiles(tissues), origins, change


def _values(signature: Signature) -> np.ndarray:
    return signature.values  # noqa: PD011 - not of pandas


def test_what_all_lines_differ_by_from_their_tissues_is_found():
    lines, tissues, origins, change = _made(1.0)
    (signature,) = fit_sample_types(lines, tissues, origins, np.zeros(GENES, dtype=bool))
    assert signature.term.id == "cell line"
    found = _values(signature)
    assert np.corrcoef(found, change)[0, 1] > 0.95
    assert (found @ change) / (change @ change) == pytest.approx(1.0, abs=0.1)


def test_lines_of_a_left_out_tissue_are_predicted_better_than_from_their_tissue():
    lines, tissues, origins, _ = _made(1.0)
    found = validate(line_changes(lines, tissues, origins, np.zeros(GENES, dtype=bool)))
    assert len(found.tissues) == TISSUES
    assert (found.error < 0.7 * found.error_of_tissue).all()


def test_lines_that_share_nothing_give_next_to_nothing():
    lines, tissues, origins, _ = _made(0.0)
    signatures = fit_sample_types(lines, tissues, origins, np.zeros(GENES, dtype=bool))
    assert all(np.abs(_values(s)).mean() < 0.03 for s in signatures)


def test_genes_left_open_and_lines_of_unlearned_tissues_play_no_part():
    lines, tissues, origins, _ = _made(1.0)
    origins["T00"] = ("unknown", "")
    left_open = np.arange(GENES) < 5
    changes = line_changes(lines, tissues, origins, left_open)
    (signature,) = fit_sample_types(lines, tissues, origins, left_open)
    assert (_values(signature)[:5] == 0).all()
    np.testing.assert_allclose(changes["T0"][5:], (lines.theta["T01"] - tissues.theta["T0"])[5:])
