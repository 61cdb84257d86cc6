"""Links to a view of a result: they restore it here, and elsewhere offer to predict the same again."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from components.predicting import arrive, ask_design, show_last_failure
from components.session import label_of, set_design, workspace
from components.words import as_text, counted
from synthome.errors import QueryError, RunNotFoundError
from synthome.query import MetadataQuery, ReferenceQuery
from synthome.query.design_links import design_from_link, design_to_link
from synthome.query.designs import Design, design_from_query
from synthome.runs import Run, default_runner

__all__ = ["RUN", "predict_again", "share_menu", "shared_design"]

RUN = "run"
_DESIGN = "design"


def share_menu(run: Run) -> None:
    """A button that shows the link to what is on the page."""
    share = st.popover("Share", icon=":material/link:", key="share", on_change="rerun")
    if not share.open:
        return
    with share:
        design = _design_of(run)
        carried = design_to_link(design) if design is not None else None
        parameters = {key: st.query_params.get_all(key) for key in st.query_params if key != _DESIGN}
        parameters |= {RUN: [run.id]} | ({_DESIGN: [carried]} if carried else {})
        st.markdown("This link opens what you see: the result, the tab, its colours and genes.")
        st.code(f"{st.context.url}?{urlencode(parameters, doseq=True)}", language=None, wrap_lines=True, height=120)
        if carried:
            st.caption(
                "In another browser it offers to predict the same again: the same design, model and seed give the same "
                "numbers when the embedded model answers."
            )
        elif design is not None:
            st.caption("It works in this browser only: the design is too large for a link. Pass it on as JSON.")
        else:
            st.caption("It works in this browser only: a real sample's counts are in no link.")


def _design_of(run: Run) -> Design | None:
    """What was asked, with the seed that was used; ``None`` where it holds a real sample."""
    if isinstance(run.query, (MetadataQuery, ReferenceQuery)):
        return None
    design = design_from_query(run.query, run.model_id, run.condition_names, run.title)
    used = run.provenance.seed if run.provenance is not None else None
    return design if design.seed is not None else replace(design, seed=used)


def shared_design() -> Design | None:
    """The design of the link that the page was opened by, where its result is not in this browser's workspace."""
    text = st.query_params.get(_DESIGN)
    if not text:
        return None
    try:
        default_runner().get(workspace(), st.query_params.get(RUN, ""))
    except RunNotFoundError:
        pass
    else:
        del st.query_params[_DESIGN]  # the result is here, and needs no second making
        return None
    try:
        return design_from_link(text)
    except QueryError as error:
        st.error(as_text(str(error)), icon=":material/link_off:")
        return None


def predict_again(shared: Design) -> None:
    """Offer to make the result of somebody else's link here."""
    names = shared.names(label_of)
    st.title(as_text(shared.title or "A shared result"))
    st.markdown(
        f"This link shows a result that was made in another browser: {counted(shared.num_samples, 'sample')} of "
        f"{counted(len(names), 'condition')}, {as_text(', '.join(names[:6]))}{' …' if len(names) > 6 else ''}."
    )
    st.caption(
        f"Predicted here with seed {shared.seed}, the same version of the embedded model gives the same numbers."
        if shared.seed is not None
        else "It was made without a known seed: predicted here it is alike, not the same."
    )
    with st.container(horizontal=True):
        wanted = st.button("Predict it here", type="primary", icon=":material/play_arrow:", key="predict_shared")
        if st.button("Open the design", icon=":material/edit_note:", key="open_shared"):
            set_design(shared)
            st.switch_page("pages/design.py")
    begun = ask_design(shared) if wanted else None
    if begun is not None:
        arrive(begun)
        st.session_state["shown_run"] = st.query_params[RUN] = begun.id
        del st.query_params[_DESIGN]
        st.rerun()
    show_last_failure(shared)
