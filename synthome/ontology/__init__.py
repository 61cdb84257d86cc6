"""Terms of UBERON, CL, MONDO, ChEBI and Cellosaurus: the shipped snapshot, the search index, and the graph.

>>> index = default_index()
>>> index.search("liv", ["UBERON"], limit=1)[0].term.id
'UBERON:0002107'
"""

from synthome.ontology.graph import Graph, Relative
from synthome.ontology.index import TermIndex, default_index, open_index
from synthome.ontology.snapshot import Manifest, OntologyFile
from synthome.ontology.terms import (
    ONTOLOGIES,
    Match,
    Ontology,
    Synonym,
    SynonymScope,
    Term,
    normalise_id,
)

__all__ = [
    "ONTOLOGIES",
    "Graph",
    "Manifest",
    "Match",
    "Ontology",
    "OntologyFile",
    "Relative",
    "Synonym",
    "SynonymScope",
    "Term",
    "TermIndex",
    "default_index",
    "normalise_id",
    "open_index",
]
