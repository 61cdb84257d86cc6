from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from training.cell_library import Library
from training.signatures import Signature
from training.stages import Evidence, fit_stages
from training.tissues import Profiles

GENES = 1_000
SWITCHED, BY_NUCLEI, OF_FIBRES = 0, 1, 2
TYPES = ("CL:0000057", "CL:0000084", "CL:0000236", "CL:0000576", "CL:0000127", "CL:0000669", "CL:0000192", "CL:0008002")
FETAL_ALONE = "CL:0005026"
ATLASES = {
    "adult_a": ("adult", "cell", "UBERON:0002048"),
    "adult_b": ("adult", "cell", "UBERON:0002107"),
    "adult_nuclei": ("adult", "nucleus", "UBERON:0000948"),
    "fetal_a": ("fetal", "nucleus", "UBERON:0002107"),
    "fetal_b": ("fetal", "nucleus", "UBERON:0000948"),
}


@pytest.fixture(scope="module")
def signatures() -> dict[str, Signature]:
    """Gene 0 is on in fetal cells alone, gene 1 in nuclei of any stage, gene 2 in fetal muscle fibres.

    A tenth of the genes differ in fetal cells of each type, each type's own way.
    """
    generator = np.random.default_rng(13)
    cells = {term: np.exp(generator.normal(3, 1, GENES)) for term in (*TYPES, FETAL_ALONE)}
    nuclei = np.exp(generator.normal(0, 0.8, GENES))
    fetal = {term: 1.5 * generator.normal(size=GENES) * (generator.random(GENES) < 0.1) for term in cells}
    columns, rows = {}, []
    for atlas, (stage, material, tissue) in ATLASES.items():
        for term in (*TYPES, FETAL_ALONE) if stage == "fetal" else TYPES:
            profile = cells[term] * np.exp(generator.normal(0, 0.15, GENES)) * (nuclei if material == "nucleus" else 1)
            profile *= np.exp(fetal[term]) if stage == "fetal" else 1.0
            profile[SWITCHED] = 100.0 if stage == "fetal" else 0.0
            profile[BY_NUCLEI] = 100.0 if material == "nucleus" else 0.0
            profile[OF_FIBRES] = 300.0 if stage == "fetal" and term == "CL:0008002" else 0.0
            columns[f"{atlas}::{term}"] = profile
            rows.append((atlas, term, tissue, stage, material, "linear", atlas, f"{atlas}::{term}"))
    names = ["dataset", "cl_id", "uberon_id", "stage", "material", "scale", "pool", "profile"]
    umi = pd.DataFrame(columns)
    bulk = np.log(np.stack([cells[t] for t in TYPES]).mean(axis=0) + 0.5)
    bulk[[SWITCHED, BY_NUCLEI, OF_FIBRES]] = np.log(0.5)
    tissues = ("UBERON:0002048", "UBERON:0002107", "UBERON:0000948")
    theta = pd.DataFrame(dict.fromkeys(tissues, bulk))
    labels = dict(zip(tissues, ("lung", "liver", "heart"), strict=True))
    profiles = Profiles(theta, labels, dict.fromkeys(tissues, ("HPA",)), dict.fromkeys(tissues, 0.0))
    library = Library(umi, umi, pd.DataFrame(rows, columns=names), pd.Series(1.0, index=umi.index))
    return {s.term.id: s for s in fit_stages(library, profiles)}


@pytest.fixture(scope="module")
def changes(signatures) -> dict[str, np.ndarray]:
    return {term_id: signature.values for term_id, signature in signatures.items()}  # noqa: PD011 - not of pandas


def test_a_gene_on_in_fetal_cells_alone_is_in_the_general_signature(changes):
    assert changes["fetal"][SWITCHED] > 1.5


def test_what_nuclei_show_at_any_stage_is_no_effect_of_the_stage(changes):
    assert changes["fetal"][BY_NUCLEI] == 0.0
    assert np.abs(changes["fetal|CL:0000057"][BY_NUCLEI]) < 0.1


def test_the_general_signature_holds_few_genes_beside_those_switched_on(changes):
    others = np.delete(changes["fetal"], SWITCHED)
    assert (others != 0).sum() <= 2


def test_a_change_of_one_cell_type_is_found_there_and_not_elsewhere(changes):
    assert changes["fetal|CL:0008002"][OF_FIBRES] > 0.5
    assert np.abs(changes["fetal|CL:0000057"][OF_FIBRES]) < 0.1


def test_every_signature_of_a_context_holds_the_general_one(changes):
    for term_id in ("fetal|CL:0000057", "fetal|UBERON:0000948"):
        assert changes[term_id][SWITCHED] > 1.0


def test_a_cell_type_known_from_fetal_atlases_alone_is_not_changed_twice(signatures, changes):
    term_id = f"fetal|{FETAL_ALONE}"
    assert not changes[term_id].any()
    assert "fetal atlases alone" in signatures[term_id].term.note


def test_differences_no_larger_than_without_a_difference_are_not_kept():
    generator = np.random.default_rng(17)
    noise, same = generator.normal(0, 1, 50_000), generator.normal(0, 1, 50_000)
    kept = Evidence.measure(noise, same)(noise[np.abs(noise) < 3])
    assert np.abs(kept).mean() < 0.05


def test_the_larger_a_difference_beside_the_null_the_more_of_it_is_kept():
    generator = np.random.default_rng(19)
    evidence = Evidence.measure(generator.normal(0, 2, 50_000), generator.normal(0, 0.5, 50_000))
    kept = evidence(np.array([-4.0, -0.2, 0.0, 0.2, 4.0, np.nan]))
    assert kept[4] == pytest.approx(4.0, rel=0.02)
    assert kept[0] == pytest.approx(-4.0, rel=0.02)
    assert np.abs(kept[[1, 3]]).max() < 0.15
    assert kept[2] == kept[5] == 0.0
