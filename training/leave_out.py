"""Fits that leave studies out, so that what is predicted has not been seen."""

from __future__ import annotations

from training.bulk_tables import load_sources
from training.genes import GeneTable
from training.tissues import Profiles, fit_tissues

__all__ = ["tissues_without"]


def tissues_without(genes: GeneTable, studies: frozenset[str]) -> Profiles:
    """Tissue profiles fitted without some bulk studies in any form.

    Without ``GTEx`` neither its TPM nor its counts nor its samples play a part: not as profiles, not in the gene-wise
    factors, not in the level of the genes that one sex expresses, not in the shrinkage (measured against TCGA's
    normals and mixtures of single-cell atlases instead). Only which genes there are is still taken from the gene table.

    Parameters
    ----------
    genes : GeneTable
        The models' genes.
    studies : frozenset of str
        Studies to leave out, of ``GTEx``, ``GSE50244`` and ``TCGA``; HPA cannot be.

    Returns
    -------
    Profiles
        ``theta`` genes x UBERON terms, ln(CPM + 0.5). Without GTEx the scale of CPM is that of HPA's TPM.
    """
    return fit_tissues(genes, load_sources(genes, studies))
