"""Two sets of samples as a file."""

from __future__ import annotations

import pandas as pd

from synthome.export.comparison import comparison_csv


def test_no_name_that_a_user_gave_starts_a_formula_in_rows_or_in_the_header() -> None:
    table = pd.DataFrame({"=1+1": [0.5], "@SUM(A1)": [None]}, index=["+cmd"])
    assert comparison_csv(table, "group_of_b").decode() == "group_of_b,'=1+1,'@SUM(A1)\n'+cmd,0.5,\n"
