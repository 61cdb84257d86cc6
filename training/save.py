"""Writing what was fitted: one compressed archive a model and one JSON file of words.

Profiles are stored as one byte a gene (``scale.encoded``), loadings and dispersions as bytes with a scale a column.
Archives hold no time stamps, so the same fit gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models.embedded.scale import DEVIATION_STEP, LEAST_THETA, encoded
from training.genes import GeneTable
from training.tissues import Profiles

__all__ = ["codes", "deviation_codes", "family", "project", "save_model", "scaled_bytes"]

Array = npt.NDArray[np.float64]
FOLDER = Path(__file__).resolve().parents[1] / "synthome" / "models" / "embedded" / "weights"


def codes(theta: Array) -> npt.NDArray[np.uint8]:
    """Terms x genes bytes of genes x terms log expression."""
    return encoded(np.nan_to_num(theta, nan=LEAST_THETA)).T.copy()


def deviation_codes(deviation: Array) -> npt.NDArray[np.int8]:
    """Terms x genes bytes of genes x terms deviations; those below one unit are left out."""
    return np.clip(np.rint(deviation / DEVIATION_STEP), -127, 127).astype(np.int8).T.copy()


def scaled_bytes(matrix: Array) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Columns of ``matrix`` as bytes and the value of one unit of each column; returned as columns x genes."""
    unit = np.maximum(np.abs(matrix).max(axis=0), 1e-9) / 127.0
    return np.rint(matrix / unit).astype(np.int8).T.copy(), unit.astype(np.float32)


def project(theta: Array, centre: Array, loadings: Array) -> npt.NDArray[np.float32]:
    """Where profiles lie among the latents: least squares of theta - centre on the loadings, terms x latents."""
    solution, *_ = np.linalg.lstsq(loadings, theta - centre[:, None], rcond=None)
    return np.round(solution.T, 3).astype(np.float32)


def family(
    profiles: Profiles,
    sexes: Mapping[str, str] | None = None,
    origins: Mapping[str, tuple[str, str]] | None = None,
) -> list[dict[str, Any]]:
    """Rows of a vocabulary for the JSON file, in the order of the profiles.

    ``sexes`` of the donors where all are of one, ``origins`` the tissue and the disease that a line is from.
    """
    rows = []
    for term in profiles.theta.columns:
        row: dict[str, Any] = {
            "id": term,
            "label": profiles.labels[term],
            "studies": list(profiles.studies[term]),
            "filled": round(profiles.filled[term], 3),
        }
        if sexes and sexes.get(term):
            row["sex"] = sexes[term]
        tissue, disease = (origins or {}).get(term, ("", ""))
        row |= {key: origin for key, origin in (("tissue", tissue), ("disease", disease)) if origin}
        rows.append(row)
    return rows


def save_model(
    name: str,
    genes: GeneTable,
    arrays: Mapping[str, npt.NDArray[Any]],
    words: Mapping[str, Any],
    folder: Path = FOLDER,
) -> None:
    """Write ``name``.npz and ``name``.json."""
    folder.mkdir(parents=True, exist_ok=True)
    table = genes.table
    everything: dict[str, Any] = {"gene_number": _numbers(table.index), **arrays}
    for column in ("symbol", "biotype", "chromosome"):
        everything[f"gene_{column}"] = np.array("\n".join(table[column]).encode())
    np.savez_compressed(folder / f"{name}.npz", **everything)
    text = json.dumps(words, indent=1, sort_keys=True, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _numbers(ids: Iterable[str] | pd.Index) -> npt.NDArray[np.uint32]:
    """The digits of ENSG00000123456 as a number."""
    return np.array([int(gene.removeprefix("ENSG")) for gene in ids], dtype=np.uint32)
