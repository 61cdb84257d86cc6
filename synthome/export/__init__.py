"""What is taken away: tables, the contract's pickle, figures, and a note on where the numbers come from."""

from synthome.export.about import about_text
from synthome.export.figure_files import export_layout, figure_html, plotly_js_path
from synthome.export.names import file_name
from synthome.export.tables import expression_csv, expression_csv_rows, metadata_csv, results_pickle

__all__ = [
    "about_text",
    "export_layout",
    "expression_csv",
    "expression_csv_rows",
    "figure_html",
    "file_name",
    "metadata_csv",
    "plotly_js_path",
    "results_pickle",
]
