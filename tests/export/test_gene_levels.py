"""Levels of genes as a file."""

from __future__ import annotations

import csv
import io

import numpy as np
import pandas as pd

from synthome.analysis import log_cpm
from synthome.export.gene_levels import gene_levels_csv
from tests.predictions import make_prediction


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_the_file_has_a_row_for_each_sample_and_gene_with_counts_and_log_cpm() -> None:
    made = make_prediction([2, 3])
    log_expression = log_cpm(made.expression)
    genes = [str(made.genes.index[column]) for column in (3, 0)]
    rows = rows_of(gene_levels_csv(made, log_expression, genes, "sex"))
    assert list(rows[0]) == ["sample", "condition", "sex", "gene_id", "symbol", "count", "log2_cpm"]
    assert len(rows) == 10
    assert [row["gene_id"] for row in rows] == [genes[0]] * 5 + [genes[1]] * 5
    assert [int(row["count"]) for row in rows[:5]] == made.expression.iloc[:, 3].tolist()
    np.testing.assert_allclose([float(row["log2_cpm"]) for row in rows[5:]], log_expression[:, 0], atol=1e-4)
    assert [row["sex"] for row in rows[:5]] == ["female", "male", "", "female", "male"]
    assert rows[0]["sample"] == "Group 1 01"
    assert (rows[0]["symbol"], rows[5]["symbol"]) == ("G3", "")


def test_by_condition_no_column_stands_twice() -> None:
    made = make_prediction([2])
    content = gene_levels_csv(made, log_cpm(made.expression), [str(made.genes.index[1])])
    assert content.decode().splitlines()[0] == "sample,condition,gene_id,symbol,count,log2_cpm"


def test_no_name_or_group_can_start_a_formula() -> None:
    metadata = pd.DataFrame({"group": ["=1+1", "@x"]})
    made = make_prediction([2], names=["=cmd"], metadata=metadata)
    rows = rows_of(gene_levels_csv(made, log_cpm(made.expression), [str(made.genes.index[1])], "group"))
    assert [row["group"] for row in rows] == ["'=1+1", "'@x"]
    assert all(row["sample"].startswith("'=") and row["condition"] == "'=cmd" for row in rows)
