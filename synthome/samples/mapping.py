"""From a file's gene names to a model's genes, with a report of what became of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from synthome.errors import SampleFileError
from synthome.ontology import TermIndex
from synthome.samples.content import MAX_SAMPLES, FileContent, dense
from synthome.samples.gene_names import (
    bare_name,
    is_ensembl_gene,
    is_of_animal,
    is_spelled_as_of_rodents,
    is_transcript,
    undamaged,
)
from synthome.samples.mapping_report import MappingReport, percent

__all__ = ["SampleTable", "former_symbols", "gene_places", "map_genes"]

_LEAST_GENES = 500
"""Genes known to the model below which nothing can be said of a sample."""
_MOST_UNMAPPED = 0.5
"""Share of counts in unknown genes past which a sample is more unknown than known."""
_MOST_COUNT = 2**31 - 1


@dataclass(frozen=True, slots=True, eq=False)
class SampleTable:
    """Counts of n samples over the model's g genes, in its order: n x g, and how they came to be."""

    counts: npt.NDArray[np.int32]
    samples: tuple[str, ...]
    report: MappingReport


def map_genes(
    content: FileContent,
    genes: pd.DataFrame,
    index: TermIndex,
    *,
    scale_to: int | None = None,
    average: pd.Series | None = None,
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
    average : Series, optional
        Expression of each gene in an average sample, indexed like ``genes``: by it what is missing is weighed.

    Raises
    ------
    SampleFileError
        The values are no counts, a sample is empty, too little of it is known, or there are too many samples.
    """
    _check_number(content.samples)
    content = _as_counts(content, scale_to)
    names = [bare_name(name) for name in content.genes]
    former = former_symbols(index)
    place = gene_places(names, genes, former)
    report = _report(content, names, place, genes, former)
    if average is not None:
        missing = average.reindex(list(report.missing)).sum() / average.sum()
        report = replace(report, share_missing=float(missing))
    counts = _laid_out(content, place, len(genes))
    _check_samples(counts, content.samples)
    return SampleTable(counts, content.samples, report)


def _check_number(samples: Sequence[str]) -> None:
    if len(samples) > MAX_SAMPLES:
        message = (
            f"There are {len(samples):,} samples; {MAX_SAMPLES} are used at once, at most. Choose some of them, or add "
            "cells up by a column of the file."
        )
        raise SampleFileError(message)


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


def gene_places(names: Sequence[str], genes: pd.DataFrame, former: Mapping[str, str]) -> npt.NDArray[np.intp]:
    """The model's gene that each name stands for; -1 where there is none."""
    by_id = {gene: position for position, gene in enumerate(genes.index)}
    by_symbol: dict[str, int] = {}
    for position, symbol in enumerate(genes["symbol"]):
        by_symbol.setdefault(symbol.upper(), position)
    by_symbol.pop("", None)
    upper = [name.upper() for name in names]
    place = np.array([by_id.get(name, by_symbol.get(name, -1)) for name in upper], dtype=np.intp)
    for row in np.flatnonzero(place < 0).tolist():
        place[row] = by_id.get(former.get(_standing(names[row]), ""), -1)
    return place


def _standing(name: str) -> str:
    """The name that a former symbol is looked up by."""
    return (undamaged(name) or name).upper()


@lru_cache(maxsize=2)
def former_symbols(index: TermIndex) -> dict[str, str]:
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
    content: FileContent,
    names: Sequence[str],
    place: npt.NDArray[np.intp],
    genes: pd.DataFrame,
    former: Mapping[str, str],
) -> MappingReport:
    mapped = place >= 0
    per_name = np.asarray(content.values.sum(axis=0)).ravel()
    share = float(per_name[~mapped].sum() / max(per_name.sum(), 1e-9))
    times = np.bincount(place[mapped], minlength=len(genes))
    _check_known(names, mapped, times > 0, share)
    left_out = [(content.genes[row], names[row]) for row in np.flatnonzero(~mapped).tolist()]
    unused = tuple(given for given, name in left_out if is_ensembl_gene(name) or _standing(name) in former)
    notes = list(content.notes)
    damaged = [name for name in names if undamaged(name) is not None]
    if damaged:
        notes.append(f"Symbols that a spreadsheet had turned into dates were read as genes: {', '.join(damaged[:8])}.")
    others = set(unused)
    return MappingReport(
        len(names),
        int(mapped.sum()),
        tuple(given for given, _ in left_out if given not in others),
        tuple(genes.index[times == 0]),
        tuple(genes.index[times > 1]),
        share,
        tuple(notes),
        unused,
    )


def _check_known(
    names: Sequence[str], known: npt.NDArray[np.bool_], found: npt.NDArray[np.bool_], share: float
) -> None:
    """Refuse a file of which too little is known. Where most of the model's genes are there, whatever else is does no
    harm: ribosomal RNA may be most of a sample."""
    _check_species(names)
    n_genes = int(found.sum())
    if n_genes >= _LEAST_GENES and (share <= _MOST_UNMAPPED or n_genes >= found.size / 2):
        return
    unknown = [name for name, found in zip(names, known, strict=True) if not found]
    if _most(is_transcript, unknown):
        message = (
            "These are transcripts (ENST…), and the model knows genes. Add their counts up by gene first, for example "
            "with tximport."
        )
        raise SampleFileError(message)
    if _most(str.isdigit, unknown):
        message = (
            "These look like Entrez numbers, which are not known here. Name the genes by Ensembl id or symbol, for "
            "example with BioMart."
        )
        raise SampleFileError(message)
    listed = ", ".join(f"“{name[:20]}”" for name in unknown[:3])
    message = (
        (f"Only {n_genes:,}" if n_genes else "None")
        + " of the model's genes were found in the file"
        + (f", and {percent(share)} of the counts stand under names that are unknown ({listed})" if unknown else "")
        + f". At least {_LEAST_GENES} genes are needed, by Ensembl id or symbol; bring the whole table."
    )
    raise SampleFileError(message)


def _check_species(names: Sequence[str]) -> None:
    """Refuse genes of animals. By name most of them are found, so that nobody would notice."""
    if _most(is_of_animal, names):
        of = "the mouse" if names[0].startswith("ENSMUS") else "an animal"
        message = (
            f"These are genes of {of} (“{names[0][:20]}”); the model knows human genes alone. Bring a human sample."
        )
        raise SampleFileError(message)
    if _most(is_spelled_as_of_rodents, names):
        example = next(name for name in names if is_spelled_as_of_rodents(name))
        message = (
            f"These symbols are spelled like those of mouse or rat (“{example[:20]}”); the model knows human genes "
            "alone. Bring a human sample; if it is one, write its symbols in capitals."
        )
        raise SampleFileError(message)


def _most(holds: Callable[[str], bool], names: Sequence[str]) -> bool:
    return sum(map(holds, names)) > len(names) / 2


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
