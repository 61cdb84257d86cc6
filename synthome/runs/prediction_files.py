"""A prediction as files: counts as .npy (to be memory-mapped), tables as Parquet, the rest as JSON; no pickle.

Gene tables are the same for every run of a model and larger than a small run's counts, so each distinct one is
written once, under its hash, into a folder that all runs share.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from synthome.prediction import Prediction, Provenance

__all__ = ["read_prediction", "write_prediction"]


@dataclass(frozen=True, slots=True)
class _About:
    """What is no array. ``index`` holds the row names of ``expression`` where they are no plain running numbers."""

    provenance: Provenance
    condition_names: tuple[str, ...]
    sample_names: tuple[str, ...]
    genes: str
    gene_axis: str | None
    index: tuple[str, ...] | None


_ABOUT = TypeAdapter(_About)
_PROBABILITIES = "classifier_probs.json"


def write_prediction(prediction: Prediction, folder: Path, gene_tables: Path) -> None:
    """Write ``prediction`` into the empty ``folder``, its gene table into ``gene_tables`` unless it is there."""
    expression = prediction.expression
    np.save(folder / "expression.npy", np.ascontiguousarray(expression.to_numpy()), allow_pickle=False)
    np.save(folder / "condition.npy", prediction.condition, allow_pickle=False)
    prediction.metadata.to_parquet(folder / "metadata.parquet")
    prediction.latents.to_parquet(folder / "latents.parquet")
    if prediction.classifier_probs is not None:
        _write_probabilities(prediction.classifier_probs, folder / _PROBABILITIES)
    about = _About(
        prediction.provenance,
        prediction.condition_names,
        prediction.sample_names,
        _write_genes(prediction.genes, gene_tables),
        None if expression.columns.name is None else str(expression.columns.name),
        None if _is_running(expression.index) else tuple(str(name) for name in expression.index),
    )
    (folder / "about.json").write_bytes(_ABOUT.dump_json(about))


def read_prediction(folder: Path, gene_tables: Path) -> Prediction:
    """The prediction in ``folder``; its counts stay on disk until they are touched, and are read-only.

    Raises
    ------
    OSError, ValueError
        Where a file is missing or damaged.
    """
    about = _ABOUT.validate_json((folder / "about.json").read_bytes())
    genes = pd.read_parquet(gene_tables / f"{about.genes}.parquet")
    counts = np.load(folder / "expression.npy", mmap_mode="r", allow_pickle=False)
    index = None if about.index is None else list(about.index)
    return Prediction(
        metadata=pd.read_parquet(folder / "metadata.parquet"),
        expression=pd.DataFrame(counts, index=index, columns=genes.index.rename(about.gene_axis), copy=False),
        latents=_read_latents(folder / "latents.parquet"),
        genes=genes,
        condition=np.load(folder / "condition.npy", allow_pickle=False),
        condition_names=about.condition_names,
        provenance=about.provenance,
        sample_names=about.sample_names,
        classifier_probs=_read_probabilities(folder / _PROBABILITIES),
    )


def _write_probabilities(probabilities: pd.DataFrame, path: Path) -> None:
    """JSON, since Parquet would give every cell the values of all."""
    path.write_text(json.dumps(probabilities.to_dict("list")), encoding="utf-8")


def _read_probabilities(path: Path) -> pd.DataFrame | None:
    if not path.exists():
        return None
    return pd.DataFrame(json.loads(path.read_text(encoding="utf-8")), dtype=object)


def _is_running(index: pd.Index) -> bool:
    return isinstance(index, pd.RangeIndex) and index.equals(pd.RangeIndex(len(index)))


def _read_latents(path: Path) -> pd.DataFrame:
    """Latents with a list a cell, as the contract has them, where Parquet would give arrays."""
    latents = pd.read_parquet(path)
    for column in latents.columns:
        cells = [None if cell is None else np.asarray(cell).tolist() for cell in latents[column]]
        latents[column] = pd.Series(cells, index=latents.index, dtype=object)
    return latents


def _write_genes(genes: pd.DataFrame, gene_tables: Path) -> str:
    """Write ``genes`` under its hash and return that; a table that is already there is left alone."""
    table = pa.Table.from_pandas(genes)
    digest = hashlib.sha256(str(table.schema).encode())
    digest.update(pd.util.hash_pandas_object(genes).to_numpy().tobytes())
    name = digest.hexdigest()[:32]
    path = gene_tables / f"{name}.parquet"
    if not path.exists():
        gene_tables.mkdir(parents=True, exist_ok=True)
        draft = gene_tables / f".{name}-{secrets.token_hex(4)}"
        pq.write_table(table, draft, compression="zstd")
        draft.replace(path)
    return name
