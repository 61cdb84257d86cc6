from dataclasses import replace

from synthome.export import about_text
from synthome.prediction import ConditionProvenance
from synthome.query.support import Support
from tests.predictions import make_prediction


def test_the_note_tells_model_seed_and_what_was_made_of_each_value():
    prediction = make_prediction([2, 1], n_genes=40, names=["Liver", "Rare"])
    supports = (
        Support("tissue_ontology_id", "UBERON:1", "extrapolated", "From its kin.", ("UBERON:2",), 0.4),
        Support("race", "Asian", "no effect", "Not learned."),
    )
    provenance = replace(
        prediction.provenance,
        conditions=(ConditionProvenance(), ConditionProvenance(supports, ("Few studies.",))),
        warnings=("Shallow.",),
    )
    text = about_text(replace(prediction, provenance=provenance))
    assert text.startswith("This is synthetic data")
    assert "Model: gem-1-bulk, version 1.0 (embedded)\nSeed: 7\n" in text
    assert "Samples: 3; conditions: 2; genes: 40\nBeware: Shallow.\n\nLiver (2 samples)\n\nRare (1 sample)\n" in text
    assert "  Tissue: UBERON:1 (extrapolated from UBERON:2, confidence 0.40) - From its kin.\n" in text
    assert "  Race: Asian (no effect) - Not learned.\n  Beware: Few studies.\n" in text


def test_an_answer_without_a_seed_says_none():
    prediction = make_prediction([1], n_genes=5)
    assert "Seed: none\n" in about_text(replace(prediction, provenance=replace(prediction.provenance, seed=None)))
