from __future__ import annotations

import pytest

from synthome.errors import QueryError, UnknownModelError
from synthome.models import MODEL_IDS, embedded_model
from synthome.query.vocabulary import CONTRACT_MODELS
from tests.models.embedded.asking import LIVER, ask, expected

TISSUE, CELL, LINE = "tissue_ontology_id", "cell_type_ontology_id", "cell_line_ontology_id"
T_CELL, HT29, A549, HEP_G2 = "CL:0000084", "CVCL_0320", "CVCL_0023", "CVCL_0027"


def supports(answer, condition=0):
    return {support.key: support for support in answer.provenance.conditions[condition].supports}


def refused(model, *conditions):
    with pytest.raises(QueryError) as raised:
        ask(model, *conditions, n=1, strategy="mean estimation")
    return raised.value.errors


def test_learned_terms_are_known_with_their_studies(bulk):
    support = bulk.vocabulary().support(TISSUE, LIVER)
    assert (support.status, support.confidence) == ("known", 1.0)
    assert "GTEx" in support.reason
    assert "HPA" in support.reason


def test_an_unlearned_tissue_is_answered_from_its_relatives_and_marked(bulk):
    answer = ask(bulk, {TISSUE: "UBERON:0001114"}, n=1, seed=1)  # right lobe of liver
    support = supports(answer)[TISSUE]
    assert support.status == "extrapolated"
    assert support.relatives[0] == LIVER
    assert 0 < support.confidence < 1
    cpm = expected(bulk, {TISSUE: "UBERON:0001114"}, {TISSUE: LIVER})
    assert 1_000 < cpm.loc[0, "ALB"] < cpm.loc[1, "ALB"]


def test_extrapolated_samples_vary_more_than_known_ones(bulk):
    spread = []
    for tissue in (LIVER, "UBERON:0001114"):
        latents = ask(bulk, {TISSUE: tissue}, n=60, seed=1, strategy="mean estimation").latents["biological"]
        first = [row[0] for row in latents]
        spread.append(max(first) - min(first))
    assert spread[1] > spread[0]


def test_a_term_without_near_relatives_is_refused_with_the_nearest_learned_ones(bulk):
    (error,) = refused(bulk, {TISSUE: LIVER}, {TISSUE: "UBERON:0000105"})
    assert error.path == f"inputs.1.metadata.{TISSUE}"
    assert error.value == "UBERON:0000105"
    assert error.suggestion in bulk.vocabulary().learned(TISSUE)
    assert error.suggestion in error.allowed


def test_an_id_that_is_no_term_is_refused(bulk):
    (error,) = refused(bulk, {TISSUE: "UBERON:9999999"})
    assert "no tissue UBERON:9999999" in error.message


def test_every_refusal_of_a_query_is_told_at_once(bulk):
    errors = refused(bulk, {TISSUE: "UBERON:9999999", CELL: "CL:9999999"}, {LINE: "CVCL_ZZZZ"})
    assert [error.path for error in errors] == [
        f"inputs.0.metadata.{TISSUE}",
        f"inputs.0.metadata.{CELL}",
        f"inputs.1.metadata.{LINE}",
    ]


def test_a_term_that_does_not_exist_is_refused_also_beside_one_that_decides(bulk):
    (error,) = refused(bulk, {CELL: T_CELL, TISSUE: "UBERON:9999999"})
    assert error.key == TISSUE


def test_an_unlearned_line_alone_is_refused_with_learned_lines(bulk):
    (error,) = refused(bulk, {LINE: HT29})
    assert error.suggestion in bulk.vocabulary().learned(LINE)


def test_an_unlearned_line_beside_a_tissue_is_answered_from_the_tissue(bulk):
    answer = ask(bulk, {LINE: HT29, TISSUE: "UBERON:0001155"}, n=1)
    support = supports(answer)[LINE]
    assert support.status == "extrapolated"
    assert support.relatives == ("UBERON:0001155",)
    cpm = expected(bulk, {LINE: HT29, TISSUE: "UBERON:0001155"}, {TISSUE: "UBERON:0001155"})
    assert cpm.loc[0, "CDH17"] == pytest.approx(cpm.loc[1, "CDH17"], rel=0.01)


def test_a_cell_line_decides_over_cell_type_and_tissue(bulk):
    answer = ask(bulk, {LINE: HEP_G2, CELL: T_CELL, TISSUE: "UBERON:0000955"}, n=1)
    marks = {key: support.status for key, support in supports(answer).items()}
    assert marks == {TISSUE: "no effect", CELL: "no effect", LINE: "known"}
    cpm = expected(bulk, {LINE: HEP_G2, CELL: T_CELL, TISSUE: "UBERON:0000955"}, {LINE: HEP_G2})
    assert (cpm.loc[0] == cpm.loc[1]).all()


def test_a_cell_type_is_moved_by_a_tissue_only_where_an_atlas_has_it_there(single_cell):
    spleen_b = {CELL: "CL:0000236", TISSUE: "UBERON:0002048"}
    nowhere = {CELL: "CL:0000236", TISSUE: "UBERON:0000966"}
    answer = ask(single_cell, spleen_b, nowhere, n=1, strategy="mean estimation")
    assert supports(answer, 0)[TISSUE].status == "known"
    assert supports(answer, 1)[TISSUE].status == "no effect"
    cpm = expected(single_cell, {CELL: "CL:0000236"}, spleen_b, nowhere)
    assert (cpm.loc[0] == cpm.loc[2]).all()
    assert not (cpm.loc[0] == cpm.loc[1]).all()


def test_another_sex_than_the_lines_donor_is_warned_of_and_not_applied(bulk):
    answer = ask(bulk, {LINE: A549, "sex": "female"}, n=1)
    (warning,) = answer.provenance.conditions[0].warnings
    assert "male" in warning
    assert supports(answer)["sex"].status == "no effect"
    cpm = expected(bulk, {LINE: A549, "sex": "female"}, {LINE: A549})
    assert (cpm.loc[0] == cpm.loc[1]).all()


def test_a_womans_prostate_is_answered_without_y_and_warned_of(bulk):
    condition = {TISSUE: "UBERON:0002367", "sex": "female"}
    answer = ask(bulk, condition, n=1)
    assert any("male donors only" in warning for warning in answer.provenance.conditions[0].warnings)
    assert expected(bulk, condition).loc[0, "RPS4Y1"] == 0


def test_a_condition_without_context_is_answered_from_the_average_with_a_warning(bulk):
    answer = ask(bulk, {"sex": "female"}, n=1)
    (warning,) = answer.provenance.conditions[0].warnings
    assert "average of all learned tissues" in warning


def test_a_single_cell_without_type_is_an_average_cell_and_warned_of(single_cell):
    answer = ask(single_cell, {TISSUE: "UBERON:0002048"}, n=1, strategy="mean estimation")
    assert any("average cell" in warning for warning in answer.provenance.conditions[0].warnings)


def test_a_replaced_id_is_answered_as_its_replacement_with_a_warning(bulk):
    old, new = "CL:0000804", T_CELL  # mature T cell, now T cell
    answer = ask(bulk, {CELL: old}, n=1, seed=1)
    assert answer.provenance.conditions[0].warnings == (f"{old} was replaced; answered as T cell ({new}).",)
    assert answer.metadata.loc[0, CELL] == old
    same = ask(bulk, {CELL: new}, n=1, seed=1)
    assert (same.expression.to_numpy() == answer.expression.to_numpy()).all()


def test_most_studied_terms_come_first_in_the_vocabulary(bulk):
    studies = list(bulk.vocabulary().learned(CELL).values())
    assert studies == sorted(studies, reverse=True)
    assert len(studies) >= 100
    assert len(bulk.vocabulary().learned(TISSUE)) >= 60
    assert len(bulk.vocabulary().learned(LINE)) >= 50


def test_models_are_loaded_once_and_unknown_names_refused():
    assert MODEL_IDS == CONTRACT_MODELS
    assert embedded_model("gem-1-bulk") is embedded_model("gem-1-bulk")
    with pytest.raises(UnknownModelError, match="gem-2"):
        embedded_model("gem-2")
