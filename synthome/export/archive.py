"""Everything of a run in one ZIP, written member by member, so that no large table is in memory a second time."""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from synthome.export.about import about_text
from synthome.export.code import python_code, r_code
from synthome.export.components import coordinates_csv, loadings_csv
from synthome.export.differential import differential_csv
from synthome.export.figure_files import figure_html, plotly_js_path
from synthome.export.matrices import expression_parquet, log_cpm_gct_rows, write_h5ad
from synthome.export.methods import methods
from synthome.export.quality import quality_csv
from synthome.export.report import report_html
from synthome.export.standard_figures import FirstLook, first_look
from synthome.export.tables import expression_csv_rows, latents_csv_rows, metadata_csv, table_csv, write_results_pickle
from synthome.export.takeaway import Takeaway
from synthome.export.told_values import classifier_probs_csv
from synthome.prediction import Prediction

__all__ = ["archive", "write_archive"]

_COMPRESSED = (".h5ad", ".parquet")
_LEVEL = 1
"""Of deflate: a quarter of the time of the usual 6, and a tenth larger."""
_JOINED = 1 << 20
"""Bytes of lines handed on at once."""


@dataclass(frozen=True, slots=True)
class _Member:
    """A file of the ZIP: its name, what it is, and what writes it."""

    name: str
    about: str
    write: Callable[[IO[bytes]], object]


def archive(taken: Takeaway) -> bytes:
    """The ZIP as bytes; on the way it lies in a temporary file."""
    with tempfile.TemporaryFile() as sink:
        write_archive(taken, sink)
        sink.seek(0)
        return sink.read()


def write_archive(taken: Takeaway, sink: IO[bytes]) -> None:
    """Write the ZIP to ``sink``: a README.txt that explains every other file, then those."""
    members = list(_members(taken, first_look(taken)))
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as packed:
        readme = _readme(taken, members)
        for member in (_Member("README.txt", "", lambda out: out.write(readme)), *members):
            info = zipfile.ZipInfo(member.name, datetime.now().timetuple()[:6])
            info.compress_type = zipfile.ZIP_STORED if member.name.endswith(_COMPRESSED) else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            with packed.open(info, "w", force_zip64=True) as out:
                member.write(out)


def _members(taken: Takeaway, look: FirstLook) -> Iterator[_Member]:
    yield from _tables(taken, look)
    yield from _other_programs(taken)
    yield from _analyses(taken, look)
    yield from _texts(taken, look)
    yield from _figures(taken, look)


def _tables(taken: Takeaway, look: FirstLook) -> Iterator[_Member]:
    prediction = taken.prediction
    yield _Member(
        "expression.csv", "counts: a row a sample, a column a gene (Ensembl id)", _of(expression_csv_rows, prediction)
    )
    yield _Member("metadata.csv", "a row a sample: its condition and its metadata", _bytes(metadata_csv, prediction))
    yield _Member("genes.csv", "a row a gene: Ensembl id, symbol, biotype, chromosome", _bytes(_genes_csv, prediction))
    yield _Member("latents.csv", "a row a sample: the model's latent variables", _of(latents_csv_rows, prediction))
    yield _Member(
        "quality.csv",
        "a row a sample: depth and composition",
        lambda out: out.write(quality_csv(look.found, prediction)),
    )
    if taken.told:
        yield _Member(
            "probabilities.csv",
            "a row a value that was weighed: sample, what, value, label, probability",
            lambda out: out.write(classifier_probs_csv(prediction, taken.labels.get)),
        )


def _other_programs(taken: Takeaway) -> Iterator[_Member]:
    prediction = taken.prediction
    yield _Member(
        "expression.parquet",
        "the same counts, genes in rows, small and fast to read",
        _bytes(expression_parquet, prediction),
    )
    yield _Member(
        "log-cpm.gct",
        "log2(CPM + 1) for Morpheus and GSEA, genes in rows",
        lambda out: _write(log_cpm_gct_rows(prediction, taken.log_expression), out),
    )
    yield _Member("results.h5ad", "AnnData for scanpy, Seurat and CELLxGENE", lambda out: _h5ad(taken, out))
    yield _Member(
        "results.pkl",
        "for Python: pickle.load gives a dictionary of the DataFrames metadata, expression and latents",
        lambda out: write_results_pickle(prediction, out),
    )


def _analyses(taken: Takeaway, look: FirstLook) -> Iterator[_Member]:
    components, table = look.components, look.table
    if components.n_components:
        yield _Member(
            "pca-coordinates.csv",
            "principal components: where each sample lies",
            lambda out: out.write(coordinates_csv(components, taken.prediction)),
        )
        yield _Member(
            "pca-loadings.csv",
            "principal components: the genes used and their weights",
            lambda out: out.write(loadings_csv(components, taken.prediction)),
        )
    if table is not None:
        yield _Member(
            "differential.csv",
            f"{table.comparison.sentence}, by Welch's test",
            lambda out: out.write(differential_csv(table)),
        )


def _texts(taken: Takeaway, look: FirstLook) -> Iterator[_Member]:
    text = methods(taken, look.analyses)
    query = taken.query.to_contract()
    long = any("counts" in asked for asked in query["inputs"])
    asked = "query.json" if long else query
    yield _Member("report.html", "all of this to read, with figures", lambda out: out.write(report_html(taken, look)))
    yield _text_member("methods.txt", "how it was done, for a paper, with references", text.to_text())
    yield _text_member("methods.md", "the same in Markdown", text.to_markdown())
    yield _text_member("query.json", "what was asked, as the contract writes it", json.dumps(query, ensure_ascii=False))
    yield _text_member("query.py", "the query in Python, with pysynthbio", python_code(asked, taken.model_id))
    yield _text_member("query.R", "the query in R, with rsynthbio", r_code(asked, taken.model_id))


def _figures(taken: Takeaway, look: FirstLook) -> Iterator[_Member]:
    for figure in look.figures:
        page = figure_html(figure.chart, taken.title, figure.sentence, plotly_js="plotly.min.js")
        yield _Member(
            f"figures/{figure.name}.html",
            f"{figure.heading} (it needs plotly.min.js beside it)",
            lambda out, page=page: out.write(page),  # type: ignore[misc]
        )
        if figure.script:
            about = "Python that draws that figure from these files"
            yield _text_member(f"redraw-{figure.name}.py", about, figure.script)
    yield _Member("figures/plotly.min.js", "what draws the figures in a browser", _plotly_js)


def _readme(taken: Takeaway, members: Iterable[_Member]) -> bytes:
    listed = "\n".join(f"  {member.name}\n      {member.about}" for member in members)
    text = f"{taken.title}\n\n{about_text(taken.prediction)}\nFiles, all in UTF-8:\n\n{listed}\n"
    return text.encode()


def _genes_csv(prediction: Prediction) -> bytes:
    genes = prediction.genes
    return table_csv(["gene_id", *genes.columns], genes.itertuples())


def _h5ad(taken: Takeaway, out: IO[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.h5ad"
        query = taken.query.to_contract()
        write_h5ad(path, taken.prediction, taken.log_expression, query, taken.labels.get, taken.title)
        with path.open("rb") as written:
            shutil.copyfileobj(written, out)


def _plotly_js(out: IO[bytes]) -> None:
    with plotly_js_path().open("rb") as script:
        shutil.copyfileobj(script, out)


def _bytes(make: Callable[[Prediction], bytes], prediction: Prediction) -> Callable[[IO[bytes]], object]:
    return lambda out: out.write(make(prediction))


def _of(rows: Callable[[Prediction], Iterable[bytes]], prediction: Prediction) -> Callable[[IO[bytes]], object]:
    return lambda out: _write(rows(prediction), out)


def _write(lines: Iterable[bytes], out: IO[bytes]) -> None:
    gathered = bytearray()
    for line in lines:
        gathered += line
        if len(gathered) >= _JOINED:
            out.write(gathered)
            gathered = bytearray()
    out.write(gathered)


def _text_member(name: str, about: str, text: str) -> _Member:
    content = text.encode()
    return _Member(name, about, lambda out: out.write(content))
