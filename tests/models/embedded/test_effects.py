"""What is made of disease, perturbation, stage, sample type and age, on effects that the tests wrote themselves."""

from __future__ import annotations

import numpy as np
import pytest

from synthome.errors import ModelError, QueryError
from synthome.models.embedded.signatures import load_effects
from tests.models.embedded.asking import BRAIN, LIVER, LUNG, ask, expected
from tests.models.embedded.effects_for_tests import (
    A549,
    ASTHMA,
    DEXAMETHASONE,
    GLUCOCORTICOID,
    GUTTATE,
    PREDNISOLONE,
    PSORIASIS,
    SARS_COV_2,
    SKIN,
    MadeEffects,
    model_with_made_effects,
)

TISSUE, CELL, LINE = "tissue_ontology_id", "cell_type_ontology_id", "cell_line_ontology_id"
DISEASE, STAGE, AGE = "disease_ontology_id", "developmental_stage", "age_years"
TYPE, WHAT, DOSE, TIME = "perturbation_type", "perturbation_ontology_id", "perturbation_dose", "perturbation_time"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return model_with_made_effects("gem-1-bulk", "bulk", tmp_path_factory.mktemp("effects"))


@pytest.fixture(scope="module")
def made_cells(tmp_path_factory):
    return model_with_made_effects("gem-1-sc", "single_cell", tmp_path_factory.mktemp("effects"))


@pytest.fixture(scope="module")
def gene(made):
    return dict(zip(made.genes["symbol"], made.genes.index, strict=True))


def marks(model, condition):
    (provenance,) = ask(model, condition, n=1, strategy="mean estimation").provenance.conditions
    return {support.key: support for support in provenance.supports}, provenance.warnings


def change(model, condition, symbol, base):
    """ln of the ratio of expression with and without."""
    cpm = expected(model, condition, base)
    return float(np.log((cpm.loc[0, symbol] + 0.5) / (cpm.loc[1, symbol] + 0.5)))


def compound(term=DEXAMETHASONE, **extra):
    return {LINE: A549, TYPE: "compound", WHAT: term, **extra}


def test_a_learned_disease_moves_its_genes_in_its_tissue(made):
    skin = {TISSUE: "UBERON:0000014"}
    assert change(made, skin | {DISEASE: PSORIASIS}, "KRT16", skin) == pytest.approx(2.0, abs=0.1)
    support = marks(made, skin | {DISEASE: PSORIASIS})[0][DISEASE]
    assert (support.status, support.confidence) == ("known", 0.8)
    assert "2 studies: A, B" in support.reason


def test_a_kind_of_a_learned_disease_is_answered_from_it_and_marked(made):
    support = marks(made, {TISSUE: SKIN, DISEASE: GUTTATE})[0][DISEASE]
    assert support.status == "extrapolated"
    assert support.relatives == (PSORIASIS,)
    assert support.confidence < 0.8


def test_a_class_of_diseases_is_answered_from_its_learned_kinds(made):
    support = made.vocabulary().support(DISEASE, "MONDO:0005093")  # skin disorder
    assert (support.status, support.relatives) == ("extrapolated", (PSORIASIS,))


def test_a_disease_with_nothing_learned_near_changes_nothing_and_says_so(made):
    brain = {TISSUE: BRAIN}
    assert made.vocabulary().support(DISEASE, ASTHMA).status == "no effect"
    cpm = expected(made, brain, brain | {DISEASE: ASTHMA})
    assert (cpm.loc[0] == cpm.loc[1]).all()


def test_a_disease_that_does_not_exist_is_refused(made):
    with pytest.raises(QueryError, match="no disease MONDO:9999999"):
        ask(made, {TISSUE: LIVER, DISEASE: "MONDO:9999999"}, n=1)


def test_a_disease_in_a_tissue_where_it_was_not_studied_is_warned_of(made):
    supports, warnings = marks(made, {TISSUE: LIVER, DISEASE: PSORIASIS})
    assert any("studied in skin" in warning for warning in warnings)
    assert supports[DISEASE].status == "extrapolated"


def test_a_disease_without_a_tissue_is_answered_where_it_was_studied(made):
    cpm = expected(made, {DISEASE: PSORIASIS}, {TISSUE: LIVER})
    assert cpm.loc[0, "KRT5"] > 10 * cpm.loc[1, "KRT5"]
    warnings = marks(made, {DISEASE: PSORIASIS})[1]
    assert any("answered in" in warning for warning in warnings)


def test_a_disease_moves_a_cell_type_only_in_genes_that_it_expresses(made):
    t_cell = {CELL: "CL:0000084"}
    assert change(made, t_cell | {DISEASE: PSORIASIS}, "CD3E", t_cell) > 0.8
    assert change(made, t_cell | {DISEASE: PSORIASIS}, "KRT16", t_cell) < 1.0


def test_a_cell_line_decides_over_disease_stage_and_age(made):
    supports, _ = marks(made, {LINE: A549, DISEASE: PSORIASIS, STAGE: "fetal", AGE: "30"})
    assert {supports[key].status for key in (DISEASE, STAGE, AGE)} == {"no effect"}
    cpm = expected(made, {LINE: A549}, {LINE: A549, DISEASE: PSORIASIS, STAGE: "fetal", AGE: "30"})
    assert (cpm.loc[0] == cpm.loc[1]).all()


def test_a_tissue_that_a_line_is_not_from_is_warned_of(made):
    def warnings_of(tissue):
        return marks(made, {LINE: A549, TISSUE: tissue})[1]

    assert any("is from lung, not from brain" in warning for warning in warnings_of(BRAIN))
    assert warnings_of(LUNG) == ()


def test_disease_moves_the_biological_latents_and_perturbation_those_of_its_own(made):
    conditions = [{TISSUE: SKIN}, {TISSUE: SKIN, DISEASE: PSORIASIS}, compound()]
    answer = ask(made, *conditions, n=1, strategy="mean estimation", deterministic_latents=True)
    healthy, ill, _ = (np.array(row) for row in answer.latents["biological"])
    assert not np.allclose(healthy, ill)
    perturbation = np.array(answer.latents["perturbation"].tolist())
    assert (perturbation[:2] == 0).all()
    assert perturbation[2].any()


def test_a_compound_moves_its_genes_as_learned_at_the_learned_dose_and_time(made):
    assert change(made, compound(), "TSC22D3", {LINE: A549}) == pytest.approx(1.0, abs=0.05)
    same = compound(**{DOSE: "10 um", TIME: "24 hours"})
    assert change(made, same, "TSC22D3", {LINE: A549}) == pytest.approx(1.0, abs=0.05)
    assert change(made, compound(**{DOSE: "10000 nm"}), "TSC22D3", {LINE: A549}) == pytest.approx(1.0, abs=0.05)


def test_more_dose_and_more_time_move_more_up_to_a_bound_and_none_moves_nothing(made):
    def moved(**extra):
        return change(made, compound(**extra), "TSC22D3", {LINE: A549})

    doses = [moved(**{DOSE: dose}) for dose in ("0 um", "10 nm", "1 um", "10 um", "1 mm")]
    times = [moved(**{TIME: time}) for time in ("0 hours", "1 hours", "6 hours", "2 days", "4 weeks")]
    for series in (doses, times):
        assert series[0] == pytest.approx(0.0, abs=1e-6)
        assert series == sorted(series)
        assert series[-1] < 1.5


def test_a_dose_curve_says_that_it_is_a_prior(made):
    supports, _ = marks(made, compound(**{DOSE: "1 um", TIME: "6 hours"}))
    for key in (DOSE, TIME):
        assert supports[key].status == "extrapolated"
        assert "a prior, not learned" in supports[key].reason


def test_a_dose_in_a_unit_that_says_nothing_of_a_compound_has_no_effect(made):
    supports, _ = marks(made, compound(**{DOSE: "5 gy"}))
    assert supports[DOSE].status == "no effect"
    assert "um" in supports[DOSE].reason


def test_a_class_of_compounds_is_answered_from_its_members(made):
    support = marks(made, compound(GLUCOCORTICOID))[0][WHAT]
    assert support.status == "extrapolated"
    assert set(support.relatives) == {DEXAMETHASONE, PREDNISOLONE}
    assert 0.5 < change(made, compound(GLUCOCORTICOID), "TSC22D3", {LINE: A549}) < 1.0


def test_a_chembl_id_answers_as_its_chebi_term(made):
    cpm = expected(made, compound(PREDNISOLONE), compound("CHEMBL131"))
    assert (cpm.loc[0] == cpm.loc[1]).all()
    assert made.vocabulary().label("CHEMBL131") == "prednisolone"


def test_an_unlearned_compound_changes_nothing_and_an_unknown_one_is_refused(made):
    supports, _ = marks(made, compound("CHEBI:15377", **{DOSE: "1 um"}))  # water
    assert {supports[key].status for key in (TYPE, WHAT, DOSE)} == {"no effect"}
    with pytest.raises(QueryError, match="no compound CHEBI:9999999"):
        ask(made, compound("CHEBI:9999999"), n=1)


@pytest.mark.parametrize("kind", ["crispr", "shrna", "sirna"])
@pytest.mark.parametrize("symbol", ["HSPA5", "GAPDH", "BRD4"])
def test_a_gene_that_is_knocked_down_goes_down_whether_learned_or_not(made, gene, kind, symbol):
    condition = {LINE: A549, TYPE: kind, WHAT: gene[symbol]}
    assert change(made, condition, symbol, {LINE: A549}) < -1.0
    status = marks(made, condition)[0][WHAT].status
    assert status == ("known" if symbol == "HSPA5" else "extrapolated")


@pytest.mark.parametrize("symbol", ["TP53", "INS", "ACTB"])
def test_a_gene_that_is_overexpressed_goes_up_even_from_nothing(made, gene, symbol):
    condition = {LINE: A549, TYPE: "overexpression", WHAT: gene[symbol]}
    assert change(made, condition, symbol, {LINE: A549}) > 1.0


def test_the_response_to_a_lost_gene_is_the_learned_one(made, gene):
    condition = {LINE: A549, TYPE: "crispr", WHAT: gene["HSPA5"]}
    assert change(made, condition, "SDF2L1", {LINE: A549}) == pytest.approx(1.0, abs=0.1)
    gained = condition | {TYPE: "overexpression"}
    assert abs(change(made, gained, "SDF2L1", {LINE: A549})) < 0.1


def test_an_infection_answers_by_taxon_and_its_dose_is_the_share_of_cells_reached(made):
    condition = {LINE: A549, TYPE: "infection", WHAT: SARS_COV_2}
    full, low = (change(made, condition | {DOSE: dose}, "ISG15", {LINE: A549}) for dose in ("2 moi", "0.1 moi"))
    assert full == pytest.approx(3.0, abs=0.2)
    assert low / full == pytest.approx(-np.expm1(-0.1) / -np.expm1(-2.0), rel=0.1)
    other = marks(made, condition | {WHAT: "9606"})[0][WHAT]
    assert (other.status, other.relatives) == ("no effect", (SARS_COV_2,))


def test_a_ligand_answers_by_gene_and_an_unlearned_one_from_its_genes_overexpression(made, gene):
    learned = marks(made, {LINE: A549, TYPE: "peptide or biologic", WHAT: gene["TGFB1"]})[0][WHAT]
    assert learned.status == "known"
    condition = {LINE: A549, TYPE: "peptide or biologic", WHAT: gene["TNF"]}
    assert marks(made, condition)[0][WHAT].status == "extrapolated"
    assert change(made, condition, "NFKBIA", {LINE: A549}) > 0.5
    assert abs(change(made, condition, "TNF", {LINE: A549})) < 0.2
    assert marks(made, condition | {WHAT: gene["TP53"]})[0][WHAT].status == "no effect"


@pytest.mark.parametrize("kind", ["genetic", "coculture", "other", "control"])
def test_types_that_say_no_direction_change_nothing(made, gene, kind):
    condition = {LINE: A549, TYPE: kind, WHAT: gene["TP53"]}
    supports, _ = marks(made, condition)
    assert {supports[key].status for key in (TYPE, WHAT)} == {"no effect"}
    cpm = expected(made, {LINE: A549}, condition)
    assert (cpm.loc[0] == cpm.loc[1]).all()


@pytest.mark.parametrize(
    ("kind", "value"),
    [("crispr", DEXAMETHASONE), ("compound", "ENSG00000141510"), ("infection", DEXAMETHASONE)],
)
def test_an_id_that_its_type_cannot_mean_is_refused_with_what_it_needs(made, kind, value):
    with pytest.raises(QueryError, match=f"type {kind} needs"):
        ask(made, {LINE: A549, TYPE: kind, WHAT: value}, n=1)


def test_a_gene_without_a_type_is_warned_of(made, gene):
    supports, warnings = marks(made, {LINE: A549, WHAT: gene["TP53"]})
    assert supports[WHAT].status == "no effect"
    assert any("type is missing" in warning for warning in warnings)


def test_fetal_samples_take_what_is_learned_of_their_tissue_and_else_the_general_change(made):
    assert change(made, {TISSUE: LIVER, STAGE: "Embryonic"}, "AFP", {TISSUE: LIVER}) == pytest.approx(3.0, abs=0.1)
    assert change(made, {TISSUE: BRAIN, STAGE: "fetal"}, "H19", {TISSUE: BRAIN}) > 0.3
    cpm = expected(made, {TISSUE: BRAIN, STAGE: "adult"}, {TISSUE: BRAIN})
    assert (cpm.loc[0] == cpm.loc[1]).all()
    assert marks(made, {TISSUE: BRAIN, STAGE: "adolescent"})[0][STAGE].status == "no effect"


@pytest.mark.parametrize("stage", ["HsapDv:0000037", "HsapDv:0000045", "HsapDv:0000019"])
def test_a_stage_of_hsapdv_before_birth_is_fetal_and_so_are_its_parts(made, stage):
    told = change(made, {TISSUE: LIVER, STAGE: stage}, "AFP", {TISSUE: LIVER})
    assert told == pytest.approx(change(made, {TISSUE: LIVER, STAGE: "fetal"}, "AFP", {TISSUE: LIVER}))
    assert marks(made, {TISSUE: LIVER, STAGE: stage})[0][STAGE].status == "known"


def test_an_adult_stage_of_hsapdv_changes_nothing_and_another_one_has_no_effect(made):
    assert marks(made, {TISSUE: LIVER, STAGE: "HsapDv:0000227"})[0][STAGE].status == "known"
    assert marks(made, {TISSUE: LIVER, STAGE: "HsapDv:0000265"})[0][STAGE].status == "no effect"
    cpm = expected(made, {TISSUE: LIVER, STAGE: "HsapDv:0000227"}, {TISSUE: LIVER, STAGE: "HsapDv:0000265"})
    assert (cpm.loc[0] == cpm.loc[1]).all()


def test_a_fetus_with_an_age_is_warned_of(made):
    supports, warnings = marks(made, {TISSUE: LIVER, STAGE: "fetal", AGE: "30"})
    assert any("Fetal" in warning for warning in warnings)
    assert supports[AGE].status == "no effect"


def test_age_moves_by_its_slope_around_fifty_and_not_beyond_what_was_seen(made):
    def moved(years):
        return change(made, {TISSUE: LIVER, AGE: years}, "CDKN2A", {TISSUE: LIVER, AGE: "50"})

    assert moved("70") == pytest.approx(0.4, abs=0.2)
    assert moved("30") < 0 < moved("60") < moved("80")
    assert moved("80") == moved("115")
    assert marks(made, {TISSUE: LIVER, AGE: "115"})[0][AGE].status == "extrapolated"


def test_age_belongs_to_bulk_and_diseases_to_both(made_cells):
    assert made_cells.vocabulary().support(AGE, "60").status == "no effect"
    assert made_cells.vocabulary().support(DISEASE, PSORIASIS).status == "known"


def test_a_tissue_grown_as_a_cell_line_is_moved_and_varies_less(made):
    grown = {TISSUE: LIVER, "sample_type": "cell line"}
    assert change(made, grown, "MKI67", {TISSUE: LIVER}) > 0.3
    t_cell = {CELL: "CL:0000084"}
    assert abs(change(made, t_cell | {"sample_type": "cell line"}, "MKI67", t_cell)) < 0.05
    assert "differ less" in marks(made, t_cell | {"sample_type": "cell line"})[0]["sample_type"].reason
    assert marks(made, {TISSUE: LIVER, "sample_type": "organoid"})[0]["sample_type"].status == "no effect"


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("library_selection", "polyA", "known"),
        ("library_selection", "CAGE", "no effect"),
        ("library_layout", "PAIRED", "known"),
        ("library_layout", "SINGLE", "no effect"),
        ("platform", "illumina", "known"),
        ("ethnicity", "Han Chinese", "no effect"),
        ("race", "Asian", "no effect"),
        ("genotype", "TP53 -/-", "no effect"),
        ("study", "PRJNA123456", "no effect"),
    ],
)
def test_keys_that_no_source_can_tell_apart_change_no_number(made, key, value, status):
    assert marks(made, {TISSUE: LIVER, key: value})[0][key].status == status
    answer = ask(made, {TISSUE: LIVER}, {TISSUE: LIVER, key: value}, n=1, deterministic_latents=True, seed=1,
                 strategy="mean estimation")  # fmt: skip
    assert (answer.expression.loc[0] == answer.expression.loc[1]).all()
    assert answer.metadata.loc[1, key] == value


def test_samples_of_one_perturbation_respond_more_and_less_strongly(made):
    answer = ask(made, compound(), n=200, seed=4, strategy="mean estimation")
    strength = np.array(answer.latents["perturbation"].tolist())[:, -1]
    assert 0.95 < np.median(strength) < 1.05
    assert 0.10 < np.log(strength).std() < 0.20


def test_an_unknown_sex_with_mean_latents_is_told_to_be_the_mean_of_both(made):
    answer = ask(made, {TISSUE: LIVER}, n=1, strategy="mean estimation", deterministic_latents=True)
    assert any("mean of both sexes" in warning for warning in answer.provenance.warnings)
    for condition in ({TISSUE: LIVER, "sex": "male"}, {LINE: A549}):
        answer = ask(made, condition, n=1, strategy="mean estimation", deterministic_latents=True)
        assert answer.provenance.warnings == ()


def test_the_marks_of_a_whole_condition_are_those_of_the_answer(made):
    condition = compound(**{DOSE: "1 um", AGE: "40"})
    before = made.vocabulary().supports(condition)
    assert dict(before) == marks(made, condition)[0]


def test_learned_perturbations_are_listed_with_their_studies(made, gene):
    learned = made.vocabulary().learned(WHAT)
    assert {DEXAMETHASONE, SARS_COV_2, gene["HSPA5"], gene["TGFB1"]} <= set(learned)
    assert made.vocabulary().label(gene["HSPA5"]) == "HSPA5"
    assert made.vocabulary().label(SARS_COV_2) == "SARS-CoV-2"


def test_stored_signatures_come_back_within_half_a_step(made, tmp_path):
    genes = made.genes
    MadeEffects(list(genes.index), list(genes["symbol"])).write(tmp_path)
    family = load_effects(tmp_path).families["disease"]
    values = family.values(PSORIASIS)
    assert np.count_nonzero(values) == 3
    row = genes["symbol"].tolist().index("ALB")
    assert values[row] == pytest.approx(0.5, abs=2.0 / 127 / 2)


def test_missing_effects_are_told_with_what_to_do(tmp_path):
    with pytest.raises(ModelError, match="make fit"):
        load_effects(tmp_path)
