"""The whole fit, from raw tables to weights, in the order of the package's docstring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from training.age import fit_age
from training.bulk_tables import load_sources
from training.cell_library import Library, read_library
from training.cell_lines import donor_sex, fit_cell_lines, origins
from training.cell_types import bulk_cell_types, single_cell_types
from training.effects import fit_effects
from training.genes import GeneTable, build_gene_table
from training.sample_types import fit_sample_types
from training.save import codes, deviation_codes, family, project, save_model, scaled_bytes
from training.sex import SexEffect, fit_sex, sexes_of_terms
from training.single_cell import fit_cell_lines_umi, fit_cell_variability, unmeasured_genes
from training.sources import read_count_sets, read_single_cells, sha256_of_inputs
from training.stages import fit_stages
from training.studies import residuals, study_of
from training.tissues import Profiles, between_laboratories, fit_tissues
from training.variability import fit_variability

__all__ = ["fit_all"]

VERSION = "1.2"
LICENCE = "CC BY-SA 4.0"
SOURCES = {
    "HPA": "Human Protein Atlas 19-20 (tissues, cell lines), CC BY-SA 4.0",
    "GTEx": "GTEx tissues and sub-tissues, via the Human Protein Atlas 21.1 (CC BY-SA 4.0) and clustifyrdata (MIT)",
    "GSE50244": "Pancreatic islets of 77 donors, Fadista 2014, GEO GSE50244",
    "Cell Profile Library": "Mean profiles of 40 single-cell atlases, Danaher 2022, CC BY 4.0",
    "Lymphoblastoid lines": "Pickrell 2010 and Cheung 2010, counts by recount",
    "GTEx samples": "GTEx skin and bladder samples, v6 open access",
    "TCGA": "ACC, CHOL, STAD and UVM, open tier: how samples vary; normals of CHOL and STAD also as liver and stomach",
    "Blood cells": "Zheng 2017 and pbmc3k, 10x Genomics, CC BY 4.0",
    "CellBench": "Three lung cancer lines, Tian 2019, MIT",
}

Array = npt.NDArray[np.float64]
LEAST_SEX_CHANGE = 0.01
"""Effects of sex below this (ln units) are not stored: one per cent."""


def fit_all(folder: Path, say: Callable[[str], None]) -> None:
    """Fit both models and write them to ``folder``."""
    genes = build_gene_table()
    say(f"{len(genes.ids):,} genes")
    sources = load_sources(genes)
    tissues = fit_tissues(genes, sources)
    say(f"{tissues.theta.shape[1]} tissues")
    studies = [study_of(genes, source) for source in read_count_sets()]
    sex = fit_sex(genes, studies)
    sets = [r for study in studies for r in residuals(study)]
    say("sex")
    library = read_library(genes, tissues, sex.telling)
    lines = fit_cell_lines(genes, sources, tissues.theta, library.factor)
    cell_types = bulk_cell_types(library, sources, tissues.theta)
    say(f"{cell_types.theta.shape[1]} cell types, {lines.theta.shape[1]} cell lines for bulk")
    variability = fit_variability(
        sets, between_laboratories(sources), ~sex.telling, tissues.theta.to_numpy(), cell_types.theta.to_numpy()
    )
    say("variability")

    centre = tissues.theta.mean(axis=1).to_numpy()
    biological, biological_unit = scaled_bytes(variability.biological)
    technical, technical_unit = scaled_bytes(variability.technical)
    log_dispersion, log_dispersion_unit = scaled_bytes(np.log(variability.dispersion)[:, None])
    at_peak, at_peak_unit = scaled_bytes(variability.trend.at_peak[:, None])
    arrays: dict[str, npt.NDArray[Any]] = {
        "centre": codes(centre[:, None]),
        "biological": biological,
        "biological_unit": biological_unit,
        "technical": technical,
        "technical_unit": technical_unit,
        "log_dispersion": log_dispersion,
        "log_dispersion_unit": log_dispersion_unit,
        "peak": codes(variability.trend.peak[:, None]),
        "at_peak": at_peak,
        "at_peak_unit": at_peak_unit,
        **_sex_arrays(sex),
    }
    families = {"tissue": tissues, "cell_type": cell_types, "cell_line": lines}
    arrays |= _profile_arrays(families, centre, variability.biological)
    words = {
        **_about("gem-1-bulk"),
        "variance_rise": variability.trend.rise,
        "latent_scale": variability.scale_by_material,
        "tissue": family(tissues, sexes_of_terms("tissues", "uberon_id")),
        "cell_type": family(cell_types, sexes_of_terms("cell_types", "cl_id")),
        "cell_line": family(lines, donor_sex(), origins()),
    }
    save_model("bulk", genes, arrays, words, folder)
    say("bulk model written")
    stages = fit_stages(library, tissues)
    sample_types = fit_sample_types(lines, tissues, origins(), sex.telling)
    fit_effects(
        genes,
        stages,
        sample_types,
        [fit_age(studies, sex.telling)],
        say,
        {"version": VERSION, "licence": LICENCE},
        folder,
    )
    _fit_single_cell(genes, library, sex, folder)
    say("single-cell model written")


def _fit_single_cell(genes: GeneTable, library: Library, sex: SexEffect, folder: Path) -> None:
    sets = read_single_cells()
    profiles = single_cell_types(library, unmeasured_genes(genes, sets))
    types = profiles.cell_type
    line_theta, line_labels = fit_cell_lines_umi(genes, sets)
    lines = Profiles(
        line_theta,
        line_labels,
        dict.fromkeys(line_labels, ("CellBench",)),
        dict.fromkeys(line_labels, 0.0),
    )
    loadings = fit_cell_variability(genes, sets).biological * ~sex.telling[:, None]
    centre = types.theta.mean(axis=1).to_numpy()
    biological, unit = scaled_bytes(loadings)
    arrays: dict[str, npt.NDArray[Any]] = {
        "centre": codes(centre[:, None]),
        "biological": biological,
        "biological_unit": unit,
        **_sex_arrays(sex),
    }
    arrays["cell_in_tissue"] = deviation_codes(profiles.in_tissue.theta.to_numpy())
    families = {"cell_type": types, "tissue": profiles.tissue, "cell_line": lines}
    arrays |= _profile_arrays(families, centre, loadings)
    words = {
        **_about("gem-1-sc"),
        "cell_type": family(types, sexes_of_terms("cell_types", "cl_id")),
        "cell_in_tissue": family(profiles.in_tissue),
        "tissue": family(profiles.tissue),
        "cell_line": family(lines, donor_sex()),
    }
    save_model("single_cell", genes, arrays, words, folder)


def _profile_arrays(families: Mapping[str, Profiles], centre: Array, loadings: Array) -> dict[str, npt.NDArray[Any]]:
    """Stored profiles of each family, and where they lie among the latents."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, profiles in families.items():
        theta = profiles.theta.to_numpy()
        arrays |= {name: codes(theta), f"{name}_latents": project(theta, centre, loadings)}
    return arrays


def _sex_arrays(sex: SexEffect) -> dict[str, npt.NDArray[Any]]:
    """Effects of sex, only for the genes that have one."""
    changed = np.flatnonzero((np.abs(sex.male) > LEAST_SEX_CHANGE) | (np.abs(sex.female) > LEAST_SEX_CHANGE))
    return {
        "sex_gene": changed.astype(np.uint16),
        "sex_male": sex.male[changed].astype(np.float32),
        "sex_female": sex.female[changed].astype(np.float32),
    }


def _about(contract: str) -> dict[str, Any]:
    return {
        "contract": contract,
        "version": VERSION,
        "licence": LICENCE,
        "sources": SOURCES,
        "inputs_sha256": sha256_of_inputs(),
    }
