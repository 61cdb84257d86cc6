import csv
import io
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthome.export import expression_csv, expression_csv_rows, metadata_csv, results_pickle
from synthome.export.tables import as_cell
from tests.predictions import make_prediction

FORMULAS = ["=1+1", "+SUM(A1)", "-2+3", "@cmd", "\t=1", "\r=1", " =1", "\uff1d1", "-"]


def test_expression_comes_back_from_csv_as_it_was():
    prediction = make_prediction([2, 3], n_genes=120, names=["Łódź, „kora”", 'a "quoted" one'])
    table = pd.read_csv(io.BytesIO(expression_csv(prediction)), index_col=0)
    assert table.index.name == "sample"
    assert tuple(table.index) == prediction.sample_names
    pd.testing.assert_frame_equal(
        table.reset_index(drop=True), prediction.expression, check_dtype=False, check_names=False
    )


def test_expression_rows_joined_are_the_file():
    prediction = make_prediction([2], n_genes=20)
    rows = list(expression_csv_rows(prediction))
    assert len(rows) == 3
    assert b"".join(rows) == expression_csv(prediction)


def test_metadata_has_sample_condition_and_every_key_with_gaps_left_empty():
    prediction = make_prediction([6], names=["Leber, gesund"])
    rows = list(csv.reader(io.StringIO(metadata_csv(prediction).decode())))
    assert rows[0] == ["sample", "condition", "tissue_ontology_id", "sex", "age_years"]
    assert rows[1] == ["Leber, gesund 01", "Leber, gesund", "UBERON:0002107", "female", "20"]
    assert rows[3][3] == ""
    assert rows[5][4] == ""


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_starts_a_formula_in_a_spreadsheet(text):
    metadata = pd.DataFrame({"genotype": [text], text: ["x"]})
    prediction = make_prediction([1], n_genes=5, names=[text], metadata=metadata)
    for file in (metadata_csv(prediction), expression_csv(prediction)):
        cells = [cell for row in csv.reader(io.StringIO(file.decode(), newline="")) for cell in row]
        assert f"'{text}" in "".join(cells)
        assert not any(cell.strip().startswith(("=", "+", "-", "@", "\uff1d")) for cell in cells)


@given(st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_stay_as_they_are_also_as_text(number):
    assert as_cell(number) == number
    assert as_cell(str(number)) == str(number)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, float("nan")])
def test_missing_values_are_empty_cells(missing):
    assert as_cell(missing) == ""


@given(st.text(max_size=20))
def test_ordinary_text_is_untouched_and_any_other_gains_one_quote(text):
    assert as_cell(text) in (text, f"'{text}")
    if text[:1].isalnum():
        assert as_cell(text) == text


def test_the_pickle_loads_where_there_is_only_pandas(tmp_path):
    prediction = make_prediction([2, 2], n_genes=30)
    (tmp_path / "results.pkl").write_bytes(results_pickle(prediction))
    code = (
        "import pickle, sys\n"
        "frames = pickle.load(open('results.pkl', 'rb'))\n"
        "assert not any(name.split('.')[0] == 'synthome' for name in sys.modules)\n"
        "print(list(frames), frames['expression'].shape, frames['expression'].iloc[3].sum())"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    total = prediction.expression.iloc[3].sum()
    assert done.stdout.strip() == f"['metadata', 'expression', 'latents'] (4, 30) {total}"


def test_the_pickle_holds_three_frames_numbered_from_zero_with_lists_as_latents():
    prediction = make_prediction([2, 2], n_genes=30)
    frames = pickle.loads(results_pickle(prediction))  # noqa: S301 - written two lines above
    assert all(frame.index.equals(pd.RangeIndex(4)) for frame in frames.values())
    assert frames["expression"].dtypes.unique().tolist() == [np.dtype(int)]
    assert frames["expression"].columns.tolist() == prediction.expression.columns.tolist()
    assert list(frames["latents"]) == ["biological", "technical", "perturbation"]
    assert frames["latents"].loc[1, "technical"] == prediction.latents["technical"].iloc[1]
    pd.testing.assert_frame_equal(frames["metadata"], prediction.metadata)
