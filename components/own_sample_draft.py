"""The real samples that somebody brought, how they are read, and what shall be done with them.

Kept for the session and, like the design, on disk under the workspace: a reloaded browser finds them again, and neither
a failed run nor a look at another page loses them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from components.own_sample_treatment import GivenSample, Treatment
from components.session import workspace
from components.words import shortened
from synthome.errors import QueryError
from synthome.ontology import default_index
from synthome.query.vocabulary import BULK, MODEL_RULES, SINGLE_CELL
from synthome.runs import average_expression_of, genes_of
from synthome.runs.sample_drafts import default_sample_drafts
from synthome.samples import MAX_SAMPLES, FileContent, SampleTable, map_genes, pooled

__all__ = [
    "ASKING",
    "SCALE",
    "Brought",
    "Purpose",
    "available_samples",
    "bring",
    "brought",
    "change_treatment",
    "chosen_samples",
    "forget",
    "given_samples",
    "model_of",
    "read_as",
    "sample_table",
    "tell_fault",
    "told_fault",
    "treatment",
]

SCALE = 10_000_000
"""Counts that a table of TPM is scaled to where somebody wants that: the usual library size."""
_DEFAULT_CHOSEN = 12
_MOST_NAME = 60
_SHALLOW = 200_000
"""Counts of a sample below which it is taken for a single cell."""
_FAULT = "own_fault"
_BROUGHT, _TREATMENT, _TABLE, _POOLED = "own_brought", "own_treatment", "own_table", "own_pooled"


@dataclass(frozen=True, slots=True)
class Brought:
    """What was brought, and how it is read.

    ``pooled_by`` is a column of the file by which its cells are added up; empty: none. ``scaled`` is whether TPM are
    taken for counts of ``SCALE`` in all. ``chosen`` are the samples that are used, and ``model_id`` the baseline model
    that they are shown; ``None`` where nobody said. What is not ``kept`` is too large for the disk.
    """

    content: FileContent
    source: str
    pooled_by: str = ""
    scaled: bool = False
    chosen: tuple[str, ...] | None = None
    model_id: str | None = None
    kept: bool = True
    uid: str = field(default_factory=lambda: secrets.token_hex(4))

    def choices(self) -> dict[str, Any]:
        """Everything but the content, to be kept."""
        return {
            "source": self.source,
            "pooled_by": self.pooled_by,
            "scaled": self.scaled,
            "chosen": None if self.chosen is None else list(self.chosen),
            "model_id": self.model_id,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Purpose:
    """What samples are brought for.

    ``invitation`` asks for them, and ``missing`` says what becomes of genes that they lack. ``used`` of the samples are
    taken where nobody chose. They are laid out over ``genes``, which ``name`` stands for; ``None``: over those of the
    open model.
    """

    invitation: str
    missing: str = "taken for 0"
    used: int = _DEFAULT_CHOSEN
    name: str = ""
    genes: pd.DataFrame | None = None


ASKING = Purpose(
    "Bring the counts of a real sample: the open model says what it most probably is, or makes it as if it had been "
    "treated."
)


def brought() -> Brought | None:
    """What was brought: in this session, or else what is kept on disk."""
    if _BROUGHT not in st.session_state:
        _load()
    kept: Brought | None = st.session_state[_BROUGHT]
    return kept


def treatment() -> Treatment:
    """What shall be done with it."""
    if _TREATMENT not in st.session_state:
        _load()
    kept: Treatment = st.session_state[_TREATMENT]
    return kept


def _load() -> None:
    store = default_sample_drafts()
    st.session_state.setdefault(_BROUGHT, None)
    st.session_state.setdefault(_TREATMENT, Treatment())
    choices, content = store.load_choices(workspace()), store.load_content(workspace())
    if choices is None:
        return
    st.session_state[_TREATMENT] = _kept_treatment(choices.get("treatment"))
    if content is not None:
        chosen, model_id = choices.get("chosen"), choices.get("model_id")
        st.session_state[_BROUGHT] = Brought(
            content,
            str(choices.get("source") or "your sample"),
            str(choices.get("pooled_by") or ""),
            scaled=choices.get("scaled") is True,
            chosen=tuple(map(str, chosen)) if isinstance(chosen, list) else None,
            model_id=model_id if model_id in MODEL_RULES else None,
        )


def _kept_treatment(body: object) -> Treatment:
    try:
        return Treatment.from_json(body) if isinstance(body, dict) else Treatment()
    except QueryError:
        return Treatment()


def bring(content: FileContent, source: str, *, model_id: str | None = None, treated: Treatment | None = None) -> None:
    """Start with other samples; what was to be done stays, unless ``treated`` says something else."""
    treatment()
    kept = default_sample_drafts().save_content(workspace(), content)
    st.session_state[_BROUGHT] = Brought(content, source, model_id=model_id, kept=kept)
    if treated is not None:
        st.session_state[_TREATMENT] = treated
    _keep()


def read_as(**choices: Any) -> None:
    """Read what was brought in another way: any of the choices of :class:`Brought`."""
    current = brought()
    if current is not None:
        st.session_state[_BROUGHT] = replace(current, **choices)
        _keep()


def forget() -> None:
    """Forget the samples; what was to be done with them stays."""
    treatment()
    st.session_state[_BROUGHT] = None
    default_sample_drafts().forget_content(workspace())
    _keep()


def tell_fault(words: str) -> None:
    """Keep why nothing could be brought, to be shown; an empty string where nothing is in the way."""
    st.session_state[_FAULT] = words


def told_fault() -> str:
    """Why nothing could be brought."""
    return str(st.session_state.get(_FAULT, ""))


def change_treatment(change: Callable[[Treatment], Treatment]) -> None:
    """Replace what shall be done by what ``change`` makes of it."""
    st.session_state[_TREATMENT] = change(treatment())
    _keep()


def _keep() -> None:
    current = brought()
    choices = current.choices() if current is not None else {}
    default_sample_drafts().save_choices(workspace(), {**choices, "treatment": treatment().to_json()})


# Reading it ---------------------------------------------------------------------------------------------------------


def available_samples(current: Brought) -> tuple[str, ...]:
    """The samples, or pools of cells, that one may choose from; ``SampleFileError`` where cells cannot be pooled so."""
    return tuple(_laid_out(current).samples)


def chosen_samples(current: Brought, purpose: Purpose = ASKING) -> tuple[str, ...]:
    """Those that are used: the first ones, where nobody chose."""
    available = available_samples(current)
    if current.chosen is None:
        return available[: purpose.used]
    chosen = set(current.chosen)
    return tuple(name for name in available if name in chosen)[:MAX_SAMPLES]


def sample_table(current: Brought, purpose: Purpose = ASKING) -> SampleTable:
    """The chosen samples over the purpose's genes, mapped once; ``SampleFileError`` where they cannot be."""
    chosen = chosen_samples(current, purpose)
    asked = (current.uid, current.pooled_by, current.scaled, chosen, purpose.name)
    kept: tuple[object, SampleTable] | None = st.session_state.get(_TABLE)
    if kept is None or kept[0] != asked:
        kept = (asked, _mapped(current, chosen, purpose.genes))
        st.session_state[_TABLE] = kept
    return kept[1]


def _mapped(current: Brought, chosen: tuple[str, ...], genes: pd.DataFrame | None) -> SampleTable:
    content = _of_samples(_laid_out(current), chosen)
    scale_to = SCALE if current.scaled else None
    if genes is not None:
        return map_genes(content, genes, default_index(), scale_to=scale_to)
    average = average_expression_of(BULK)
    return map_genes(content, genes_of(BULK), default_index(), scale_to=scale_to, average=average)


def _laid_out(current: Brought) -> FileContent:
    """The content as brought, or its cells added up."""
    if not current.pooled_by:
        return current.content
    asked = (current.uid, current.pooled_by)
    kept: tuple[object, FileContent] | None = st.session_state.get(_POOLED)
    if kept is None or kept[0] != asked:
        kept = (asked, pooled(current.content, current.pooled_by))
        st.session_state[_POOLED] = kept
    return kept[1]


def _of_samples(content: FileContent, names: tuple[str, ...]) -> FileContent:
    """``content`` with those samples alone."""
    places = {name: place for place, name in enumerate(content.samples)}
    rows = np.array([places[name] for name in names], dtype=np.intp)
    return replace(content, samples=names, values=content.values[rows], groupings={})  # noqa: PD011 - no DataFrame


def model_of(current: Brought, table: SampleTable) -> str:
    """The baseline model that the samples are shown: as somebody said, or else by how deep they are."""
    if current.model_id is not None:
        return current.model_id
    return SINGLE_CELL if np.median(table.counts.sum(axis=1)) < _SHALLOW else BULK


def given_samples(table: SampleTable) -> tuple[GivenSample, ...]:
    """The samples of ``table`` as queries take them."""
    rows = zip(table.samples, table.counts, strict=True)
    return tuple(GivenSample(shortened(name, _MOST_NAME), tuple(counts.tolist())) for name, counts in rows)
