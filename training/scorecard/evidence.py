"""What every test is computed from: the shipped models, and the raw data read once."""

from __future__ import annotations

from functools import cached_property

from synthome.models.embedded import EmbeddedModel, load_model
from training.genes import GeneTable, build_gene_table
from training.sources import CountSet, SingleCells, read_count_sets, read_single_cells

__all__ = ["BLOOD_STUDIES", "Evidence"]

BLOOD_STUDIES = {"pbmc_facs_zheng": "Zheng", "pbmc3k": "pbmc3k"}
"""Raw single-cell sets of blood, and what they are called."""


class Evidence:
    """Models and raw data, each read when first asked for."""

    @cached_property
    def bulk(self) -> EmbeddedModel:
        """The model of bulk samples."""
        return load_model("gem-1-bulk")

    @cached_property
    def cells(self) -> EmbeddedModel:
        """The model of single cells."""
        return load_model("gem-1-sc")

    @cached_property
    def genes(self) -> GeneTable:
        """The genes of both models and the ways to them."""
        return build_gene_table()

    @cached_property
    def count_sets(self) -> dict[str, CountSet]:
        """Sample-level sets by name."""
        return {source.name: source for source in read_count_sets()}

    @cached_property
    def single_cells(self) -> dict[str, SingleCells]:
        """Raw single-cell sets by name."""
        return {cells.name: cells for cells in read_single_cells()}
