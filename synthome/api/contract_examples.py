"""Examples in the API's description: a query to each of the six models, and what comes back."""

from __future__ import annotations

from typing import Any

from synthome.query import CONTRACT_MODELS, base_model, example_query, operation_of
from synthome.query.vocabulary import (
    BASELINE,
    MEAN_ESTIMATION,
    MODEL_RULES,
    PREDICT_METADATA,
)

__all__ = ["ANSWER_EXAMPLES", "QUERY_EXAMPLES", "STATUS_EXAMPLES"]

_COUNTS = [0, 812, 35, 0, 4]
_SHORTENED = "`counts` is shortened here: it holds a count for each of the model's genes, in the model's order."
_METADATA = {"tissue_ontology_id": "UBERON:0002107", "sex": "female"}
_LATENTS = {"biological": [0.13, -1.2], "technical": [0.4], "perturbation": []}


def _query(model_id: str) -> dict[str, Any]:
    operation = operation_of(model_id)
    if operation == BASELINE:
        return {"value": example_query(model_id).to_contract()}
    if operation == PREDICT_METADATA:
        return {"value": {"inputs": [{"counts": _COUNTS}], "seed": 11}, "description": _SHORTENED}
    perturbation = {"perturbation_ontology_id": "CHEBI:41879", "perturbation_type": "compound"}
    strategies = MODEL_RULES[base_model(model_id)].strategies
    return {
        "value": {
            "inputs": [{"counts": _COUNTS, "metadata": perturbation, "num_samples": 3}],
            "conditioning": ["biological", "technical"],
            "sampling_strategy": next((s for s in strategies if s != MEAN_ESTIMATION), MEAN_ESTIMATION),
            "fixed_total_count": False,
            "seed": 11,
        },
        "description": _SHORTENED,
    }


QUERY_EXAMPLES = {model_id: _query(model_id) for model_id in CONTRACT_MODELS}

STATUS_EXAMPLES: dict[str, Any] = {
    "running": {"value": {"status": "running"}},
    "ready": {
        "value": {
            "status": "ready",
            "downloadUrl": "//localhost:8501/api/model-queries/3q2-7wQ1yZ0/download?expires=…&signature=…",
        }
    },
    "failed": {
        "value": {
            "status": "failed",
            "message": "The run was interrupted: Synthome stopped before it was done. Run it again.",
            "errors": [],
        }
    },
}


def _answer(output: dict[str, Any]) -> dict[str, Any]:
    genes = [f"ENSG{number:011d}" for number in (3, 5, 419, 457, 460)]
    return {"gene_order": genes, "outputs": [output], "model_version": "synthome-open", "seed": 11}


ANSWER_EXAMPLES: dict[str, Any] = {
    "samples": {
        "value": _answer({"counts": _COUNTS, "metadata": _METADATA, "latents": _LATENTS}),
        "description": "Of a baseline or reference-conditioning model, shortened to five genes.",
    },
    "told": {
        "value": _answer(
            {
                "metadata": _METADATA,
                "classifier_probs": {
                    "tissue": {"UBERON:0002107": 0.97, "UBERON:0002113": 0.03},
                    "sex": {"female": 0.99, "male": 0.01},
                },
                "latents": _LATENTS,
                "decoder_sample": {"counts": _COUNTS},
            }
        ),
        "description": "Of a predict-metadata model, shortened to five genes.",
    },
}
