"""The models' genes from the raw data, for tests that refit; skipped with a reason where the data are not at hand."""

from __future__ import annotations

import pytest

from training.genes import GeneTable, build_gene_table
from training.sources import data_dir


@pytest.fixture(scope="session")
def genes() -> GeneTable:
    try:
        data_dir()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    return build_gene_table()
