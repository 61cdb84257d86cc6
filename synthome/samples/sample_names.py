"""What samples are called: as their file calls them, without what programs add, and all differently."""

from __future__ import annotations

import re
from collections.abc import Sequence

from synthome.distinct import distinct

__all__ = ["sample_names", "title_of"]

_ENDING = re.compile(
    r"(?:[._](?:csv|tsv|txt|tab|sf|gct|counts?|htseq|results|out|genes|isoforms|rna_seq\.augmented_star_gene_counts)"
    r"|[._]?ReadsPerGene)+$",
    re.IGNORECASE,
)
_ALIGNED = re.compile(
    r"(?:[._]?Aligned|[._]?sortedByCoord|[._]sorted|[._]dedup|\.out)*\.(?:bam|sam|cram)$", re.IGNORECASE
)
"""What aligners add to the name of a sample; featureCounts names samples by such files."""


def title_of(file_name: str) -> str:
    """What the one sample of a file is called, where only the file has a name.

    >>> title_of("data/p 7.genes.results"), title_of("P1_ReadsPerGene.out.tab"), title_of("P2ReadsPerGene.out.tab")
    ('p 7', 'P1', 'P2')
    """
    return _ENDING.sub("", file_name.rpartition("/")[2]) or "sample 1"


def sample_names(given: Sequence[str]) -> tuple[str, ...]:
    """Names of samples, all different.

    >>> sample_names(["out/liver.sorted.bam", "Tumor/Normal", "", "liver"])
    ('liver', 'Tumor/Normal', 'sample 3', 'liver (2)')
    """
    return tuple(distinct(_bare(text.strip()) or f"sample {place + 1}" for place, text in enumerate(given)))


def _bare(name: str) -> str:
    aligned = _ALIGNED.search(name)
    if aligned is None:
        return _ENDING.sub("", name)
    return name[: aligned.start()].replace("\\", "/").rpartition("/")[2]
