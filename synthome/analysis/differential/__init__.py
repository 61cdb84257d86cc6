"""Differential expression between two groups of samples: a quick look by Welch's test, and DESeq2's model of counts."""

from synthome.analysis.differential.cautions import cautions
from synthome.analysis.differential.comparison import Comparison, DifferentialTable, choose, comparison_between
from synthome.analysis.differential.deseq import deseq
from synthome.analysis.differential.welch import welch

__all__ = ["Comparison", "DifferentialTable", "cautions", "choose", "comparison_between", "deseq", "welch"]
