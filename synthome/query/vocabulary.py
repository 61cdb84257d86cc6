"""The contract's metadata keys and what each of them may hold.

One table drives the schema, the form and the API documentation. Sources: the public page "Baseline Models" of
Synthesize Bio's documentation for keys and values, and ENA's list of library selections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from synthome.ontology.terms import Ontology

__all__ = [
    "ARROW_STREAM",
    "BASELINE",
    "BULK",
    "CONTRACT_MODELS",
    "KEYS",
    "KEY_OF_ONTOLOGY",
    "LIBRARY_LAYOUTS",
    "LIBRARY_SELECTIONS",
    "MEAN_ESTIMATION",
    "MODEL_RULES",
    "PERTURBATION_TYPES",
    "PLATFORMS",
    "PREDICT_METADATA",
    "REFERENCE_CONDITIONING",
    "REQUEST_TYPES",
    "SAMPLE_GENERATION",
    "SAMPLE_TYPES",
    "SEXES",
    "SINGLE_CELL",
    "Group",
    "KeySpec",
    "ModelRules",
    "Operation",
    "base_model",
    "model_named",
    "operation_of",
    "perturbation_ontologies",
]

Group = Literal["biological", "perturbational", "technical"]

BULK = "gem-1-bulk"
SINGLE_CELL = "gem-1-sc"

Operation = Literal["baseline", "reference-conditioning", "predict-metadata"]
"""What a model is asked for: samples of described conditions, a real sample perturbed, or what a real sample is."""
BASELINE: Operation = "baseline"
REFERENCE_CONDITIONING: Operation = "reference-conditioning"
PREDICT_METADATA: Operation = "predict-metadata"
REQUEST_TYPES: Mapping[Operation, str] = MappingProxyType(
    {BASELINE: "baseline", REFERENCE_CONDITIONING: "reference_conditioned", PREDICT_METADATA: "predict_metadata"}
)
"""What an answer's Arrow stream calls the operation (schema metadata ``request_type``)."""
ARROW_STREAM = "application/vnd.apache.arrow.stream"
"""Media type of that stream."""

SAMPLE_GENERATION = "sample generation"
MEAN_ESTIMATION = "mean estimation"

SEXES = ("male", "female")
SAMPLE_TYPES = ("cell line", "organoid", "other", "primary cells", "primary tissue", "xenograft")
PERTURBATION_TYPES = (
    "coculture",
    "compound",
    "control",
    "crispr",
    "genetic",
    "infection",
    "other",
    "overexpression",
    "peptide or biologic",
    "shrna",
    "sirna",
)
LIBRARY_LAYOUTS = ("PAIRED", "SINGLE")
PLATFORMS = ("illumina",)
LIBRARY_SELECTIONS = (
    "cDNA",
    "polyA",
    "PolyA",
    "Oligo-dT",
    "cDNA_oligo_dT",
    "cDNA_randomPriming",
    "Inverse rRNA",
    "Inverse rRNA selection",
    "RANDOM",
    "RANDOM PCR",
    "PCR",
    "RT-PCR",
    "size fractionation",
    "repeat fractionation",
    "Hybrid Selection",
    "CAGE",
    "RACE",
    "MDA",
    "HMPR",
    "MF",
    "MSLL",
    "ChIP",
    "ChIP-Seq",
    "MNase",
    "DNase",
    "Reduced Representation",
    "Restriction Digest",
    "5-methylcytidine antibody",
    "MBD2 protein methyl-CpG binding domain",
    "padlock probes capture method",
    "other",
    "unspecified",
)


@dataclass(frozen=True, slots=True)
class KeySpec:
    """One metadata key: how people call it, what it may hold, and what to say where a value does not fit.

    Values of a key with an ``ontology`` are its terms; the ``offered`` ontologies have terms that fit among other
    values.
    """

    name: str
    label: str
    group: Group
    help: str
    example: str
    choices: tuple[str, ...] = ()
    ontology: Ontology | None = None
    offered: tuple[Ontology, ...] = ()

    @property
    def ontologies(self) -> tuple[Ontology, ...]:
        """The ontologies to search for a value; empty where none has any."""
        return (self.ontology,) if self.ontology is not None else self.offered


_SPECS = (
    KeySpec(
        "tissue_ontology_id",
        "Tissue",
        "biological",
        "Where in the body the sample is from: a term of UBERON.",
        "UBERON:0002107",
        ontology="UBERON",
    ),
    KeySpec(
        "cell_type_ontology_id",
        "Cell type",
        "biological",
        "A kind of cell: a term of the Cell Ontology (CL).",
        "CL:0000236",
        ontology="CL",
    ),
    KeySpec(
        "cell_line_ontology_id",
        "Cell line",
        "biological",
        "A cultured line: a record of Cellosaurus.",
        "CVCL_0023",
        ontology="CVCL",
    ),
    KeySpec(
        "disease_ontology_id",
        "Disease",
        "biological",
        "A disease: a term of MONDO. Leave it empty for healthy samples.",
        "MONDO:0004992",
        ontology="MONDO",
    ),
    KeySpec(
        "sample_type",
        "Sample type",
        "biological",
        "What kind of material was sequenced.",
        "primary tissue",
        choices=SAMPLE_TYPES,
    ),
    KeySpec(
        "sex",
        "Sex",
        "biological",
        "Sex of the donor. Left empty, each sample is drawn as one of both.",
        "female",
        choices=SEXES,
    ),
    KeySpec("age_years", "Age", "biological", "Age of the donor in years, 0 to 120.", "65"),
    KeySpec(
        "developmental_stage",
        "Developmental stage",
        "biological",
        "Stage of life: a term of HsapDv, or in words.",
        "adult",
        offered=("HsapDv",),
    ),
    KeySpec(
        "ethnicity",
        "Ethnicity",
        "biological",
        "As recorded with the donor: a term of HANCESTRO, or in words.",
        "Han Chinese",
        offered=("HANCESTRO",),
    ),
    KeySpec("race", "Race", "biological", "As recorded with the donor.", "Asian"),
    KeySpec("genotype", "Genotype", "biological", "Genotype in free words.", "TP53 -/-"),
    KeySpec(
        "perturbation_type",
        "Perturbation type",
        "perturbational",
        "How the sample was treated.",
        "compound",
        choices=PERTURBATION_TYPES,
    ),
    KeySpec(
        "perturbation_ontology_id",
        "Perturbation",
        "perturbational",
        "With what: a compound (ChEBI or ChEMBL), a gene (Ensembl) or an organism (NCBI Taxonomy).",
        "CHEBI:16681",
        offered=("CHEBI", "ENSEMBL", "NCBITaxon"),
    ),
    KeySpec(
        "perturbation_dose",
        "Dose",
        "perturbational",
        "A number, a space, a unit.",
        "10 um",
    ),
    KeySpec(
        "perturbation_time",
        "Time",
        "perturbational",
        "How long the sample was treated: a number, a space, a unit.",
        "24 hours",
    ),
    KeySpec("study", "Study", "technical", "A BioProject, to imitate its technical habits.", "PRJNA123456"),
    KeySpec(
        "library_selection",
        "Library selection",
        "technical",
        "How the RNA was selected, in ENA's words.",
        "polyA",
        choices=LIBRARY_SELECTIONS,
    ),
    KeySpec(
        "library_layout",
        "Library layout",
        "technical",
        "Reads from both ends of a fragment, or from one.",
        "PAIRED",
        choices=LIBRARY_LAYOUTS,
    ),
    KeySpec("platform", "Platform", "technical", "The sequencer's maker.", "illumina", choices=PLATFORMS),
)

KEYS = MappingProxyType({spec.name: spec for spec in _SPECS})
"""Every metadata key of the contract, in the order in which people are asked."""

KEY_OF_ONTOLOGY = MappingProxyType({ontology: spec.name for spec in _SPECS for ontology in spec.ontologies})
"""The metadata key that a term of each ontology is given under."""

_PERTURBATION_ONTOLOGIES: Mapping[str, tuple[Ontology, ...]] = MappingProxyType(
    {
        "compound": ("CHEBI",),
        "infection": ("NCBITaxon",),
        "peptide or biologic": ("ENSEMBL", "CHEBI"),
        **dict.fromkeys(("crispr", "genetic", "overexpression", "shrna", "sirna"), ("ENSEMBL",)),
    }
)


def perturbation_ontologies(perturbation_type: str | None) -> tuple[Ontology, ...]:
    """Where to look for what a sample was treated with, by the type of the treatment.

    >>> perturbation_ontologies("crispr"), perturbation_ontologies(None)
    (('ENSEMBL',), ('CHEBI', 'ENSEMBL', 'NCBITaxon'))
    """
    return _PERTURBATION_ONTOLOGIES.get(perturbation_type or "", KEYS["perturbation_ontology_id"].offered)


@dataclass(frozen=True, slots=True)
class ModelRules:
    """What the contract fixes for one baseline model."""

    strategies: tuple[str, ...]
    default_total_count: int


MODEL_RULES = MappingProxyType(
    {
        BULK: ModelRules((SAMPLE_GENERATION, MEAN_ESTIMATION), 10_000_000),
        SINGLE_CELL: ModelRules((MEAN_ESTIMATION,), 10_000),
    }
)


def model_named(base: str, operation: Operation) -> str:
    """The contract's name of an operation of a baseline model.

    >>> model_named("gem-1-bulk", "predict-metadata"), model_named("gem-1-sc", "baseline")
    ('gem-1-bulk_predict-metadata', 'gem-1-sc')
    """
    return base if operation == BASELINE else f"{base}_{operation}"


CONTRACT_MODELS = tuple(model_named(base, operation) for operation in get_args(Operation) for base in MODEL_RULES)
"""Every model of the contract: each operation of each baseline model."""

_PARTS = {model_named(base, operation): (base, operation) for operation in get_args(Operation) for base in MODEL_RULES}


def base_model(model_id: str) -> str:
    """The baseline model behind ``model_id``; a name that is not of the contract is its own.

    >>> base_model("gem-1-sc_reference-conditioning")
    'gem-1-sc'
    """
    return _PARTS[model_id][0] if model_id in _PARTS else model_id


def operation_of(model_id: str) -> Operation:
    """What ``model_id`` is asked for; a name that is not of the contract is taken for a baseline model.

    >>> operation_of("gem-1-sc_reference-conditioning")
    'reference-conditioning'
    """
    return _PARTS[model_id][1] if model_id in _PARTS else BASELINE
