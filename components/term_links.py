"""Where a term is described elsewhere on the web."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from synthome.ontology import Ontology, Term, normalise_id
from synthome.ontology.terms import ontology_of

__all__ = ["chembl_links", "term_links"]

_OLS = "https://www.ebi.ac.uk/ols4/ontologies"


def term_links(term_id: str, label: str = "") -> dict[str, str]:
    """Addresses by the name of the site that each leads to; ``label`` is a gene's symbol.

    >>> term_links("CVCL_0030")
    {'Cellosaurus': 'https://www.cellosaurus.org/CVCL_0030'}
    >>> list(term_links("UBERON:0002107")), list(term_links("ENSG00000141510", "TP53"))
    (['OLS4 at EBI', 'Ontobee'], ['Ensembl', 'HGNC', 'GeneCards', 'Human Protein Atlas'])
    """
    normal = normalise_id(term_id)
    if normal is None:
        return {}
    ontology = ontology_of(normal)
    if ontology == "CVCL":
        return {"Cellosaurus": f"https://www.cellosaurus.org/{normal}"}
    if ontology == "ENSEMBL":
        return _gene_links(normal, label)
    if ontology == "NCBITaxon":
        return {"NCBI Taxonomy": f"https://www.ncbi.nlm.nih.gov/Taxonomy/Browser/wwwtax.cgi?id={normal}"}
    return _own_site(ontology, normal) | _obo_links(ontology, normal)


def _gene_links(gene_id: str, symbol: str) -> dict[str, str]:
    links = {"Ensembl": f"https://www.ensembl.org/Homo_sapiens/Gene/Summary?g={gene_id}"}
    if symbol and symbol != gene_id:
        links["HGNC"] = f"https://www.genenames.org/tools/search/#!/?query={quote(symbol)}"
        links["GeneCards"] = f"https://www.genecards.org/cgi-bin/carddisp.pl?gene={quote(symbol)}"
    return links | {"Human Protein Atlas": f"https://www.proteinatlas.org/{gene_id}"}


def _own_site(ontology: Ontology, term_id: str) -> dict[str, str]:
    if ontology == "CHEBI":
        return {"ChEBI": f"https://www.ebi.ac.uk/chebi/{term_id}"}
    if ontology == "MONDO":
        return {"Monarch": f"https://monarchinitiative.org/{term_id}"}
    return {}


def _obo_links(ontology: Ontology, term_id: str) -> dict[str, str]:
    iri = f"http://purl.obolibrary.org/obo/{term_id.replace(':', '_')}"
    twice = quote(quote(iri, safe=""), safe="")  # as OLS4 writes an IRI into its addresses
    links = {"OLS4 at EBI": f"{_OLS}/{ontology.lower()}/classes/{twice}"}
    if ontology in ("UBERON", "CL", "MONDO"):
        links["Ontobee"] = f"https://ontobee.org/ontology/{ontology}?iri={quote(iri, safe='')}"
    return links


def chembl_links(term: Term) -> dict[str, str]:
    """Addresses by ChEMBL id of the same compound."""
    return {xref: f"https://www.ebi.ac.uk/chembl/explore/compound/{xref}" for xref in _chembl(term.xrefs)}


def _chembl(xrefs: Iterable[str]) -> list[str]:
    return [xref for xref in xrefs if xref.startswith("CHEMBL")]
