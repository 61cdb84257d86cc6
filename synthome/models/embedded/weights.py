"""What ``training`` fitted, as it lies in ``weights/``: read without pickle, frozen after loading.

Profiles are kept as bytes (see ``scale.encoded``): a thousand of them are 20 MB, and one is decoded in a fraction
of a millisecond when it is asked for.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.errors import ModelError
from synthome.models.embedded.noise import VarianceTrend
from synthome.models.embedded.scale import DEVIATION_STEP, decoded

__all__ = ["Deviations", "Dispersion", "Learned", "LearnedTerm", "Weights", "load_weights"]

FOLDER = Path(__file__).resolve().parent / "weights"
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LearnedTerm:
    """A term with a profile of its own: the studies behind it, and the sex of its donors where all are of one.

    ``tissue`` (UBERON) and ``disease`` (MONDO) are what a cell line is from, where that is certain.
    """

    id: str
    label: str
    studies: tuple[str, ...]
    sex: str | None = None
    tissue: str | None = None
    disease: str | None = None


@dataclass(frozen=True)
class Learned:
    """The learned terms of one vocabulary and their profiles.

    ``codes`` is terms x genes, ``latents`` terms x biological latents: where the term's samples lie.
    """

    terms: tuple[LearnedTerm, ...]
    codes: npt.NDArray[np.uint8]
    latents: npt.NDArray[np.float32]

    @cached_property
    def _row(self) -> Mapping[str, int]:
        return {term.id: row for row, term in enumerate(self.terms)}

    def __contains__(self, term_id: object) -> bool:
        return term_id in self._row

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the learned terms."""
        return tuple(self._row)

    def term(self, term_id: str) -> LearnedTerm:
        """The learned term of that id."""
        return self.terms[self._row[term_id]]

    def theta(self, term_id: str) -> Array:
        """Log expression ln(CPM + c) of each gene."""
        return decoded(self.codes[self._row[term_id]])

    def mean_theta(self) -> Array:
        """Mean log expression over all terms."""
        mean: Array = decoded(self.codes).mean(axis=0)
        return mean

    def centre(self, term_id: str) -> Array:
        """Mean of the biological latents of the term's samples."""
        centre: Array = self.latents[self._row[term_id]].astype(np.float64)
        return centre


@dataclass(frozen=True)
class Deviations:
    """How cell types differ in one tissue from what they are on average, under ``CL:0000084|UBERON:0002106``."""

    terms: tuple[LearnedTerm, ...]
    codes: npt.NDArray[np.int8]

    @cached_property
    def _row(self) -> Mapping[str, int]:
        return {term.id: row for row, term in enumerate(self.terms)}

    def __contains__(self, key: object) -> bool:
        return key in self._row

    def term(self, key: str) -> LearnedTerm:
        """The cell type in the tissue, with the studies behind it."""
        return self.terms[self._row[key]]

    def deviation(self, key: str) -> Array:
        """What is added to the cell type's log expression."""
        deviation: Array = DEVIATION_STEP * self.codes[self._row[key]].astype(np.float64)
        return deviation


@dataclass(frozen=True, slots=True)
class Dispersion:
    """How much samples differ beyond what latents say.

    ``well_expressed`` is the gamma-Poisson phi of each gene where it is well expressed, but not at its peak. Variances,
    along latents and of phi, follow ``trend``.
    """

    well_expressed: Array
    trend: VarianceTrend

    def spread(self, cpm: Array) -> Array:
        """Factor on standard deviations of log expression, for genes expressed at ``cpm``."""
        spread: Array = np.sqrt(self.trend(cpm))
        return spread

    def phi(self, cpm: Array) -> Array:
        """Dispersion of each gene at those means; zero where a gene is not expressed."""
        phi: Array = np.where(cpm > 0, self.well_expressed * self.trend(cpm), 0.0)
        return phi


@dataclass(frozen=True)
class Weights:
    """One model's weights.

    ``biological`` and ``technical`` are latents x genes, ln units a standard deviation. ``sex_effect`` gives what a sex
    adds to log expression. ``dispersion`` is ``None`` for single cells, of which only means are answered.
    """

    name: str
    about: Mapping[str, Any]
    genes: pd.DataFrame
    centre: Array
    learned: Mapping[str, Learned]
    biological: Array
    technical: Array
    sex_effect: Mapping[str, Array]
    in_tissue: Deviations | None
    dispersion: Dispersion | None
    latent_scale: Mapping[str, float]


def load_weights(name: str, folder: Path = FOLDER) -> Weights:
    """The weights ``name``; ``ModelError`` where they are missing or broken."""
    try:
        about = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        with (folder / f"{name}.npz").open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return _read(name, about, dict(archive.items()))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        message = f"The weights of the embedded model in {folder / name} cannot be read ({error}); run make fit"
        raise ModelError(message) from error


def _read(name: str, about: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> Weights:
    genes = _gene_table(arrays)
    families: list[str] = [key for key in ("tissue", "cell_type", "cell_line") if key in about]
    learned = {key: Learned(_terms(about[key]), arrays[key], arrays[f"{key}_latents"]) for key in families}
    biological = _scaled(arrays, "biological")
    technical = _scaled(arrays, "technical") if "technical" in arrays else np.zeros((0, len(genes)))
    effect = {}
    for sex in ("male", "female"):
        effect[sex] = np.zeros(len(genes))
        effect[sex][arrays["sex_gene"]] = arrays[f"sex_{sex}"]
    in_tissue = None
    if "cell_in_tissue" in about:
        in_tissue = Deviations(_terms(about["cell_in_tissue"]), arrays["cell_in_tissue"])
    dispersion = None
    if "variance_rise" in about:
        trend = VarianceTrend(about["variance_rise"], decoded(arrays["peak"][0]), _scaled(arrays, "at_peak")[0])
        dispersion = Dispersion(np.exp(_scaled(arrays, "log_dispersion")[0]), trend)
    fixed: list[npt.NDArray[Any]] = [biological, technical, *effect.values()]
    fixed += [family.codes for family in learned.values()]
    for array in fixed:
        array.setflags(write=False)
    words = {key: about[key] for key in ("contract", "version", "licence", "sources")}
    return Weights(
        name,
        MappingProxyType(words),
        genes,
        decoded(arrays["centre"][0]),
        MappingProxyType(learned),
        biological,
        technical,
        MappingProxyType(effect),
        in_tissue,
        dispersion,
        MappingProxyType(about.get("latent_scale", {})),
    )


def _terms(rows: list[dict[str, Any]]) -> tuple[LearnedTerm, ...]:
    return tuple(
        LearnedTerm(
            row["id"], row["label"], tuple(row["studies"]), row.get("sex"), row.get("tissue"), row.get("disease")
        )
        for row in rows
    )


def _scaled(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> Array:
    scaled: Array = arrays[name].astype(np.float64) * arrays[f"{name}_unit"].astype(np.float64)[:, None]
    return scaled


def _gene_table(arrays: Mapping[str, npt.NDArray[Any]]) -> pd.DataFrame:
    ids = [f"ENSG{number:011d}" for number in arrays["gene_number"].tolist()]
    columns = {
        column: arrays[f"gene_{column}"].item().decode().split("\n") for column in ("symbol", "biotype", "chromosome")
    }
    return pd.DataFrame(columns, index=pd.Index(ids, name="ensembl_id"))
