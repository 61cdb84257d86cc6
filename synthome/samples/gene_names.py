"""Names of genes as files write them: which of a table's axes holds them, and what each name comes down to."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = [
    "bare_name",
    "gene_likeness",
    "is_ensembl_gene",
    "is_no_gene",
    "is_of_animal",
    "is_spelled_as_of_rodents",
    "is_transcript",
    "undamaged",
]

_WITH_ENSEMBL = re.compile(r"(?:^|[|_:; (-])(ENSG\d{11})(?!\d)")
_GENE_ID = re.compile(r"ENSG\d{11}")
_TRANSCRIPT = re.compile(r"ENST\d{11}(\.\d+)?$")
_OF_ANIMAL = re.compile(r"ENS[A-Z]{3,4}[GT]\d{11}")
_RODENT_SYMBOL = re.compile(r"(?:mt-)?[A-Z][a-z0-9]*[a-z][a-z0-9]*(?:-[a-z0-9]+)*$")
_NO_GENE = re.compile(r"__\w+$|N_(?:unmapped|multimapping|noFeature|ambiguous)$")
_PIPED = re.compile(r"([^|]+)\|(\d+|[^|]*)$")
_COMMON = frozenset(
    """
    ACTB ACTG1 ALB APOA1 APOE B2M BRCA1 BRCA2 CALM1 CD3E CD4 CD8A CDK1 COL1A1 CYC1 EEF1A1 EGFR EPCAM ESR1 FN1
    FOS FTH1 FTL GAPDH GFAP HBA1 HBB HLA-A HLA-B HPRT1 HSP90AB1 HSPA8 IL6 INS JUN KRAS KRT18 KRT5 KRT8 LDHA
    MALAT1 MKI67 MT-CO1 MT-ND1 MYC NKX2-1 NRAS PCNA PGK1 PPIA PTEN PTPRC RB1 RPL13A RPL3 RPLP0 RPS18 RPS6 SDHA
    SFTPC SOX2 STAT1 STAT3 TBP TFRC TP53 TUBA1B TUBB UBC VEGFA VIM XIST YWHAZ
    """.split()  # noqa: SIM905 - a column of words would take a page
)
"""Genes that hardly any table lacks."""
_MONTHS = {
    **dict.fromkeys(("mar", "mrz", "mär", "mars"), "MARCH"),
    **dict.fromkeys(("sep", "sept"), "SEPT"),
    **dict.fromkeys(("dec", "dez", "déc"), "DEC"),
}
"""Months as spreadsheets of English, German and French write them, and the symbols that they were."""
_MONTH = "|".join(_MONTHS)
_DATE = re.compile(rf"(?:(\d{{1,2}})(?:-|\. )({_MONTH})|({_MONTH})-(\d{{1,2}}))\.?(?:[- ]\d{{2,4}})?$", re.IGNORECASE)
_ISO_DATE = re.compile(r"\d{4}-(\d{2})-(\d{2})(?: 00:00:00)?$")
_MONTH_NUMBERS = {"03": "MARCH", "09": "SEPT", "12": "DEC"}


def gene_likeness(names: Sequence[str]) -> int:
    """How many of ``names`` are surely those of human genes: Ensembl ids, and symbols that hardly any table lacks.

    >>> gene_likeness(["ENSG00000141510.11", "TP53|7157", "sample 1"])
    2
    """
    by_id = (_WITH_ENSEMBL.search(name) or _TRANSCRIPT.match(name) or _OF_ANIMAL.match(name) for name in names)
    return sum(map(bool, by_id)) + sum(bare_name(name).upper() in _COMMON for name in names)


def bare_name(name: str) -> str:
    """The id or symbol that ``name`` comes down to: without a version, an Entrez number or a second name.

    >>> bare_name("ENSG00000141510.11"), bare_name("TP53|7157"), bare_name("TP53_ENSG00000141510")
    ('ENSG00000141510', 'TP53', 'ENSG00000141510')
    >>> bare_name("ENST00000269305.9|ENSG00000141510.18|TP53-201|TP53|")  # as GENCODE names transcripts
    'ENSG00000141510'
    """
    name = name.strip().strip('"')
    upper = name.upper()
    if "ENSG" in upper:
        with_id = _WITH_ENSEMBL.search(upper)
        if with_id is not None:
            return with_id[1]
    piped = _PIPED.match(name)
    return piped[1].strip() if piped is not None else name


def undamaged(name: str) -> str | None:
    """The symbol that a spreadsheet turned into the date ``name``; ``None`` where it is no such date.

    >>> [undamaged(name) for name in ("1-Mar", "Sep-02", "2023-03-01", "01. Mrz", "15-Sep", "TP53")]
    ['MARCH1', 'SEPT2', 'MARCH1', 'MARCH1', 'SEP15', None]
    """
    date = _DATE.match(name.strip())
    if date is not None:
        return _member(_MONTHS[(date[2] or date[3]).lower()], int(date[1] or date[4]))
    iso = _ISO_DATE.match(name.strip())
    if iso is not None and iso[1] in _MONTH_NUMBERS:
        return _member(_MONTH_NUMBERS[iso[1]], int(iso[2]))
    return None


def _member(family: str, number: int) -> str:
    """A gene of the family; SEP15 is no septin, of which there are fourteen."""
    return "SEP15" if (family, number) == ("SEPT", 15) else f"{family}{number}"


def is_ensembl_gene(name: str) -> bool:
    """Whether it is the Ensembl id of a human gene, without a version."""
    return _GENE_ID.fullmatch(name.upper()) is not None


def is_transcript(name: str) -> bool:
    """Whether it is an Ensembl transcript."""
    return _TRANSCRIPT.match(name.strip()) is not None


def is_of_animal(name: str) -> bool:
    """Whether it is an Ensembl id of another species: ENSMUSG of the mouse, ENSRNOG of the rat."""
    return _OF_ANIMAL.match(name.strip()) is not None


def is_spelled_as_of_rodents(name: str) -> bool:
    """Whether a symbol is spelled as those of mouse and rat are.

    >>> [is_spelled_as_of_rodents(name) for name in ("Trp53", "mt-Co1", "TP53", "HLA-A")]
    [True, True, False, False]
    """
    return _RODENT_SYMBOL.match(name) is not None


def is_no_gene(name: str) -> bool:
    """Whether it is a row in which HTSeq or STAR counts the reads that belong to no gene.

    >>> is_no_gene("__no_feature"), is_no_gene("N_multimapping"), is_no_gene("TP53")
    (True, True, False)
    """
    return _NO_GENE.match(name.strip()) is not None
