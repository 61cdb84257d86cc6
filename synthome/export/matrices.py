"""Predictions as files of other programs: TSV, Parquet, GCT for Morpheus, h5ad for scanpy, Seurat and CELLxGENE."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from synthome.analysis.normalisation import log_cpm
from synthome.export.about import about_text
from synthome.export.gct import gct_text, tsv_line
from synthome.prediction import Prediction
from synthome.query.vocabulary import KEYS

__all__ = ["LabelOf", "expression_parquet", "expression_tsv", "gct", "h5ad"]

LabelOf = Callable[[str], str | None]
"""Gives the label of a term id, or ``None`` where nobody knows it."""

_CELLXGENE_NAMES = {
    "tissue_ontology_id": ("tissue_ontology_term_id", "tissue"),
    "cell_type_ontology_id": ("cell_type_ontology_term_id", "cell_type"),
    "disease_ontology_id": ("disease_ontology_term_id", "disease"),
    "cell_line_ontology_id": ("cell_line_ontology_term_id", "cell_line"),
    "perturbation_ontology_id": ("perturbation_ontology_term_id", "perturbation"),
}
"""Columns of ``obs`` as CELLxGENE's schema names them (and, for lines and perturbations, in its manner)."""


def expression_tsv(prediction: Prediction) -> bytes:
    """Counts as TSV in UTF-8, genes in rows as R's packages want them: gene id, symbol, then a column a sample."""
    lines = [tsv_line(["gene_id", "symbol", *prediction.sample_names])]
    counts = prediction.expression.to_numpy().T
    symbols = prediction.genes["symbol"]
    for gene, symbol, row in zip(prediction.genes.index, symbols, counts, strict=True):
        lines.append(f"{tsv_line([gene, symbol])}\t" + "\t".join(map(str, row.tolist())))
    return ("\n".join(lines) + "\n").encode()


def expression_parquet(prediction: Prediction) -> bytes:
    """Counts as Parquet, genes in rows: gene id, symbol, then a column a sample; a column a gene would be all head."""
    counts = prediction.expression.to_numpy()
    columns = {"gene_id": list(prediction.genes.index), "symbol": list(prediction.genes["symbol"])}
    names = _unique(prediction.sample_names)
    table = pa.table({**columns, **{name: counts[row] for row, name in enumerate(names)}})
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def gct(prediction: Prediction) -> bytes:
    """log2(CPM + 1) of all genes as GCT 1.3; see :func:`~synthome.export.gct.gct_text`."""
    columns = {"condition": list(prediction.conditions)}
    columns |= {key: list(prediction.metadata[key]) for key in prediction.metadata.columns}
    described = prediction.genes[["symbol", "biotype", "chromosome"]]
    return gct_text(log_cpm(prediction.expression).T, described, prediction.sample_names, columns)


def h5ad(prediction: Prediction, query: dict[str, Any], label_of: LabelOf, title: str = "") -> bytes:
    """The prediction as AnnData.

    ``X`` and ``layers["counts"]`` hold counts, ``layers["log_cpm"]`` log2(CPM + 1); ``obs`` the condition and the
    metadata, term ids and labels as CELLxGENE names them; ``var`` symbols, biotypes and chromosomes; ``obsm`` the
    latents; ``uns`` the query, where the numbers come from, and that they are synthetic.
    """
    import anndata  # brings h5py and zarr along, which nothing else here needs

    counts = prediction.expression.to_numpy()
    data = anndata.AnnData(
        X=counts.astype(np.float32),
        obs=_observations(prediction, label_of),
        var=_variables(prediction),
        layers={"counts": counts, "log_cpm": log_cpm(prediction.expression)},
        obsm=_latents(prediction),
        uns={
            "title": title,
            "synthetic": True,
            "about": about_text(prediction),
            "query": json.dumps(query, ensure_ascii=False),
            "model_id": prediction.provenance.model_id,
            "model_version": prediction.provenance.model_version,
            "made_on": date.today().isoformat(),
        },
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prediction.h5ad"
        data.write_h5ad(path, compression="gzip")
        return path.read_bytes()


def _observations(prediction: Prediction, label_of: LabelOf) -> pd.DataFrame:
    columns: dict[str, Any] = {"condition": pd.Categorical(prediction.conditions)}
    for key in prediction.metadata.columns:
        values = prediction.metadata[key].astype(object).where(prediction.metadata[key].notna(), "unknown")
        id_name, label_name = _CELLXGENE_NAMES.get(key, (key, ""))
        columns[id_name] = pd.Categorical(values)
        if label_name:
            columns[label_name] = pd.Categorical([label_of(str(value)) or str(value) for value in values])
        elif key in KEYS and KEYS[key].ontologies:
            columns[f"{key}_label"] = pd.Categorical([label_of(str(value)) or str(value) for value in values])
    return pd.DataFrame(columns, index=pd.Index(_unique(prediction.sample_names), dtype=object))


def _variables(prediction: Prediction) -> pd.DataFrame:
    genes = prediction.genes
    return pd.DataFrame(
        {
            "feature_name": prediction.symbols(),
            "feature_biotype": genes["biotype"].to_numpy(),
            "chromosome": genes["chromosome"].to_numpy(),
        },
        index=pd.Index(list(genes.index), dtype=object),
    )


def _latents(prediction: Prediction) -> dict[str, np.ndarray]:
    """The latents that all samples have alike, as matrices."""
    found = {}
    for name in prediction.latents.columns:
        cells = list(prediction.latents[name])
        lengths = {len(cell) for cell in cells}
        if len(lengths) == 1 and lengths != {0}:
            found[f"X_{name}_latents"] = np.array(cells, dtype=np.float64)
    return found


def _unique(names: Iterable[str]) -> list[str]:
    """Names told apart, as AnnData wants them."""
    out: list[str] = []
    taken: set[str] = set()
    for name in names:
        candidate, number = name, 2
        while candidate in taken:
            candidate, number = f"{name} ({number})", number + 1
        taken.add(candidate)
        out.append(candidate)
    return out
