"""Lists of the values that the hosted models accept: loaded from files, told as understood, removed."""

from __future__ import annotations

import streamlit as st

from components.answerer import vocabularies
from components.sampling_panel import MODEL_NAMES
from components.session import design, label_of, workspace
from components.support_marks import quiet_line
from components.words import as_text, counted
from synthome.errors import VocabularyFileError
from synthome.query.vocabulary import KEYS, MODEL_RULES
from synthome.query.vocabulary_file import ValueList, read_vocabulary_file
from synthome.runs.vocabulary_store import KeptFile, about_model

__all__ = ["vocabulary_files_panel"]

_UPLOAD, _ROUND, _FAULTS, _ABOUT = "vocabulary_upload", "vocabulary_round", "vocabulary_faults", "vocabulary_about"
_BOTH = "both"
_MOST_MEGABYTES = 20
_EXAMPLES = 3


def vocabulary_files_panel() -> None:
    """Load files, see what was understood of each, remove them."""
    st.markdown("**Valid values**")
    st.caption(
        "The hosted models accept listed values alone. Load the JSON files that app.synthesize.bio/docs/vocab offers "
        "for your model, and values are marked as accepted or refused while you write. Without them, the service "
        "decides when it is asked."
    )
    st.segmented_control(
        "Files that name no model are for",
        [*MODEL_RULES, _BOTH],
        default=design().model_id,
        key=_ABOUT,
        required=True,
        format_func=lambda choice: MODEL_NAMES.get(choice, "Both"),
        help="Most files are named after a field alone. Bulk and single-cell models accept different values.",
        persist_state="session",
    )
    # Another key after each upload: what was read is listed beneath, not in the uploader.
    field = f"{_UPLOAD}:{st.session_state.setdefault(_ROUND, 0)}"
    st.file_uploader(
        "Files of valid values (JSON)",
        type=["json"],
        accept_multiple_files=True,
        key=field,
        on_change=_load,
        args=(field,),
        max_upload_size=_MOST_MEGABYTES,
    )
    for fault in st.session_state.get(_FAULTS, ()):
        st.error(as_text(fault), icon=":material/error:")
    kept = vocabularies().files(workspace())
    for file in kept:
        _file(file)
    if len(kept) > 1:
        st.button(
            "Remove all", key="clear_vocabularies", icon=":material/delete_sweep:", type="tertiary", on_click=_clear
        )


def _load(field: str) -> None:
    about = st.session_state.get(_ABOUT)
    faults = []
    for upload in st.session_state[field] or ():
        try:
            file = read_vocabulary_file(upload.name, upload.getvalue())
            vocabularies().add(workspace(), about_model(file, about))
        except VocabularyFileError as fault:
            faults.append(str(fault))
    st.session_state[_FAULTS] = faults
    st.session_state[_ROUND] += 1


def _file(kept: KeptFile) -> None:
    with st.container(border=True, gap="xsmall", key=f"vocabulary_{kept.uid}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f":material/fact_check: **{as_text(kept.file.name)}**", width="content")
            st.button(
                "Remove",
                key=f"remove_vocabulary:{kept.uid}",
                icon=":material/delete:",
                type="tertiary",
                on_click=vocabularies().remove,
                args=(workspace(), kept.uid),
            )
        for value_list in kept.file.lists:
            quiet_line(_understood(value_list))
        for sentence in kept.file.not_understood:
            quiet_line(f":orange[:material/error: not used:] {as_text(sentence)}")


def _understood(value_list: ValueList) -> str:
    """Field, model, number of values and the first few."""
    first = list(value_list.values)[:_EXAMPLES]
    named = (value_list.values[value] or label_of(value) or "" for value in first)
    shown = [f"{name} ({value})" if name else value for name, value in zip(named, first, strict=True)]
    model = MODEL_NAMES.get(value_list.model_id or "", "Bulk and single-cell")
    more = " …" if len(value_list.values) > len(first) else ""
    words = f"{model} · {counted(len(value_list.values), 'value')}: {', '.join(shown)}{more}"
    return f"**{KEYS[value_list.key].label}** · {as_text(words)}"


def _clear() -> None:
    vocabularies().clear(workspace())
    st.session_state.pop(_FAULTS, None)
