"""Where the ontologies come from, under which licence, and what they are called in words."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from synthome.ontology.terms import Ontology

__all__ = ["PUBLISHED", "SOURCES", "Source"]


@dataclass(frozen=True, slots=True)
class Source:
    """The official home of one ontology."""

    ontology: Ontology
    name: str
    homepage: str
    url: str
    """The OBO file that its makers publish, always the current release."""
    licence: str
    licence_url: str

    @property
    def filename(self) -> str:
        """Last part of ``url``: what the file is called in a folder of downloads."""
        return self.url.rsplit("/", 1)[-1]


_CC_BY_4 = ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/")

SOURCES = MappingProxyType(
    {
        source.ontology: source
        for source in (
            Source(
                "UBERON",
                "Uber-anatomy ontology",
                "https://obophenotype.github.io/uberon/",
                "http://purl.obolibrary.org/obo/uberon.obo",
                "CC BY 3.0",
                "https://creativecommons.org/licenses/by/3.0/",
            ),
            Source(
                "CL",
                "Cell Ontology",
                "https://obophenotype.github.io/cell-ontology/",
                "http://purl.obolibrary.org/obo/cl.obo",
                *_CC_BY_4,
            ),
            Source(
                "MONDO",
                "Mondo Disease Ontology",
                "https://mondo.monarchinitiative.org/",
                "http://purl.obolibrary.org/obo/mondo.obo",
                *_CC_BY_4,
            ),
            Source(
                "CHEBI",
                "Chemical Entities of Biological Interest",
                "https://www.ebi.ac.uk/chebi/",
                "https://ftp.ebi.ac.uk/pub/databases/chebi/ontology/chebi.obo.gz",
                *_CC_BY_4,
            ),
            Source(
                "HsapDv",
                "Human Developmental Stages",
                "https://github.com/obophenotype/developmental-stage-ontologies",
                "http://purl.obolibrary.org/obo/hsapdv.obo",
                "CC BY 3.0",
                "https://creativecommons.org/licenses/by/3.0/",
            ),
            Source(
                "HANCESTRO",
                "Human Ancestry Ontology",
                "https://github.com/EBISPOT/hancestro",
                "http://purl.obolibrary.org/obo/hancestro.obo",
                *_CC_BY_4,
            ),
            Source(
                "ENSEMBL",
                "Human genes (Ensembl)",
                "https://www.ensembl.org/Homo_sapiens",
                "https://ftp.ensembl.org/pub/current_gtf/homo_sapiens/",
                "free of restrictions",
                "https://www.ensembl.org/info/about/legal/disclaimer.html",
            ),
            Source(
                "NCBITaxon",
                "Organisms (NCBI Taxonomy, a selection)",
                "https://www.ncbi.nlm.nih.gov/taxonomy",
                "https://ftp.ncbi.nlm.nih.gov/pub/taxonomy/",
                "public domain",
                "https://www.nlm.nih.gov/web_policies.html",
            ),
            Source(
                "CVCL",
                "Cellosaurus",
                "https://www.cellosaurus.org/",
                "https://ftp.expasy.org/databases/cellosaurus/cellosaurus.obo",
                *_CC_BY_4,
            ),
        )
    }
)
"""The official source of each ontology."""

PUBLISHED: tuple[Ontology, ...] = ("UBERON", "CL", "MONDO", "CHEBI", "CVCL", "HsapDv", "HANCESTRO")
"""Those whose makers publish an OBO file; genes and organisms are lists of our own."""
