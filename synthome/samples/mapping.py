"""From a file's gene names to a model's genes, with a report of what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from synthome.errors import SampleFileError
from synthome.ontology import TermIndex
from synthome.samples.content import FileContent, dense
from synthome.samples.gene_names import bare_name, is_mouse, is_transcript, undamaged

__all__ = ["MappingReport", "SampleTable", "map_genes"]

_LEAST_GENES = 500
"""Genes known to the model below which nothing can be said of a sample."""
_MOST_UNMAPPED = 0.5
"""Share of counts in unknown genes past which a sample is more unknown than known."""
_MOST_COUNT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class MappingReport:
    """What became of a file's genes.

    ``unknown`` names are not the model's; ``missing`` are genes of the model that the file lacks, taken for 0;
    ``duplicates`` are genes that several names of the file stand for, added up. ``share_unmapped`` is the share of all
    counts that stand in unknown genes, 0 to 1.
    """

    n_given: int
    n_mapped: int
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    duplicates: tuple[str, ...]
    share_unmapped: float
    notes: tuple[str, ...]

    def sentence(self) -> str:
        """The report in a sentence.

        >>> MappingReport(3, 2, ("X",), (), (), 0.1, ()).sentence()
        '2 of 3 genes of the file were found; 1 name is unknown, with 10 % of the counts.'
        """
        words = f"{self.n_mapped:,} of {self.n_given:,} genes of the file were found"
        if not self.unknown:
            return f"{words}."
        names = "1 name is" if len(self.unknown) == 1 else f"{len(self.unknown):,} names are"
        share = f"{100 * self.share_unmapped:.0f} %" if self.share_unmapped >= 0.005 else "less than 1 %"
        return f"{words}; {names} unknown, with {share} of the counts."


@dataclass(frozen=True, slots=True, eq=False)
class SampleTable:
    """Counts of n samples over the model's g genes, in its order: n x g, and how they came to be."""

    counts: npt.NDArray[np.int32]
    samples: tuple[str, ...]
    report: MappingReport


def map_genes(
    content: FileContent, genes: pd.DataFrame, index: TermIndex, *, scale_to: int | None = None
) -> SampleTable:
    """Lay ``content`` out over the genes of a model.

    Parameters
    ----------
    content : FileContent
    genes : DataFrame
        The model's: index Ensembl ids in order, column ``symbol``.
    index : TermIndex
        Knows former symbols and aliases.
    scale_to : int, optional
        Library size that values per million are scaled to; without it they are refused.

    Raises
    ------
    SampleFileError
        The values are no counts, a sample is empty, or too little of it is known.
    """
    content = _as_counts(content, scale_to)
    names = [bare_name(name) for name in content.genes]
    place = _places(names, genes, index)
    report = _report(content, names, place, genes)
    counts = _laid_out(content, place, len(genes))
    _check_samples(counts, content.samples)
    return SampleTable(counts, content.samples, report)


def _as_counts(content: FileContent, scale_to: int | None) -> FileContent:
    if content.kind == "log":
        message = "These values are logarithms, or below zero; the model reads counts. Bring the raw counts."
        raise SampleFileError(message)
    if content.kind == "counts":
        return content
    if content.kind == "expected counts":
        return replace(content, notes=(*content.notes, "Fractional counts were rounded."))
    if scale_to is None:
        message = (
            "These values are per million (TPM, CPM or FPKM); the model reads counts. Bring the raw counts, or let the "
            "values be scaled to a usual library size."
        )
        raise SampleFileError(message)
    totals = np.asarray(content.values.sum(axis=1)).ravel()
    scale = np.divide(scale_to, totals, out=np.zeros(len(totals)), where=totals > 0)
    values = dense(content.values) * scale[:, None]
    note = f"Values per million were scaled to {scale_to:,} counts a sample and rounded."
    return replace(content, values=values, notes=(*content.notes, note))


def _places(names: Sequence[str], genes: pd.DataFrame, index: TermIndex) -> npt.NDArray[np.intp]:
    """The model's gene that each name stands for; -1 where there is none."""
    by_id = {gene: position for position, gene in enumerate(genes.index)}
    by_symbol: dict[str, int] = {}
    for position, symbol in enumerate(genes["symbol"]):
        by_symbol.setdefault(symbol.upper(), position)
    by_symbol.pop("", None)
    upper = [name.upper() for name in names]
    place = np.array([by_id.get(name, by_symbol.get(name, -1)) for name in upper], dtype=np.intp)
    unknown = np.flatnonzero(place < 0)
    if len(unknown):
        former = _former_symbols(index)
        for row in unknown.tolist():
            gene = former.get((undamaged(names[row]) or upper[row]).upper(), "")
            place[row] = by_id.get(gene, -1)
    return place


@lru_cache(maxsize=2)
def _former_symbols(index: TermIndex) -> dict[str, str]:
    """The gene that each symbol, former symbol and alias stands for; an alias of several genes stands for none."""
    genes = list(index.all_terms("ENSEMBL"))
    aliases: dict[str, str] = {}
    for gene in genes:
        for synonym in gene.synonyms:
            name = synonym.text.upper()
            aliases[name] = "" if aliases.get(name, gene.id) != gene.id else gene.id
    current = {gene.label.upper(): gene.id for gene in genes}
    return {name: gene for name, gene in (aliases | current).items() if gene}


def _report(
    content: FileContent, names: Sequence[str], place: npt.NDArray[np.intp], genes: pd.DataFrame
) -> MappingReport:
    known = place >= 0
    per_name = np.asarray(content.values.sum(axis=0)).ravel()
    share = float(per_name[~known].sum() / per_name.sum())
    times = np.bincount(place[known], minlength=len(genes))
    unknown = tuple(name for name, found in zip(content.genes, known, strict=True) if not found)
    _check_known(names, known, int((times > 0).sum()), share)
    notes = list(content.notes)
    damaged = [name for name in names if undamaged(name) is not None]
    if damaged:
        notes.append(f"Symbols that a spreadsheet had turned into dates were read as genes: {', '.join(damaged[:8])}.")
    return MappingReport(
        len(names),
        int(known.sum()),
        unknown,
        tuple(genes.index[times == 0]),
        tuple(genes.index[times > 1]),
        share,
        tuple(notes),
    )


def _check_known(names: Sequence[str], known: npt.NDArray[np.bool_], n_genes: int, share: float) -> None:
    if n_genes >= _LEAST_GENES and share <= _MOST_UNMAPPED:
        return
    unknown = [name for name, found in zip(names, known, strict=True) if not found]
    if unknown and sum(map(is_transcript, unknown)) > len(unknown) / 2:
        message = (
            "These are transcripts (ENST…), and the model knows genes. Add their counts up by gene first, for example "
            "with tximport."
        )
        raise SampleFileError(message)
    if unknown and sum(map(is_mouse, unknown)) > len(unknown) / 2:
        message = "These are genes of the mouse; the model knows human genes alone. Bring a human sample."
        raise SampleFileError(message)
    if unknown and sum(name.isdigit() for name in unknown) > len(unknown) / 2:
        message = (
            "These look like Entrez numbers, which are not known here. Name the genes by Ensembl id or symbol, for "
            "example with BioMart."
        )
        raise SampleFileError(message)
    listed = ", ".join(f"“{name[:20]}”" for name in unknown[:3])
    message = (
        f"Only {n_genes:,} of the model's genes were found in the file"
        + (f", and {100 * share:.0f} % of the counts stand under names that are unknown ({listed})" if unknown else "")
        + f". At least {_LEAST_GENES} genes are needed, by Ensembl id or symbol; bring the whole table."
    )
    raise SampleFileError(message)


def _laid_out(content: FileContent, place: npt.NDArray[np.intp], n_genes: int) -> npt.NDArray[np.int32]:
    """Counts over the model's genes: what stands under several names is added up, then rounded."""
    known = np.flatnonzero(place >= 0)
    moved = sparse.csr_matrix((np.ones(len(known)), (known, place[known])), shape=(len(place), n_genes))
    laid = dense(content.values @ moved)
    if laid.max() > _MOST_COUNT:
        message = f"A gene has more than {_MOST_COUNT:,} counts, more than any sample has. Bring the raw counts."
        raise SampleFileError(message)
    counts: npt.NDArray[np.int32] = np.rint(laid).astype(np.int32)
    return counts


def _check_samples(counts: npt.NDArray[np.int32], samples: Sequence[str]) -> None:
    empty = [name for name, total in zip(samples, counts.sum(axis=1, dtype=np.int64), strict=True) if total == 0]
    if empty:
        listed = ", ".join(f"“{name[:40]}”" for name in empty[:5])
        message = f"No count of any gene that the model knows stands under {listed}. Leave that sample out."
        raise SampleFileError(message)
