"""All effects, in one file that both models share: diseases, perturbations, stage, sample type and age."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from training.compounds import fit_compounds
from training.diseases import fit_diseases
from training.gene_perturbations import fit_knockdown, fit_overexpression
from training.genes import GeneTable
from training.infections import fit_infections
from training.ligands import fit_ligands
from training.signatures import Signature, perturbation_directions, save_effects

__all__ = ["EFFECT_SOURCES", "fit_effects"]

EFFECT_SOURCES = {
    "STARGEO": "Case-control meta-analysis of 49 diseases, Himmelstein 2017, CC0",
    "TCGA": "CHOL and STAD, tumours beside adjacent normal tissue, open tier",
    "GSE50244": "Type 2 diabetes in pancreatic islets, Fadista 2014",
    "GSE147507": "SARS-CoV-2, influenza A, RSV and HPIV3, Blanco-Melo 2020",
    "L1000": "Consensus responses to drugs and overexpressed genes, LINCS by way of Himmelstein 2017, CC BY 4.0",
    "Tahoe": "Mean ranks of 110 drugs over 47 cancer lines, Tahoe-100M, CC0",
    "NeurIPS": "Rank scores of 135 drugs in blood cells, GSE279945",
    "Perturb-seq": "CRISPRi of 585 genes in K-562 and RPE1, Replogle 2022, CC BY 4.0",
    "NicheNet": "Ligand responses gathered from GEO by NicheNet",
    "Cell Profile Library": "Fetal and adult atlases, Danaher 2022, CC BY 4.0",
    "HPA": "Human Protein Atlas 19-20: lines and primary cultures beside tissues, CC BY-SA 4.0",
}


def fit_effects(
    genes: GeneTable,
    stages: Sequence[Signature],
    sample_types: Sequence[Signature],
    ages: Sequence[Signature],
    say: Callable[[str], None],
    words: dict[str, object],
    folder: Path,
) -> None:
    """Fit what has its own sources, add what the context profiles told, and write effects.npz and effects.json."""
    diseases = fit_diseases(genes)
    say(f"{len(diseases)} diseases")
    compounds = fit_compounds(genes)
    say(f"{len(compounds):,} compounds")
    families: dict[str, Sequence[Signature]] = {
        "disease": diseases,
        "compound": compounds,
        "overexpression": fit_overexpression(genes),
        "knockdown": fit_knockdown(genes),
        "infection": fit_infections(genes),
        "ligand": fit_ligands(genes, diseases),
        "stage": stages,
        "sample_type": sample_types,
        "age": ages,
    }
    perturbing = [s for kind in ("compound", "knockdown", "infection", "ligand") for s in families[kind]]
    save_effects(families, perturbation_directions(perturbing), {**words, "sources": EFFECT_SOURCES}, folder)
    say(f"{len(families['overexpression']):,} genes overexpressed, {len(families['knockdown']):,} knocked down")
