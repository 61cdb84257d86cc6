"""People's own count files: read whatever wrote them, and laid out over a model's genes, with a report."""

from synthome.samples.content import MAX_SAMPLES, FileContent, Kind, pooled
from synthome.samples.gene_finding import FoundGenes, find_genes
from synthome.samples.mapping import SampleTable, map_genes
from synthome.samples.mapping_report import MappingReport, percent
from synthome.samples.reading import MAX_FILE_BYTES, read_file

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_SAMPLES",
    "FileContent",
    "FoundGenes",
    "Kind",
    "MappingReport",
    "SampleTable",
    "find_genes",
    "map_genes",
    "percent",
    "pooled",
    "read_file",
]
