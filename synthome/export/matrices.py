"""Predictions as files of other programs: TSV, Parquet, GCT for Morpheus, h5ad for scanpy, Seurat and CELLxGENE."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from synthome.analysis.normalisation import FloatArray, log_cpm
from synthome.distinct import distinct
from synthome.export.about import about_text
from synthome.export.gct import gct_rows, tsv_line
from synthome.prediction import Prediction
from synthome.query.vocabulary import KEYS

__all__ = ["LabelOf", "expression_parquet", "expression_tsv", "gct", "h5ad", "log_cpm_gct_rows", "write_h5ad"]

LabelOf = Callable[[str], str | None]
"""Gives the label of a term id, or ``None`` where nobody knows it."""

_CELLXGENE_NAMES = {
    "tissue_ontology_id": ("tissue_ontology_term_id", "tissue"),
    "cell_type_ontology_id": ("cell_type_ontology_term_id", "cell_type"),
    "disease_ontology_id": ("disease_ontology_term_id", "disease"),
    "developmental_stage": ("development_stage_ontology_term_id", "development_stage"),
    "ethnicity": ("self_reported_ethnicity_ontology_term_id", "self_reported_ethnicity"),
    "cell_line_ontology_id": ("cell_line_ontology_term_id", "cell_line"),
    "perturbation_ontology_id": ("perturbation_ontology_term_id", "perturbation"),
}
"""Columns of ``obs`` as CELLxGENE's schema names them (and, for lines and perturbations, in its manner)."""
_WORDS_TOO = frozenset({"developmental_stage", "ethnicity"})
"""Keys that take words as well as terms."""
_SEXES = {"female": "PATO:0000383", "male": "PATO:0000384"}
_UNKNOWN = "unknown"


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
    names = distinct(prediction.sample_names)
    table = pa.table({**columns, **{name: counts[row] for row, name in enumerate(names)}})
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def gct(prediction: Prediction) -> bytes:
    """log2(CPM + 1) of all genes as GCT 1.3; see :func:`~synthome.export.gct.gct_text`."""
    return b"".join(log_cpm_gct_rows(prediction, log_cpm(prediction.expression)))


def log_cpm_gct_rows(prediction: Prediction, log_expression: FloatArray) -> Iterator[bytes]:
    """The lines of :func:`gct` one by one; ``log_expression`` is the prediction's, n x genes."""
    columns = {"condition": list(prediction.conditions)}
    columns |= {key: list(prediction.metadata[key]) for key in prediction.metadata.columns}
    described = prediction.genes[["symbol", "biotype", "chromosome"]]
    return gct_rows(log_expression.T, described, prediction.sample_names, columns)


def h5ad(prediction: Prediction, query: dict[str, Any], label_of: LabelOf, title: str = "") -> bytes:
    """The prediction as AnnData; see :func:`write_h5ad`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prediction.h5ad"
        write_h5ad(path, prediction, log_cpm(prediction.expression), query, label_of, title)
        return path.read_bytes()


def write_h5ad(
    path: Path,
    prediction: Prediction,
    log_expression: FloatArray,
    query: dict[str, Any],
    label_of: LabelOf,
    title: str = "",
) -> None:
    """Write the prediction as AnnData.

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
        layers={"counts": counts, "log_cpm": log_expression},
        obsm=_latents(prediction),
        uns={
            "title": title,
            "synthetic": True,
            "organism": "Homo sapiens",
            "organism_ontology_term_id": "NCBITaxon:9606",
            "about": about_text(prediction),
            "query": json.dumps(query, ensure_ascii=False),
            "model_id": prediction.provenance.model_id,
            "model_version": prediction.provenance.model_version,
            "made_on": date.today().isoformat(),
        },
    )
    data.write_h5ad(path, compression="gzip")


def _observations(prediction: Prediction, label_of: LabelOf) -> pd.DataFrame:
    columns: dict[str, Any] = {"condition": list(prediction.conditions)}
    for key in prediction.metadata.columns:
        given = prediction.metadata[key]
        values = [str(value) for value in given.astype(object).where(given.notna(), _UNKNOWN)]
        columns |= _columns(str(key), values, label_of)
    index = pd.Index(distinct(prediction.sample_names), dtype=object)
    return pd.DataFrame({name: pd.Categorical(cells) for name, cells in columns.items()}, index=index)


def _columns(key: str, values: list[str], label_of: LabelOf) -> dict[str, list[str]]:
    """What stands in ``obs`` for one metadata key."""
    labels = [label_of(value) or value for value in values]
    if key in _CELLXGENE_NAMES:
        id_name, label_name = _CELLXGENE_NAMES[key]
        if key in _WORDS_TOO:
            values = [value if ":" in value and " " not in value else _UNKNOWN for value in values]
        return {id_name: values, label_name: labels}
    if key == "sex":
        return {"sex_ontology_term_id": [_SEXES.get(value, _UNKNOWN) for value in values], "sex": values}
    if key in KEYS and KEYS[key].ontologies:
        return {key: values, f"{key}_label": labels}
    return {key: values}


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
