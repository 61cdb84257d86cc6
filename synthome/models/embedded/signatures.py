"""Learned effects as they lie in ``weights/effects.*``: what a disease, a compound, a gene or a virus changes.

A signature is what is added to log expression (``scale``: ln(CPM + c)) of each gene, before counts are normalised.
Sizes are already what an independent study would be expected to see: shrunk by how well the source replicates, zero for
genes without evidence. Both models share them. Only genes that move are stored, one signed byte each with a unit a row.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from synthome.errors import ModelError

__all__ = ["Effects", "SignatureFamily", "SignatureTerm", "load_effects"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SignatureTerm:
    """What a signature is of, and what stands behind it.

    ``reliability`` is the correlation expected with an independent experiment of the same kind, 0 to 1; ``measured``
    the number of genes that any source measures. ``context`` is a term id (UBERON, CL or Cellosaurus) of where it was
    mostly measured, or empty. ``dose`` and ``time`` are those of the experiment in the contract's spelling, or empty.
    ``aliases`` are other ids under which the same signature answers (ChEMBL ids, ChEBI salts, broader taxa). ``note``
    is one sentence for people on what the signature cannot do, or empty.
    """

    id: str
    label: str
    studies: tuple[str, ...]
    reliability: float
    measured: int
    context: str = ""
    dose: str = ""
    time: str = ""
    aliases: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class SignatureFamily:
    """Signatures of one kind: ``start`` delimits each term's part of ``gene`` and ``code``; ``unit`` is ln a step."""

    terms: tuple[SignatureTerm, ...]
    start: npt.NDArray[np.uint32]
    gene: npt.NDArray[np.uint16]
    code: npt.NDArray[np.int8]
    unit: npt.NDArray[np.float32]
    genes: int

    @cached_property
    def _row(self) -> Mapping[str, int]:
        rows = {alias: row for row, term in enumerate(self.terms) for alias in term.aliases}
        return rows | {term.id: row for row, term in enumerate(self.terms)}

    def __contains__(self, term_id: object) -> bool:
        return term_id in self._row

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the learned terms, without aliases."""
        return tuple(term.id for term in self.terms)

    def term(self, term_id: str) -> SignatureTerm:
        """What stands behind ``term_id`` (an id or an alias)."""
        return self.terms[self._row[term_id]]

    def values(self, term_id: str) -> Array:
        """What is added to log expression, one value a gene."""
        row = self._row[term_id]
        part = slice(int(self.start[row]), int(self.start[row + 1]))
        values = np.zeros(self.genes)
        values[self.gene[part]] = self.code[part] * np.float64(self.unit[row])
        return values


@dataclass(frozen=True)
class Effects:
    """All learned effects. ``families`` by kind; ``perturbation`` is latents x genes, orthonormal rows.

    Kinds: ``disease`` (MONDO), ``compound`` (ChEBI), ``overexpression`` and ``knockdown`` (Ensembl genes),
    ``infection`` (NCBI Taxonomy), ``ligand`` (Ensembl genes), ``stage`` and ``sample_type`` (their values, alone or as
    ``value|term id`` for one context), ``age`` (one row, ``decade``: a decade's worth).
    """

    about: Mapping[str, Any]
    families: Mapping[str, SignatureFamily]
    perturbation: Array


def load_effects(folder: Path) -> Effects:
    """The effects in ``folder``; ``ModelError`` where they are missing or broken."""
    try:
        about = json.loads((folder / "effects.json").read_text(encoding="utf-8"))
        with (folder / "effects.npz").open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return _read(about, dict(archive.items()))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        message = f"The learned effects in {folder} cannot be read ({error}); run make fit"
        raise ModelError(message) from error


def _read(about: dict[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> Effects:
    perturbation = arrays["perturbation"].astype(np.float64) * arrays["perturbation_unit"].astype(np.float64)[:, None]
    perturbation.setflags(write=False)
    families = {
        kind: SignatureFamily(
            tuple(_term(row) for row in rows),
            arrays[f"{kind}_start"],
            arrays[f"{kind}_gene"],
            arrays[f"{kind}_code"],
            arrays[f"{kind}_unit"],
            perturbation.shape[1],
        )
        for kind, rows in about["families"].items()
    }
    words = {key: value for key, value in about.items() if key != "families"}
    return Effects(MappingProxyType(words), MappingProxyType(families), perturbation)


def _term(row: Mapping[str, Any]) -> SignatureTerm:
    lists: dict[str, Sequence[str]] = {key: tuple(row.get(key, ())) for key in ("studies", "aliases")}
    return SignatureTerm(**{**row, **lists})
