"""The review of a sheet: what each column was taken for, and what each distinct text in it may mean."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from components.answerer_marks import picker_marks
from components.session import design, show
from components.sheet_draft import decide, decisions, mean_column, sheet_reader
from components.support_marks import quiet_line
from components.term_picker import Picked, term_picker
from components.words import as_text, counted, shortened
from synthome.query.sheet import (
    COUNT,
    DESCRIPTION,
    IGNORE,
    MEANINGS,
    NAME,
    Candidate,
    Column,
    Finding,
    Level,
    Table,
)
from synthome.query.vocabulary import KEYS, perturbation_ontologies

__all__ = ["columns_review", "meaning_label", "values_review"]

_MEANING_LABELS = {
    NAME: "Name of the sample",
    COUNT: "Number of samples",
    DESCRIPTION: "Description in words",
    IGNORE: "Ignore",
}
_MOST_SHOWN = 20
"""Texts of a column that are shown at once; more on demand, because every one is a field."""
_LEAVE_OUT, _OTHER = "leave out", "other"
_OTHERS = "sheet_others"
"""Findings for which something else than a candidate is being looked for."""
_MORE = "sheet_more"


@dataclass(frozen=True, slots=True)
class _Mark:
    icon: str
    colour: str
    word: str


_MARKS: dict[Level | str, _Mark] = {
    "sure": _Mark("check_circle", "green", "sure"),
    "likely": _Mark("help", "blue", "likely"),
    "unsure": _Mark("error", "orange", "unsure"),
    "none": _Mark("search_off", "red", "nothing found"),
    "chosen": _Mark("person_check", "green", "chosen by you"),
    "left out": _Mark("do_not_disturb_on", "gray", "left out by you"),
}


def meaning_label(meaning: str) -> str:
    """What people call what a column is taken for."""
    return _MEANING_LABELS.get(meaning) or KEYS[meaning].label


# Columns ------------------------------------------------------------------------------------------------------------


def columns_review(table: Table, columns: Sequence[Column]) -> None:
    """A card for each column with what it is taken for; those that are ignored are folded, by their names."""
    ignored = [column for column in columns if column.meaning == IGNORE and "look like" not in column.reason]
    shown = [column for column in columns if column not in ignored]
    with st.grid("auto", min_column_width=230):
        for column in shown:
            _column_card(table, column)
    if ignored:
        names = shortened(", ".join(column.header for column in ignored), 90)
        words = f"{counted(len(ignored), 'column')} ignored: {as_text(names)}"
        with (
            st.expander(words, expanded=not shown, icon=":material/visibility_off:", type="compact"),
            st.grid("auto", min_column_width=230),
        ):
            for column in ignored:
                _column_card(table, column)


def _column_card(table: Table, column: Column) -> None:
    widget_key = f"sheet_column:{column.place}:{column.header}"

    def report() -> None:
        mean_column(column, st.session_state[widget_key])

    with st.container(border=True, gap="xsmall", height="stretch"):
        icon = ":green[:material/check_circle:]" if column.certain else ":orange[:material/error:]"
        ignored = column.meaning == IGNORE
        st.markdown(f"**{as_text(column.header)}** {'' if ignored else icon}")
        texts = list(dict.fromkeys(filter(None, table.column(column.place))))
        examples = shortened(", ".join(texts[:4]), 60)
        st.caption(as_text(f"{examples} ({len(texts):,} different)" if len(texts) > 1 else examples or "no values"))
        show(widget_key, column.meaning)
        st.selectbox(
            f"What “{column.header}” holds",
            MEANINGS,
            key=widget_key,
            format_func=meaning_label,
            on_change=report,
            label_visibility="collapsed",
        )
        if ignored or not column.certain:
            quiet_line(f":{'gray' if ignored else 'orange'}[{as_text(column.reason)}]")


# Values -------------------------------------------------------------------------------------------------------------


def values_review(columns: Sequence[Column], findings: Sequence[Finding]) -> None:
    """The distinct texts of each column: those to look at open, the sure ones folded."""
    sure = [finding for finding in findings if finding.reading.level == "sure"]
    doubtful = [finding for finding in findings if finding.reading.level != "sure"]
    counts = [f"**{len(doubtful):,} to look at**"] if doubtful else []
    counts += [f"{counted(len(sure), 'text')} matched for sure"] if sure else []
    st.markdown(", ".join(counts) + ". What you see here is what goes into the design; change what is not meant.")
    clear: list[tuple[Column, list[Finding]]] = []
    for column in columns:
        own = [finding for finding in doubtful if finding.column == column.place]
        own_sure = [finding for finding in sure if finding.column == column.place]
        if own:
            with st.container(border=True, gap="small", key=f"sheet_values_{column.place}"):
                st.markdown(_heading(column))
                _doubtful(column, own)
                if own_sure:
                    _folded(column, own_sure, "")
        elif own_sure:
            clear.append((column, own_sure))
    if clear:
        with st.container(border=True, gap="small", key="sheet_values_sure"):
            for column, own_sure in clear:
                _folded(column, own_sure, f"{_heading(column)} · ")


def _heading(column: Column) -> str:
    return f"**{as_text(column.header)}** → {meaning_label(column.meaning)}"


def _doubtful(column: Column, findings: Sequence[Finding]) -> None:
    silent = [finding for finding in findings if finding.key == DESCRIPTION]
    _list(column, "open", [finding for finding in findings if finding.key != DESCRIPTION])
    if silent:
        rows = sum(len(finding.rows) for finding in silent)
        quiet_line(f":gray[{counted(rows, 'description')} {as_text(_agreeing(rows, silent[0].reading.reason))}]")


def _agreeing(number: int, reason: str) -> str:
    return reason if number == 1 else reason.replace("names ", "name ", 1)


def _folded(column: Column, sure: Sequence[Finding], heading: str) -> None:
    noun = "sure match" if len(sure) == 1 else "sure matches"
    examples = shortened(", ".join(map(_in_short, sure)), 90)
    group = st.expander(
        f"{heading}{len(sure):,} {noun}: {as_text(examples)}",
        icon=":material/check_circle:",
        type="compact",
        key=f"sheet_sure:{column.place}",
        on_change="rerun",
    )
    if group.open:
        with group:
            _list(column, "sure", sure)


def _in_short(finding: Finding) -> str:
    """A text and what it is taken for, where that is another word."""
    standing = decisions().get(finding.uid, finding.reading.proposed)
    if standing is None:
        return f"{finding.text} → left out"
    return (
        finding.text if finding.text.casefold() == standing.label.casefold() else f"{finding.text} → {standing.label}"
    )


def _list(column: Column, name: str, findings: Sequence[Finding]) -> None:
    shown: dict[str, int] = st.session_state.setdefault(_MORE, {})
    place = f"{name}:{column.place}"
    most = shown.get(place, _MOST_SHOWN)
    for finding in findings[:most]:
        _value(column, finding)
    if len(findings) > most:
        st.button(
            f"Show {min(len(findings) - most, 5 * _MOST_SHOWN):,} more of {len(findings):,}",
            key=f"sheet_more:{place}",
            type="tertiary",
            icon=":material/expand_more:",
            on_click=lambda: shown.update({place: most + 5 * _MOST_SHOWN}),
        )


def _value(column: Column, finding: Finding) -> None:
    """One text: as it is written, how it was read and how sure that is, and what to take it for."""
    code = hashlib.sha256(finding.uid.encode()).hexdigest()[:16]
    left, right = st.columns([4, 5], gap="small", vertical_alignment="center")
    with left, st.container(gap="xxsmall"):
        about = "" if finding.key == column.meaning else f" · **{meaning_label(finding.key)}**"
        st.markdown(f"“{as_text(shortened(finding.text, 120))}”{about}")
        parts = [_mark(finding), counted(len(finding.rows), "row")]
        if finding.uid not in decisions():
            parts.insert(1, as_text(finding.reading.reason))
        quiet_line(" · ".join(parts))
    with right:
        _choice(finding, code)


def _mark(finding: Finding) -> str:
    state: Level | str = finding.reading.level
    if finding.uid in decisions():
        state = "chosen" if decisions()[finding.uid] is not None else "left out"
    mark = _MARKS[state]
    return f":{mark.colour}[:material/{mark.icon}: {mark.word}]"


def _choice(finding: Finding, code: str) -> None:
    widget_key = f"sheet_value:{code}"
    candidates = list(finding.reading.candidates)
    standing = decisions().get(finding.uid, finding.reading.proposed)
    if standing is not None and standing not in candidates:
        candidates.append(standing)
    options = [*map(str, range(len(candidates))), _LEAVE_OUT, _OTHER]
    others: set[str] = st.session_state.setdefault(_OTHERS, set())

    def report() -> None:
        chosen = st.session_state[widget_key]
        others.discard(finding.uid)
        if chosen == _OTHER:
            others.add(finding.uid)
        else:
            decide(finding, candidates[int(chosen)] if chosen is not None and chosen.isdigit() else None)

    def told(option: str) -> str:
        if option == _LEAVE_OUT:
            return "Leave out"
        return "Something else …" if option == _OTHER else _candidate_label(finding.key, candidates[int(option)])

    left_out = finding.uid in decisions() and standing is None
    present = _LEAVE_OUT if left_out else str(candidates.index(standing)) if standing is not None else None
    show(widget_key, _OTHER if finding.uid in others else present)
    st.selectbox(
        f"What “{finding.text}” means",
        options,
        index=None,
        key=widget_key,
        format_func=told,
        on_change=report,
        placeholder="Not decided: choose, or it is left out",
        label_visibility="collapsed",
    )
    if finding.uid in others:
        _something_else(finding, code, others)


def _candidate_label(key: str, candidate: Candidate) -> str:
    parts = [candidate.label]
    if candidate.matched:
        parts[0] += f" ({shortened(candidate.matched, 40)})"
    if candidate.term_id:
        parts.append(candidate.term_id)
    for also, value in candidate.values.items():
        if also == "perturbation_type" and also != key and candidate.term_id:
            parts.append(value)
        elif also != key and value == candidate.term_id:
            parts.append(f"as {KEYS[also].label.lower()}")
    return " · ".join(parts)


def _something_else(finding: Finding, code: str, others: set[str]) -> None:
    """A field for what none of the candidates is."""
    fault_key = f"sheet_other_fault:{code}"

    def take(text: str) -> None:
        candidate = sheet_reader().typed(finding.key, text)
        if candidate is None:
            st.session_state[fault_key] = text
            return
        st.session_state.pop(fault_key, None)
        others.discard(finding.uid)
        decide(finding, candidate)

    wrong = st.session_state.get(fault_key, "")
    spec = KEYS.get(finding.key)
    label = spec.label if spec is not None else "Number of samples"
    error = f"“{shortened(wrong, 40)}” is no {label.lower()}" if wrong else ""
    if spec is None or not spec.ontologies:
        text_key = f"sheet_other_text:{code}"
        st.text_input(
            f"{label} instead of “{finding.text}”",
            key=text_key,
            placeholder=f"e.g. {spec.example}" if spec is not None else "e.g. 3",
            on_change=lambda: take(st.session_state[text_key]),
            label_visibility="collapsed",
        )
        if error:
            quiet_line(f":red[{as_text(error)}]")
        return
    ontologies = spec.ontologies
    if finding.key == "perturbation_ontology_id":
        ontologies = perturbation_ontologies(finding.context or None)
    term_picker(
        label,
        key=f"sheet_other_pick:{code}",
        picked=Picked(wrong, ""),
        on_pick=take,
        ontologies=ontologies,
        **picker_marks(design().model_id),
        placeholder="type a name, or an id",
        error=error,
        invalid=bool(error),
    )
