"""Signatures on their way to the weights: one effect a term, and how they are written.

Every fit of effects gives :class:`Signature` values: what is added to ln(CPM + c) of each gene of the models, already
shrunk to what an independent experiment would be expected to see. Genes that no source measures, or for which the
evidence is no more than noise, are exactly zero.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import linalg

from synthome.models.embedded.signatures import SignatureTerm
from training.save import scaled_bytes

__all__ = ["Signature", "perturbation_directions", "save_effects"]

Array = npt.NDArray[np.float64]
LEAST_CHANGE = 0.02
"""Changes below this (ln units) are not stored: two per cent is nothing that an experiment would see."""
PERTURBATION_LATENTS = 16


@dataclass(frozen=True, slots=True)
class Signature:
    """``values``: one a gene of the models, ln units; ``term``: what it is of and what stands behind it."""

    term: SignatureTerm
    values: Array


def perturbation_directions(signatures: Sequence[Signature]) -> Array:
    """Leading directions (genes x latents, orthonormal) of the signatures, each scaled to the same length.

    Scaled, so that a few strong drugs do not make all directions.
    """
    lengths = np.array([np.linalg.norm(s.values) for s in signatures])
    used = [s.values / length for s, length in zip(signatures, lengths, strict=True) if length > 0]
    matrix = np.stack(used, axis=1)
    values, vectors = linalg.eigh(matrix.T @ matrix)
    order = np.argsort(-values, kind="stable")[:PERTURBATION_LATENTS]
    left = matrix @ vectors[:, order]
    left = left / np.linalg.norm(left, axis=0)
    largest = np.abs(left).argmax(axis=0)
    directions: Array = left * np.sign(left[largest, np.arange(left.shape[1])])
    return directions


def save_effects(
    families: Mapping[str, Sequence[Signature]], directions: Array, words: Mapping[str, Any], folder: Path
) -> None:
    """Write effects.npz and effects.json. ``words``: version, licence, sources."""
    perturbation, unit = scaled_bytes(directions)
    arrays: dict[str, Any] = {"perturbation": perturbation, "perturbation_unit": unit}
    rows = {}
    for kind, signatures in families.items():
        rows[kind] = [_row(s.term) for s in signatures]
        arrays |= {f"{kind}_{part}": array for part, array in _packed(signatures).items()}
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "effects.npz", **arrays)
    text = json.dumps({**words, "families": rows}, indent=1, sort_keys=True, ensure_ascii=False)
    (folder / "effects.json").write_text(text + "\n", encoding="utf-8")


def _row(term: SignatureTerm) -> dict[str, Any]:
    row = {**asdict(term), "reliability": round(term.reliability, 3)}
    return {key: value for key, value in row.items() if value not in ("", ())}


def _packed(signatures: Sequence[Signature]) -> dict[str, npt.NDArray[Any]]:
    genes, codes, units, ends = [], [], [], [0]
    for signature in signatures:
        moved = np.flatnonzero(np.abs(signature.values) >= LEAST_CHANGE)
        unit = max(float(np.abs(signature.values).max(initial=0.0)), LEAST_CHANGE) / 127.0
        genes.append(moved.astype(np.uint16))
        codes.append(np.rint(signature.values[moved] / unit).astype(np.int8))
        units.append(unit)
        ends.append(ends[-1] + len(moved))
    return {
        "start": np.array(ends, dtype=np.uint32),
        "gene": np.concatenate([np.zeros(0, dtype=np.uint16), *genes]),
        "code": np.concatenate([np.zeros(0, dtype=np.int8), *codes]),
        "unit": np.array(units, dtype=np.float32),
    }
