"""What the columns of a sheet are about: their headers, as people and repositories write them.

A meaning is a metadata key, or one of those below. A header that is not known is proposed to be ignored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from synthome.ontology.names import fold, squash
from synthome.query.sheet.findings import COUNT
from synthome.query.sheet.table import Table
from synthome.query.vocabulary import KEYS

__all__ = [
    "DESCRIPTION",
    "IGNORE",
    "MEANINGS",
    "NAME",
    "Column",
    "expand_characteristics",
    "is_header",
    "labelled_cell",
    "meaning_of",
    "propose_columns",
]

NAME, DESCRIPTION, IGNORE = "name", "description", "ignore"
MEANINGS = (NAME, COUNT, DESCRIPTION, *KEYS, IGNORE)
"""Everything that a column may be taken for."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column, what it is taken for, and why.

    ``unit`` is one that the header gives for bare numbers; ``certain`` is ``False`` where the header may mean
    something else too.
    """

    place: int
    header: str
    meaning: str
    reason: str
    unit: str = ""
    certain: bool = True


_HEADERS: dict[str, str] = {
    "tissue_ontology_id": "tissue, tissue type, organ, organism part, body site, body part, anatomical site, "
    "anatomic site, anatomical region, tissue site detail, tissue site, smts, smtsd, uberon, tissue ontology term id",
    "cell_type_ontology_id": "cell type, celltype, cell subtype, cell population, cell, cell types, cell identity, "
    "cell ontology, inferred cell type, cell type ontology term id",
    "cell_line_ontology_id": "cell line, cellline, cell lines, line, cellosaurus, cell line name",
    "disease_ontology_id": "disease, diagnosis, disease state, disease status, disease type, primary diagnosis, "
    "clinical diagnosis, pathology, histology, tumor type, tumour type, cancer type, disorder, mondo, "
    "disease ontology term id, health status, health state",
    "sample_type": "sample type, material, material type, specimen type, biosample type, biomaterial type",
    "sex": "sex, gender, donor sex, biological sex, patient sex, sex at birth",
    "age_years": "age, age years, donor age, patient age, age at diagnosis, age at death, age at collection, "
    "age at sampling, age in years",
    "developmental_stage": "stage, developmental stage, development stage, dev stage, life stage, age group, "
    "development stage ontology term id",
    "ethnicity": "ethnicity, ethnic group, ancestry, ancestry category, population, self reported ethnicity",
    "race": "race, self reported race",
    "genotype": "genotype, strain, genetic modification, mutation, mutation status, genotype variation, "
    "genetic background, strain background, variant",
    "perturbation_type": "perturbation type, treatment type, perturbation class, type of treatment, pert type",
    "perturbation_ontology_id": "perturbation, treatment, drug, compound, agent, treated with, stimulus, stimulation, "
    "chemical, small molecule, ligand, cytokine, growth factor, target, target gene, gene target, perturbed gene, "
    "knockdown, knockout, sirna, shrna, sgrna, virus, infection, infect, pathogen, exposure, pert iname, intervention",
    "perturbation_dose": "dose, concentration, conc, dosage, compound concentration, drug concentration, moi, "
    "treatment dose, perturbation dose, final concentration",
    "perturbation_time": "time, time point, timepoint, duration, treatment time, treatment duration, exposure time, "
    "time after treatment, time post treatment, time post infection, perturbation time, hours, sampling time point",
    "study": "study, bioproject, project, bioproject accession, bioproject id",
    "library_selection": "library selection",
    "library_layout": "library layout, layout, read type, paired or single, endedness",
    "platform": "platform, sequencing platform, instrument platform",
    NAME: "name, sample, sample name, sample id, sampleid, title, sample title, label, id, condition name, run, "
    "geo accession, accession, sample accession, biosample, library name, source name id, assay name",
    COUNT: "replicates, n, num samples, n samples, number of samples, number of replicates, n replicates, count, "
    "sample count, no of samples, nr of samples, samples, number",
    DESCRIPTION: "description, sample description, notes, note, comment, comments, details, summary, sample details",
}
_DOUBTFUL: dict[str, tuple[str, str]] = {
    "condition": ("disease_ontology_id", "may also be a treatment"),
    "status": ("disease_ontology_id", "may also be a treatment"),
    "group": ("disease_ontology_id", "may also be a treatment"),
    "sample group": ("disease_ontology_id", "may also be a treatment"),
    "phenotype": ("disease_ontology_id", "may also be something else"),
    "subject status": ("disease_ontology_id", "may also be a treatment"),
    "case control": ("disease_ontology_id", "may also be a treatment"),
    "source name": (DESCRIPTION, "holds tissues, cell types or cell lines"),
    "source": (DESCRIPTION, "holds tissues, cell types or cell lines"),
    "sample source": (DESCRIPTION, "holds tissues, cell types or cell lines"),
    "biomaterial": (DESCRIPTION, "holds tissues, cell types or cell lines"),
}
_LEFT_OUT: dict[str, str] = {
    "organism": "the models know human samples alone",
    "species": "the models know human samples alone",
    "scientific name": "the models know human samples alone",
    "taxid": "the models know human samples alone",
    "replicate": "the number of a replicate, not how many there are; each row is a sample",
    "biological replicate": "the number of a replicate, not how many there are; each row is a sample",
    "technical replicate": "the number of a replicate, not how many there are; each row is a sample",
    "rep": "the number of a replicate, not how many there are; each row is a sample",
    "batch": "no metadata key holds a batch",
}
_MEANING_OF: dict[str, str] = {
    squash(fold(name)): meaning for meaning, names in _HEADERS.items() for name in (*names.split(", "), meaning)
}
_DOUBTFUL_OF = {squash(fold(name)): told for name, told in _DOUBTFUL.items()}
_LEFT_OUT_OF = {squash(fold(name)): told for name, told in _LEFT_OUT.items()}
_FINER = {"smts": "smtsd"}
"""Headers of tables that give the same twice, and the one to take."""
_UNIT_OF = {"hours": "hours", "moi": "moi"}
"""Headers that are units themselves."""
_LABELS = {NAME: "the name", COUNT: "the number of samples", DESCRIPTION: "a description"}

_WRAPPED = re.compile(
    r"!?(?:sample[_ ])?(?:characteristics?(?:[_ .]ch\d)?|factor ?value|comment|parameter ?value)"
    r"\s*(?:\.\d+)?\s*(?:[:.]\s*(?P<after>.+)|\[\s*(?P<inside>[^\]]+)\])",
    re.IGNORECASE,
)
"""``characteristics: tissue``, ``Characteristics[organism part]``, ``Factor Value [disease]``."""
_CHARACTERISTICS = re.compile(r"!?(?:sample[_ ])?characteristics?(?:[_ .]*ch\d+)?(?:[_ .]*\d+)?", re.IGNORECASE)
_CHANNEL = re.compile(r"^!?|[_ .]ch\d+$|(?<=\D)\.\d+$", re.IGNORECASE)
_UNIT = re.compile(r"(?P<name>.*?)\s*[(\[]\s*(?P<unit>[^)\]]{1,20})\s*[)\]]\s*")
_UNDERSCORED_UNIT = re.compile(
    r"(?P<name>age|dose|conc|concentration|time|duration|time ?point|timepoint)(?:_in)?[_ ](?P<unit>[^\W\d_]{1,7})",
    re.IGNORECASE,
)
_LABELLED = re.compile(r"\s*(?P<label>[^\W\d][\w ./()-]{0,40}?)\s*[:=]\s+(?P<value>\S.*?)\s*")


def is_header(cells: tuple[str, ...]) -> bool:
    """Whether a row holds the name of a column that is known, and so names the columns."""
    return any(_knows(_bare(cell)[0]) for cell in cells) or any(_CHARACTERISTICS.fullmatch(cell) for cell in cells)


def _knows(name: str) -> bool:
    return name in _MEANING_OF or name in _DOUBTFUL_OF or name in _LEFT_OUT_OF


def _bare(header: str) -> tuple[str, str]:
    """The squashed name of a header and its unit, if it names one."""
    wrapped = _WRAPPED.fullmatch(header)
    if wrapped is not None:
        header = wrapped["after"] or wrapped["inside"]
    name = _CHANNEL.sub("", header.strip())
    if _knows(squash(fold(name))):
        return squash(fold(name)), ""
    for pattern in (_UNIT, _UNDERSCORED_UNIT):
        found = pattern.fullmatch(name)
        if found is not None:
            return squash(fold(found["name"])), found["unit"]
    return squash(fold(name)), ""


def meaning_of(header: str) -> str | None:
    """What a column of that header means; ``None`` where the header is not known or may mean several things.

    >>> meaning_of("Organ"), meaning_of("Characteristics[organism part]"), meaning_of("age (years)")
    ('tissue_ontology_id', 'tissue_ontology_id', 'age_years')
    >>> meaning_of("condition") is None, meaning_of("RIN") is None
    (True, True)
    """
    return _MEANING_OF.get(_bare(header)[0])


def propose_columns(table: Table) -> tuple[Column, ...]:
    """What each column is likely about. No meaning is proposed twice, but for descriptions and what is ignored."""
    taken: dict[str, str] = {}
    columns = []
    for place, header in enumerate(table.columns):
        column = _propose(place, header, named=table.has_header)
        finer = [name for name in table.columns if name.casefold() == _FINER.get(header.casefold())]
        if finer:
            column = Column(place, header, IGNORE, f"“{finer[0]}” says it more finely")
        if not any(table.column(place)):
            column = Column(place, header, IGNORE, "has no values")
        elif column.meaning in taken:
            given = _LABELS.get(column.meaning) or KEYS[column.meaning].label.lower()
            column = Column(place, header, IGNORE, f"“{taken[column.meaning]}” gives {given} already", certain=False)
        elif column.meaning not in (DESCRIPTION, IGNORE):
            taken[column.meaning] = header
        columns.append(column)
    return tuple(columns)


def _propose(place: int, header: str, *, named: bool) -> Column:
    if not named:
        return Column(place, header, IGNORE, "has no header; say what it holds", certain=False)
    name, unit = _bare(header)
    if name in _MEANING_OF:
        return Column(place, header, _MEANING_OF[name], "by its header", unit or _UNIT_OF.get(name, ""))
    if name in _DOUBTFUL_OF:
        meaning, doubt = _DOUBTFUL_OF[name]
        return Column(place, header, meaning, f"by its header; {doubt}", unit, certain=False)
    if name in _LEFT_OUT_OF:
        return Column(place, header, IGNORE, _LEFT_OUT_OF[name])
    return Column(place, header, IGNORE, "this header is not known; say what it holds", certain=False)


# Characteristics ----------------------------------------------------------------------------------------------------


def labelled_cell(cell: str) -> tuple[str, str] | None:
    """The label and the value of a cell such as ``tissue: liver``; ``None`` where it has none.

    >>> labelled_cell("tissue: liver"), labelled_cell("CHEBI:41879"), labelled_cell("liver")
    (('tissue', 'liver'), None, None)
    """
    found = _LABELLED.fullmatch(cell)
    return (found["label"], found["value"]) if found is not None else None


def expand_characteristics(table: Table) -> Table:
    """The table with cells like ``tissue: liver; age: 65`` under columns of their own, as repositories give them.

    Columns called characteristics are taken apart, as are unnamed ones whose every cell has a label. Pieces without a
    label stay where they were.
    """
    columns: list[tuple[str, list[str]]] = []
    labelled: list[tuple[str, list[str]]] = []
    for place, header in enumerate(table.columns):
        column = table.column(place)
        if not _is_labelled(header, column, named=table.has_header):
            columns.append((header, list(column)))
            continue
        for name, values in _taken_apart(header, column).items():
            if not _filled_in(labelled, name, values):
                labelled.append((name, values))
                columns.append((name, values))
    rows = zip(*(values for _, values in columns), strict=True)
    names = tuple(name for name, _ in columns)
    return Table(names, tuple(rows), table.lines, table.has_header, table.separated_by, table.notes)


def _filled_in(labelled: list[tuple[str, list[str]]], name: str, values: list[str]) -> bool:
    """Whether ``values`` fitted into the gaps of a column of the same label: samples list their labels in any order."""
    for other, present in labelled:
        if other == name and not any(one and another for one, another in zip(present, values, strict=True)):
            present[:] = [one or another for one, another in zip(present, values, strict=True)]
            return True
    return False


def _is_labelled(header: str, column: Iterable[str], *, named: bool) -> bool:
    if _CHARACTERISTICS.fullmatch(header):
        return True
    if named and (_knows(_bare(header)[0]) or _WRAPPED.fullmatch(header)):
        return False
    return all(labelled_cell(cell) for cell in column if cell) and any(column)


def _taken_apart(header: str, column: tuple[str, ...]) -> dict[str, list[str]]:
    """The values of a column under the labels that its cells give; without a label under ``header``."""
    columns: dict[str, list[str]] = {}
    for row, cell in enumerate(column):
        for piece in _pieces(cell):
            labelled = labelled_cell(piece)
            label, value = labelled if labelled is not None else (header, piece)
            values = columns.setdefault(label, [""] * len(column))
            values[row] = f"{values[row]}; {value}" if values[row] else value
    return columns or {header: [""] * len(column)}


def _pieces(cell: str) -> list[str]:
    """The labelled pieces of a cell; the whole cell where not every piece has a label."""
    pieces = [piece.strip() for piece in re.split(r"[;|]", cell) if piece.strip()]
    return pieces if all(map(labelled_cell, pieces)) else [cell] if cell else []
