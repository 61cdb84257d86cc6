import re

from hypothesis import given
from hypothesis import strategies as st

from synthome.export import file_name
from tests.predictions import make_prediction


@given(st.text())
def test_any_title_gives_a_name_that_every_system_accepts(title):
    name = file_name(title, "expression", "csv")
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]*_expression\.csv", name)
    assert len(name) < 100


def test_a_prediction_is_named_by_its_conditions():
    assert (
        file_name(make_prediction([1, 1], names=["Liver", "Brain"]), "metadata", "csv") == "liver-vs-brain_metadata.csv"
    )
    assert file_name(make_prediction([1] * 4), "PCA", "svg") == "group-1-and-3-more_pca.svg"


def test_accents_lose_their_marks_only():
    assert file_name("Crème brûlée", "pca", "png") == "creme-brulee_pca.png"
