"""Bringing real samples: a file or an example, how it is read, and what became of its genes."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components.own_sample_draft import (
    ASKING,
    SCALE,
    Brought,
    Purpose,
    available_samples,
    bring,
    brought,
    chosen_samples,
    forget,
    read_as,
    sample_table,
    tell_fault,
    told_fault,
)
from components.support_marks import quiet_line
from components.words import as_text, counted, shortened
from synthome.errors import SampleFileError
from synthome.export import expression_csv
from synthome.export.tables import table_csv
from synthome.query import BULK, read_query
from synthome.runs import model_for
from synthome.samples import MAX_FILE_BYTES, MAX_SAMPLES, MappingReport, SampleTable, percent, read_file

__all__ = ["bring_panel"]

_FORMATS = ["csv", "tsv", "txt", "tab", "gct", "sf", "results", "counts", "out", "gz", "bz2", "xz", "zip", "h5ad", "h5"]
_UPLOADS = "own_uploads"
_PASTED = "The pasted table"
_EXAMPLE = "an example: liver of a woman, made by the embedded model"
_MOST_LISTED = 12


def bring_panel(purpose: Purpose = ASKING) -> SampleTable | None:
    """The samples over the model's genes; ``None`` where there are none yet, or none that can be read."""
    current = brought()
    if current is None:
        _upload_panel(purpose.invitation)
        return None
    _source_line(current)
    _pooling(current)
    try:
        _choose(current, available_samples(current), chosen_samples(current, purpose))
        if current.content.kind == "tpm" and not current.scaled:
            _offer_scaling()
            return None
        if not chosen_samples(current, purpose):
            st.info("Choose at least one sample.", icon=":material/arrow_upward:")
            return None
        table = sample_table(current, purpose)
    except SampleFileError as fault:
        st.error(as_text(str(fault)), title="These samples cannot be used", icon=":material/error:")
        return None
    _report(table.report, current, purpose.missing)
    return table


# Bringing -----------------------------------------------------------------------------------------------------------


def _upload_panel(invitation: str) -> None:
    key = f"own_upload:{st.session_state.get(_UPLOADS, 0)}"
    st.markdown(invitation)
    st.file_uploader(
        "A table of counts: genes and samples, as CSV, TSV or h5ad, or as your program wrote it (also compressed)",
        type=_FORMATS,
        key=key,
        on_change=_upload,
        args=(key,),
        max_upload_size=MAX_FILE_BYTES // 1_000_000,
    )
    if fault := told_fault():
        st.error(as_text(fault), title="The file cannot be read", icon=":material/error:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Try it with an example", key="own_example", icon=":material/lightbulb:", on_click=_use_example)
        quiet_line("a liver sample that the embedded model makes")
    with st.expander("Paste a table", icon=":material/content_paste:", type="compact"):
        st.text_area("Genes and samples, as copied from a spreadsheet or a text file", key="own_pasted")
        st.button("Read it", key="own_paste", on_click=lambda: _bring(st.session_state["own_pasted"].encode(), _PASTED))
    with st.expander("What a table looks like", icon=":material/table:", type="compact"):
        st.markdown(
            "One row a gene and one column a sample, or the other way round. Genes by Ensembl id or by symbol, counts "
            "as they come from featureCounts, HTSeq, STAR, Salmon, kallisto or RSEM. Of h5ad files the raw counts are "
            "taken."
        )
        st.table(
            {
                "gene": ["ALB", "APOA1", "TP53"],
                "patient 1": [88210, 41302, 310],
                "patient 2": [912, 4, 288],
            },
            border="horizontal",
            hide_index=True,
        )


def _upload(key: str) -> None:
    file = st.session_state[key]
    if file is None:
        tell_fault("")
    else:
        _bring(file.getvalue(), file.name)


def _bring(content: bytes, name: str) -> None:
    tell_fault("")
    try:
        bring(read_file(content, name), name)
    except SampleFileError as fault:
        tell_fault(str(fault))


def _use_example() -> None:
    tell_fault("")
    metadata = {"tissue_ontology_id": "UBERON:0002107", "sex": "female"}
    query = read_query(
        {
            "sampling_strategy": "sample generation",
            "inputs": [{"metadata": metadata, "num_samples": 1}],
            "seed": 7,
        }
    )
    made = model_for(BULK).predict(query)
    bring(read_file(expression_csv(made).replace(b"Condition 1 01", b"Example liver"), "example.csv"), _EXAMPLE)


def _another() -> None:
    st.session_state[_UPLOADS] = st.session_state.get(_UPLOADS, 0) + 1
    forget()


def _source_line(current: Brought) -> None:
    samples = counted(len(current.content.samples), "sample")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/description: **{as_text(shortened(current.source, 80))}** · {samples}", width="content")
        st.button("Use another file", key="own_another", icon=":material/upload:", type="tertiary", on_click=_another)
    if not current.kept:
        quiet_line(":orange[:material/save:] Too large to be kept: after a reload of the page, bring it again.")


# Reading ------------------------------------------------------------------------------------------------------------


def _pooling(current: Brought) -> None:
    """Of cells: each by itself, or added up by a column of the file."""
    columns = list(current.content.groupings)
    if not columns:
        return
    key = f"own_pooled_by:{current.uid}"
    st.selectbox(
        "Cells",
        ["", *columns],
        index=["", *columns].index(current.pooled_by) if current.pooled_by in columns else 0,
        key=key,
        format_func=lambda column: f"added up by “{column}”" if column else "one by one",
        on_change=lambda: read_as(pooled_by=st.session_state[key], chosen=None, model_id=None),
        help="Cells that are added up make pseudobulk samples, which are read like bulk ones.",
    )


def _choose(current: Brought, available: Sequence[str], chosen: Sequence[str]) -> None:
    if len(available) == 1:
        return
    key = f"own_chosen:{current.uid}:{current.pooled_by}"
    st.multiselect(
        f"Samples to use, at most {MAX_SAMPLES}" if len(available) > MAX_SAMPLES else "Samples to use",
        available,
        default=list(chosen),
        key=key,
        format_func=lambda name: shortened(name, 60),
        max_selections=MAX_SAMPLES,
        on_change=lambda: read_as(chosen=tuple(st.session_state[key])),
    )


def _offer_scaling() -> None:
    with st.container(border=True, key="own_scaling"):
        st.markdown(
            ":material/help: **These are TPM, not counts.** The model reads counts. Scaled, they can stand in "
            "for them, but how deeply each sample was sequenced is lost, and longer genes get too few counts."
        )
        st.button(
            f"Use them, scaled to {SCALE // 1_000_000} million counts a sample",
            key="own_scale",
            icon=":material/straighten:",
            on_click=read_as,
            kwargs={"scaled": True},
        )


def _report(report: MappingReport, current: Brought, missing: str) -> None:
    """What became of the genes: a sentence, and all else folded."""
    mark = ":green[:material/check_circle:]" if report.n_mapped else ":orange[:material/error:]"
    quiet_line(f"{mark} {as_text(report.sentence())}")
    notes = list(dict.fromkeys([*current.content.notes, *report.notes]))
    with st.expander("How it was read", icon=":material/rule:", type="compact", key="own_report"):
        st.markdown("\n".join(f"- {line}" for line in _details(report, notes, missing)))
        if len(report.unknown):
            st.download_button(
                "Names that the model does not know (CSV)",
                data=lambda: _names_csv(report.unknown),
                file_name="unknown-genes.csv",
                mime="text/csv",
                key="own_unknown",
                icon=":material/download:",
                on_click="ignore",
            )


def _details(report: MappingReport, notes: Sequence[str], missing: str) -> list[str]:
    lines = [as_text(note) for note in notes]
    weight = f" ({percent(report.share_missing)} of an average sample)" if report.share_missing is not None else ""
    for words, names in (
        ("not known to the model, and left out", report.unknown),
        ("that the model does not have, left out", report.unused),
        (f"of the model are not in the file, and {missing}{weight}", report.missing),
        ("stand more than once, and were added up", report.duplicates),
    ):
        if len(names):
            listed = ", ".join(as_text(shortened(str(name), 30)) for name in list(names)[:_MOST_LISTED])
            more = f" and {len(names) - _MOST_LISTED:,} more" if len(names) > _MOST_LISTED else ""
            lines.append(f"{counted(len(names), 'gene')} {words}: {listed}{more}")
    return lines


def _names_csv(names: Sequence[str]) -> bytes:
    return table_csv(["name"], ([name] for name in names))
