"""Which metadata field, and which model, a file of valid values or a part of it is called after."""

from __future__ import annotations

import re

from synthome.query.vocabulary import KEYS, MODEL_RULES, base_model

__all__ = ["field_named", "model_named_in"]


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower().removesuffix(".json")).strip("_")


def model_named_in(name: str) -> str | None:
    """The baseline model that ``name`` mentions."""
    folded = f"_{_folded(name)}_"
    return next((base_model(model_id) for model_id in MODEL_RULES if f"_{_folded(model_id)}_" in folded), None)


def _aliases() -> dict[str, str]:
    """What fields are called, longest first, so that "perturbation type" is not taken for a perturbation."""
    aliases = {
        "age": "age_years",
        "stage": "developmental_stage",
        "dose": "perturbation_dose",
        "time": "perturbation_time",
        "gender": "sex",
        "bioproject": "study",
        **dict.fromkeys(("gene", "genes", "compound", "compounds", "drug", "drugs"), "perturbation_ontology_id"),
    }
    for key, spec in KEYS.items():
        short = key.removesuffix("_ontology_id")
        for alias in (key, short, f"{short}_id", f"{short}s", f"{short}_ids", _folded(spec.label)):
            aliases.setdefault(alias, key)
    aliases |= {"studies": "study", "ages": "age_years", "ethnicities": "ethnicity", "sexes": "sex"}
    return dict(sorted(aliases.items(), key=lambda pair: -len(pair[0])))


_ALIASES = _aliases()


def field_named(name: str) -> str | None:
    """The metadata key that ``name`` is called after, as a field of a file or the file itself.

    >>> field_named("tissue_ontology_id"), field_named("gem-1-sc_Cell-Types (2).json"), field_named("liver")
    ('tissue_ontology_id', 'cell_type_ontology_id', None)
    """
    folded = f"_{_folded(name)}_"
    return next((key for alias, key in _ALIASES.items() if f"_{alias}_" in folded), None)
