"""Where the five ontologies come from, under which licence, and what they are called in words."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from synthome.ontology.terms import Ontology

__all__ = ["SOURCES", "Source"]


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
                "CVCL",
                "Cellosaurus",
                "https://www.cellosaurus.org/",
                "https://ftp.expasy.org/databases/cellosaurus/cellosaurus.obo",
                *_CC_BY_4,
            ),
        )
    }
)
"""The official source of each ontology, in the order of ``ONTOLOGIES``."""
