"""What a methods text cites: works by their DOI, and the versions of the software."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from synthome import __version__

__all__ = ["ONTOLOGY_WORKS", "WORKS", "Citation", "software_versions"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A published work. ``short`` stands in the text, such as ``Welch 1947``."""

    short: str
    full: str
    doi: str

    @property
    def url(self) -> str:
        """Where the DOI leads."""
        return f"https://doi.org/{self.doi}"


WORKS: Mapping[str, Citation] = {
    "variable genes": Citation(
        "Lun et al. 2016",
        "Lun ATL, McCarthy DJ, Marioni JC. A step-by-step workflow for low-level analysis of single-cell RNA-seq data "
        "with Bioconductor. F1000Research 2016, 5:2122.",
        "10.12688/f1000research.9501.2",
    ),
    "leaf order": Citation(
        "Bar-Joseph et al. 2001",
        "Bar-Joseph Z, Gifford DK, Jaakkola TS. Fast optimal leaf ordering for hierarchical clustering. Bioinformatics "
        "2001, 17(suppl 1):S22-S29.",
        "10.1093/bioinformatics/17.suppl_1.S22",
    ),
    "ward": Citation(
        "Ward 1963",
        "Ward JH. Hierarchical grouping to optimize an objective function. Journal of the American Statistical "
        "Association 1963, 58:236-244.",
        "10.1080/01621459.1963.10500845",
    ),
    "welch": Citation(
        "Welch 1947",
        "Welch BL. The generalization of 'Student's' problem when several different population variances are involved. "
        "Biometrika 1947, 34:28-35.",
        "10.1093/biomet/34.1-2.28",
    ),
    "false discovery rate": Citation(
        "Benjamini and Hochberg 1995",
        "Benjamini Y, Hochberg Y. Controlling the false discovery rate: a practical and powerful approach to multiple "
        "testing. Journal of the Royal Statistical Society B 1995, 57:289-300.",
        "10.1111/j.2517-6161.1995.tb02031.x",
    ),
    "deseq2": Citation(
        "Love et al. 2014",
        "Love MI, Huber W, Anders S. Moderated estimation of fold change and dispersion for RNA-seq data with DESeq2. "
        "Genome Biology 2014, 15:550.",
        "10.1186/s13059-014-0550-8",
    ),
    "pydeseq2": Citation(
        "Muzellec et al. 2023",
        "Muzellec B, Teleńczuk M, Cabeli V, Andreux M. PyDESeq2: a python package for bulk RNA-seq differential "
        "expression analysis. Bioinformatics 2023, 39:btad547.",
        "10.1093/bioinformatics/btad547",
    ),
    "numpy": Citation(
        "Harris et al. 2020",
        "Harris CR, Millman KJ, van der Walt SJ, et al. Array programming with NumPy. Nature 2020, 585:357-362.",
        "10.1038/s41586-020-2649-2",
    ),
    "scipy": Citation(
        "Virtanen et al. 2020",
        "Virtanen P, Gommers R, Oliphant TE, et al. SciPy 1.0: fundamental algorithms for scientific computing in "
        "Python. Nature Methods 2020, 17:261-272.",
        "10.1038/s41592-019-0686-2",
    ),
}

ONTOLOGY_WORKS: Mapping[str, Citation] = {
    "UBERON": Citation(
        "Mungall et al. 2012",
        "Mungall CJ, Torniai C, Gkoutos GV, Lewis SE, Haendel MA. Uberon, an integrative multi-species anatomy "
        "ontology. Genome Biology 2012, 13:R5.",
        "10.1186/gb-2012-13-1-r5",
    ),
    "CL": Citation(
        "Diehl et al. 2016",
        "Diehl AD, Meehan TF, Bradford YM, et al. The Cell Ontology 2016: enhanced content, modularization, and "
        "ontology interoperability. Journal of Biomedical Semantics 2016, 7:44.",
        "10.1186/s13326-016-0088-7",
    ),
    "MONDO": Citation(
        "Vasilevsky et al. 2022",
        "Vasilevsky NA, Matentzoglu NA, Toro S, et al. Mondo: unifying diseases for the world, by the world. medRxiv "
        "2022.",
        "10.1101/2022.04.13.22273750",
    ),
    "CHEBI": Citation(
        "Hastings et al. 2016",
        "Hastings J, Owen G, Dekker A, et al. ChEBI in 2016: improved services and an expanding collection of "
        "metabolites. Nucleic Acids Research 2016, 44:D1214-D1219.",
        "10.1093/nar/gkv1031",
    ),
    "CVCL": Citation(
        "Bairoch 2018",
        "Bairoch A. The Cellosaurus, a cell-line knowledge resource. Journal of Biomolecular Techniques 2018, "
        "29:25-38.",
        "10.7171/jbt.18-2902-002",
    ),
}
"""The ontologies' own publications, by the prefix of their ids."""


def software_versions(*packages: str) -> dict[str, str]:
    """Versions of Synthome, Python and ``packages`` as they are installed; those that are not are left out."""
    found = {"Synthome": __version__, "Python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
