"""Buttons for the files of a run: each is made when it is pressed, and the page is not drawn anew for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from components.analyses import prediction_of, term_labels
from components.file_download import file_download
from components.session import label_of
from synthome.analysis.quality import quality
from synthome.export import expression_csv, file_name, metadata_csv, results_pickle
from synthome.export.archive import archive
from synthome.export.code import python_code, r_code
from synthome.export.matrices import expression_parquet, expression_tsv, gct, h5ad
from synthome.export.quality import quality_csv
from synthome.export.report import report_html
from synthome.export.takeaway import Takeaway
from synthome.export.told_values import classifier_probs_csv
from synthome.ontology import default_index
from synthome.runs import Run

__all__ = ["FILES", "RunFile", "file_button", "taken_of"]


@dataclass(frozen=True, slots=True)
class RunFile:
    """A file of a run: what its button says, what the file is called, what makes it, and what is good to know."""

    label: str
    what: str
    ending: str
    make: Callable[[Takeaway], bytes]
    help: str
    told_help: str = ""
    """Instead of ``help`` where real samples were told what they are."""


FILES = {
    "archive": RunFile(
        "Everything (ZIP)", "all", "zip", archive,
        "All tables and formats, the report, the figures, the methods text and the query in one file",
    ),
    "report": RunFile(
        "Report (HTML)", "report", "html", report_html,
        "What was asked, figures, methods and where it comes from: one page that needs no network, to read or to print",
    ),
    "expression": RunFile(
        "Expression (CSV)", "expression", "csv", lambda taken: expression_csv(taken.prediction),
        "Counts: one row a sample, one column a gene (Ensembl id)", "Counts as the model sees each sample",
    ),
    "metadata": RunFile(
        "Metadata (CSV)", "metadata", "csv", lambda taken: metadata_csv(taken.prediction),
        "One row a sample: its condition and what was asked of it", "One row a sample: its most probable values",
    ),
    "quality": RunFile(
        "Quality (CSV)", "quality", "csv", lambda taken: _quality_csv(taken),
        "One row a sample: library size, genes detected, mitochondrial share, share of the 50 top genes",
    ),
    "tsv": RunFile(
        "Expression (TSV)", "expression", "tsv", lambda taken: expression_tsv(taken.prediction),
        "Counts with genes in rows, as R's packages read them",
    ),
    "h5ad": RunFile(
        "AnnData (h5ad)", "results", "h5ad",
        lambda taken: h5ad(taken.prediction, taken.query.to_contract(), taken.labels.get, taken.title),
        "For scanpy, Seurat and CELLxGENE: counts, log CPM, metadata with labels, latents, the query",
    ),
    "gct": RunFile(
        "Log CPM (GCT)", "log-cpm", "gct", lambda taken: gct(taken.prediction),
        "For Morpheus and GSEA: log2(CPM + 1), genes in rows, metadata above the samples",
    ),
    "parquet": RunFile(
        "Expression (Parquet)", "expression", "parquet", lambda taken: expression_parquet(taken.prediction),
        "Counts in a file that is small and fast to read",
    ),
    "pickle": RunFile(
        "All with latents (pickle)", "results", "pkl", lambda taken: results_pickle(taken.prediction),
        "For Python: pickle.load gives a dictionary of the DataFrames metadata, expression and latents",
    ),
    "query": RunFile(
        "Query (JSON)", "query", "json",
        lambda taken: json.dumps(taken.query.to_contract(), indent=2, ensure_ascii=False).encode(),
        "What was asked, as the contract writes it, with the seed that was used",
    ),
    "python": RunFile(
        "Python", "query", "py", lambda taken: python_code(_asked(taken), taken.model_id).encode(),
        "Asks the same again with pysynthbio",
    ),
    "r": RunFile(
        "R", "query", "r", lambda taken: r_code(_asked(taken), taken.model_id).encode(),
        "Asks the same again with rsynthbio",
    ),
    "probabilities": RunFile(
        "Probabilities (CSV)", "probabilities", "csv",
        lambda taken: classifier_probs_csv(taken.prediction, _term_label),
        "One row a value that was weighed: sample, what, value, label, probability",
    ),
}  # fmt: skip
"""What there is, by a short name."""


def taken_of(run: Run) -> Takeaway:
    """The run with all that its files tell: the seed that was used, labels of terms, versions of the ontologies.

    To be had while the page is drawn: files are made on threads that know nothing of the session.
    """
    prediction = prediction_of(run)
    seed = prediction.provenance.seed
    query = run.query if seed is None else run.query.model_copy(update={"seed": seed})
    versions = {str(name): entry.version for name, entry in default_index().manifest.ontologies.items()}
    supports = (support for condition in prediction.provenance.conditions for support in condition.supports)
    relatives = {relative for support in supports for relative in support.relatives}
    labels = {term: label for term in relatives if (label := label_of(term))} | term_labels(prediction)
    return Takeaway(run.title, query, prediction, labels, versions)


def file_button(taken: Takeaway, name: str, where: str, *, width: Literal["content", "stretch"] = "content") -> None:
    """A button for one of ``FILES``. ``where`` tells the buttons of one page apart."""
    file = FILES[name]
    file_download(
        file.label,
        partial(file.make, taken),
        title=taken.title,
        what=file.what,
        ending=file.ending,
        key=f"{file.what}_{file.ending}_{where}",
        width=width,
        help=file.told_help or file.help if taken.told else file.help,
    )


def _quality_csv(taken: Takeaway) -> bytes:
    return quality_csv(quality(taken.prediction, taken.log_expression), taken.prediction)


def _asked(taken: Takeaway) -> dict[str, Any] | str:
    """The query; where it holds the counts of real samples, the name of its file."""
    query = taken.query.to_contract()
    long = any("counts" in asked for asked in query["inputs"])
    return file_name(taken.title, "query", "json") if long else query


def _term_label(value: str) -> str | None:
    term = default_index().term(value)
    return None if term is None else term.label
