"""Pictures of predictions: what is drawn, in which colours, and the sentence that goes with it."""

from synthome.analysis.figures.heatmap import heatmap_figure
from synthome.analysis.figures.pca import pca_figure
from synthome.analysis.figures.theme import FONT, Theme, theme_layout

__all__ = ["FONT", "Theme", "heatmap_figure", "pca_figure", "theme_layout"]
