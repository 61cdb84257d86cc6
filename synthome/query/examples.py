"""Queries that work at once: one for each model of the contract, and the ready-made designs of the Home page."""

from __future__ import annotations

from dataclasses import dataclass

from synthome.errors import UnknownModelError
from synthome.query.designs import Design, DesignCondition
from synthome.query.schema import Query, read_query
from synthome.query.vocabulary import BULK, MEAN_ESTIMATION, SAMPLE_GENERATION, SINGLE_CELL

__all__ = ["EXAMPLES", "Example", "example_query"]


def example_query(model_id: str) -> Query:
    """The contract's example query for ``model_id``; ``UnknownModelError`` for another name.

    >>> example_query("gem-1-sc").sampling_strategy
    'mean estimation'
    """
    if model_id == BULK:
        return read_query(
            {
                "sampling_strategy": SAMPLE_GENERATION,
                "seed": 11,
                "inputs": [
                    {
                        "metadata": {
                            "cell_line_ontology_id": "CVCL_0023",
                            "perturbation_ontology_id": "ENSG00000156127",
                            "perturbation_type": "crispr",
                            "perturbation_time": "96 hours",
                            "sample_type": "cell line",
                        },
                        "num_samples": 5,
                    },
                    {
                        "metadata": {
                            "disease_ontology_id": "MONDO:0011719",
                            "age_years": "65",
                            "sex": "female",
                            "sample_type": "primary tissue",
                            "tissue_ontology_id": "UBERON:0000945",
                        },
                        "num_samples": 5,
                    },
                ],
            }
        )
    if model_id == SINGLE_CELL:
        return read_query(
            {
                "sampling_strategy": MEAN_ESTIMATION,
                "seed": 11,
                "inputs": [
                    {
                        "metadata": {
                            "cell_type_ontology_id": cell_type,
                            "tissue_ontology_id": "UBERON:0001155",
                            "sex": "male",
                        },
                        "num_samples": 1,
                    }
                    for cell_type in ("CL:0000786", "CL:0000763")
                ],
            }
        )
    message = f"There is no model '{model_id}'; the models are {BULK} and {SINGLE_CELL}."
    raise UnknownModelError(message)


@dataclass(frozen=True, slots=True)
class Example:
    """A ready-made design with what it teaches. ``slug`` names its picture."""

    slug: str
    title: str
    teaches: str
    design: Design


def _tissue(term: str, num_samples: int, **values: str) -> DesignCondition:
    return DesignCondition({"tissue_ontology_id": term, "sample_type": "primary tissue", **values}, num_samples)


EXAMPLES = (
    Example(
        "liver-and-brain",
        "Liver and brain",
        "Two organs, ten samples each: the first principal component tells them apart.",
        Design(
            (_tissue("UBERON:0002107", 10), _tissue("UBERON:0000955", 10)),
            BULK,
            SAMPLE_GENERATION,
            seed=7,
            title="Liver and brain",
        ),
    ),
    Example(
        "women-and-men-in-blood",
        "Women and men, in blood",
        "One tissue, both sexes: a few genes of the X and Y chromosomes differ, the rest hardly does.",
        Design(
            (_tissue("UBERON:0000178", 10, sex="female"), _tissue("UBERON:0000178", 10, sex="male")),
            BULK,
            SAMPLE_GENERATION,
            seed=7,
            title="Women and men, in blood",
        ),
    ),
    Example(
        "three-blood-cells",
        "T cell, B cell and monocyte",
        "Single cells: thirty of each of three kinds of blood cell, and the genes that mark them.",
        Design(
            tuple(
                DesignCondition({"cell_type_ontology_id": term, "tissue_ontology_id": "UBERON:0000178"}, 30)
                for term in ("CL:0000084", "CL:0000236", "CL:0000576")
            ),
            SINGLE_CELL,
            MEAN_ESTIMATION,
            seed=7,
            title="T cell, B cell and monocyte",
        ),
    ),
)
"""The examples of the Home page; each runs as it stands."""
