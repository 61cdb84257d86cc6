"""Queries with counts, as short as they can be, and real samples where they are at hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from synthome.models import Model, embedded_model
from synthome.prediction import Prediction
from synthome.query import read_query
from tests.models.embedded.asking import LIVER, ask
from training.genes import GeneTable, build_gene_table
from training.sources import data_dir, read_count_sets

Counts = npt.NDArray[np.int64]
T_CELL, B_CELL = "CL:0000084", "CL:0000236"
DEXAMETHASONE = {"perturbation_ontology_id": "CHEBI:41879", "perturbation_type": "compound"}


def made(model_id: str, metadata: dict[str, str], n: int = 1, **extra: Any) -> Counts:
    """Samples that the baseline model makes of a condition: samples x genes."""
    strategy = "sample generation" if model_id == "gem-1-bulk" else "mean estimation"
    answer = ask(embedded_model(model_id), metadata, n=n, **{"strategy": strategy, "seed": 5} | extra)
    return answer.expression.to_numpy().astype(np.int64)


def liver() -> Counts:
    return made("gem-1-bulk", {"tissue_ontology_id": LIVER, "sex": "female"})[0]


def t_cell() -> Counts:
    return made("gem-1-sc", {"cell_type_ontology_id": T_CELL, "sex": "male"})[0]


def perturbed(model: Model, *counts: Counts, metadata: dict[str, str] | None = None, **extra: Any) -> Prediction:
    n = extra.pop("n", 2)
    strategy = extra.pop("strategy", "mean estimation")
    inputs = [{"counts": one.tolist(), "metadata": metadata or {}, "num_samples": n} for one in counts]
    return model.predict(read_query({"inputs": inputs, "sampling_strategy": strategy} | extra, model.model_id))


def told(model: Model, *counts: Counts, **extra: Any) -> Prediction:
    inputs = [{"counts": one.tolist()} for one in counts]
    return model.predict(read_query({"inputs": inputs} | extra, model.model_id))


def real_samples(set_name: str, group: str, number: int) -> Counts:
    """The first samples of a real group on the model's genes; the test is skipped where the data are not at hand."""
    try:
        data_dir()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    source = next(source for source in read_count_sets() if source.name == set_name)
    genes: GeneTable = build_gene_table()
    table = genes.ensembl_rows(source.counts_of(f"{set_name}: {group}").iloc[:, :number])
    return np.rint(np.nan_to_num(table.to_numpy())).astype(np.int64).T
