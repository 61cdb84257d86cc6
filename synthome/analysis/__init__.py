"""What is seen: from counts to log CPM, principal components, clusters, figures, and a sentence for each."""

from synthome.analysis.clustering import Clustering, Heatmap, cluster, heatmap, z_scores
from synthome.analysis.description import describe_heatmap
from synthome.analysis.figures import Theme, heatmap_figure, pca_figure, theme_layout
from synthome.analysis.normalisation import library_sizes, log_cpm
from synthome.analysis.pca_description import describe_pca
from synthome.analysis.principal_components import PCA, pca
from synthome.analysis.variable_genes import variable_genes

__all__ = [
    "PCA",
    "Clustering",
    "Heatmap",
    "Theme",
    "cluster",
    "describe_heatmap",
    "describe_pca",
    "heatmap",
    "heatmap_figure",
    "library_sizes",
    "log_cpm",
    "pca",
    "pca_figure",
    "theme_layout",
    "variable_genes",
    "z_scores",
]
