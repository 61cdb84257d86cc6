"""How two sets of samples compare in what noise looks like: spread, zeros, correlation between genes, false positives.

The comparisons are those of countsimQC (Soneson and Robinson 2018), reduced to numbers. Counts are genes x samples;
two sets that are compared hold the same genes in the same order. Give them equally many samples at one library size as
well (:func:`thinned` cuts real libraries down): variances of few samples spread more widely than those of many, and a
library of half the size has more zeros, whoever made it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

__all__ = [
    "NoiseStatistics",
    "correlation_agreement",
    "correlations",
    "distances",
    "normal_log_cpm",
    "null_false_positives",
    "poisson_only",
    "statistics_of",
    "thinned",
    "well_expressed_and_variable",
]

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]
PRIOR_CPM = 0.5
"""Added to CPM before logarithms."""
LEAST_CPM = 1.0
"""Mean CPM from which a gene has a variance and a dispersion worth comparing."""
LEAST_BCV = 0.01
"""Genes that vary no more than by counting have this biological coefficient of variation."""
LEVELS = 10
"""Bins of level within which sets are compared."""
LEAST_IN_BIN = 20
"""Genes of either set from which a bin, or a median of ratios, tells anything."""


@dataclass(frozen=True, slots=True)
class NoiseStatistics:
    """What is compared. The first three have a value for each gene, NaN below ``LEAST_CPM``.

    ``level`` is the mean of log2 CPM, ``log_variance`` the natural log of its variance, ``log_bcv`` that of the
    biological coefficient of variation (square root of the dispersion, by moments). The zeros are shares:
    ``zeros_per_gene`` of the samples, ``zeros_per_sample`` of the genes.
    """

    level: Array
    log_variance: Array
    log_bcv: Array
    zeros_per_gene: Array
    zeros_per_sample: Array


def thinned(counts: npt.NDArray[np.integer], total: int, generator: np.random.Generator) -> Counts:
    """Each library cut down at random to ``total`` counts, without replacement.

    Raises
    ------
    ValueError
        Where a library holds fewer.
    """
    whole = np.asarray(counts, dtype=np.int64)
    if whole.sum(axis=0).min() < total:
        message = f"The smallest library holds {whole.sum(axis=0).min():,} counts: it cannot be cut down to {total:,}"
        raise ValueError(message)
    columns = [generator.multivariate_hypergeometric(column, total, method="marginals") for column in whole.T]
    return np.stack(columns, axis=1)


def statistics_of(counts: npt.NDArray[np.integer]) -> NoiseStatistics:
    """The statistics of one set of samples of one kind (three samples at least)."""
    size = _size_factors(counts)
    normal = counts / size
    log_cpm = _log2(normal)
    mean, variance = normal.mean(axis=1), normal.var(axis=1, ddof=1)
    # Var(y / s) = m mean(1 / s) + phi m^2 for gamma-Poisson counts y with mean s m.
    excess = variance - mean * np.mean(1.0 / size)
    phi = np.divide(excess, mean**2, out=np.zeros_like(mean), where=mean > 0)
    told = mean * 1e6 / normal.sum(axis=0).mean() >= LEAST_CPM
    log_variance = np.log(np.maximum(log_cpm.var(axis=1, ddof=1), LEAST_BCV**2))
    log_bcv = 0.5 * np.log(np.maximum(phi, LEAST_BCV**2))
    zero = np.asarray(counts) == 0
    level, log_variance, log_bcv = (np.where(told, x, np.nan) for x in (log_cpm.mean(axis=1), log_variance, log_bcv))
    return NoiseStatistics(level, log_variance, log_bcv, zero.mean(axis=1), zero.mean(axis=0))


def distances(a: NoiseStatistics, b: NoiseStatistics) -> dict[str, float]:
    """Kolmogorov-Smirnov distances, 0 (alike) to 1.

    Variance and dispersion are compared among genes expressed alike: in ten bins of level (deciles of both sets
    together), averaged. Comparing them over all genes at once would let the level alone decide.
    """
    return {
        "mean-variance": _by_level(a.level, a.log_variance, b.level, b.log_variance),
        "dispersion": _by_level(a.level, a.log_bcv, b.level, b.log_bcv),
        "zeros per gene": _ks(a.zeros_per_gene, b.zeros_per_gene),
        "zeros per sample": _ks(a.zeros_per_sample, b.zeros_per_sample),
    }


def poisson_only(cpm: Array, total: int, samples: int, generator: np.random.Generator) -> Counts:
    """The plainest baseline: samples that differ by counting alone. Libraries vary as independent counts do."""
    expected = cpm * (total / cpm.sum())
    return generator.poisson(expected[:, None], (len(cpm), samples))


def normal_log_cpm(cpm: Array, deviation: Array, total: int, samples: int, generator: np.random.Generator) -> Counts:
    """Baseline: independent Normals in ln(CPM + 1), brought back, clipped at zero, renormalised and rounded.

    ``deviation`` is each gene's standard deviation on that scale.
    """
    y = np.log1p(cpm)[:, None] + deviation[:, None] * generator.standard_normal((len(cpm), samples))
    back = np.maximum(np.expm1(y), 0.0)
    counts: Counts = np.rint(back / back.sum(axis=0) * total).astype(np.int64)
    return counts


def well_expressed_and_variable(counts: npt.NDArray[np.integer], number: int = 1_500, least_cpm: float = 10.0) -> Rows:
    """Rows of the ``number`` genes of most variance in log2 CPM, among those with a mean of ``least_cpm`` or more."""
    log_cpm = _log_cpm(counts)
    told = np.flatnonzero(_mean_cpm(counts) >= least_cpm)
    order = np.argsort(-log_cpm[told].var(axis=1), kind="stable")[:number]
    return np.sort(told[order])


def correlations(counts: npt.NDArray[np.integer], rows: Rows) -> Array:
    """Pearson correlation of log2 CPM of every pair of ``rows`` over the samples, as one vector.

    A gene that never varies correlates with none.
    """
    log_cpm = _log_cpm(counts)[rows]
    centred = log_cpm - log_cpm.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-9)
    pairs: Array = (unit @ unit.T)[np.triu_indices(len(rows), 1)]
    return pairs


def correlation_agreement(a: npt.NDArray[np.integer], b: npt.NDArray[np.integer], rows: Rows) -> float:
    """Pearson correlation between the gene-gene correlations of two sets; 0 for genes drawn independently."""
    return float(np.corrcoef(correlations(a, rows), correlations(b, rows))[0, 1])


def null_false_positives(
    counts: npt.NDArray[np.integer],
    generator: np.random.Generator,
    splits: int = 40,
    group: int = 5,
    least_cpm: float = LEAST_CPM,
    level: float = 0.05,
) -> float:
    """Share of genes with p below ``level`` when samples of one kind are compared with each other.

    Welch's t test of log2 CPM between two random groups, over genes with a mean of ``least_cpm`` or more; the mean over
    ``splits`` random choices of two groups.
    """
    log_cpm = _log_cpm(counts)[_mean_cpm(counts) >= least_cpm]
    shares = []
    for _ in range(splits):
        chosen = generator.permutation(log_cpm.shape[1])[: 2 * group]
        p = _welch(log_cpm[:, chosen[:group]], log_cpm[:, chosen[group:]])
        shares.append(float(np.mean(p < level)))
    return float(np.mean(shares))


def _welch(one: Array, other: Array) -> Array:
    """Two-sided p of each row; 1 where neither group varies."""
    errors = [x.var(axis=1, ddof=1) / x.shape[1] for x in (one, other)]
    total = errors[0] + errors[1]
    varies = total > 0
    safe = np.where(varies, total, 1.0)
    degrees = safe**2 / (errors[0] ** 2 / (one.shape[1] - 1) + errors[1] ** 2 / (other.shape[1] - 1) + ~varies)
    t = (one.mean(axis=1) - other.mean(axis=1)) / np.sqrt(safe)
    p: Array = np.where(varies, 2.0 * stats.t.sf(np.abs(t), degrees), 1.0)
    return p


def _size_factors(counts: npt.NDArray[np.integer]) -> Array:
    """Medians of ratios to the geometric mean over genes without a zero (Anders and Huber 2010), mean 1."""
    full = np.asarray(counts[(np.asarray(counts) > 0).all(axis=1)], dtype=np.float64)
    if len(full) < LEAST_IN_BIN:
        size = np.asarray(counts.sum(axis=0), dtype=np.float64)
    else:
        logs = np.log(full)
        size = np.exp(np.median(logs - logs.mean(axis=1, keepdims=True), axis=0))
    out: Array = size / size.mean()
    return out


def _log_cpm(counts: npt.NDArray[np.integer]) -> Array:
    return _log2(counts / _size_factors(counts))


def _log2(normal: Array) -> Array:
    """log2 CPM of counts that were brought to one library size."""
    log_cpm: Array = np.log2(normal * (1e6 / normal.sum(axis=0).mean()) + PRIOR_CPM)
    return log_cpm


def _mean_cpm(counts: npt.NDArray[np.integer]) -> Array:
    cpm: Array = counts.mean(axis=1) / counts.sum(axis=0).mean() * 1e6
    return cpm


def _by_level(level_a: Array, a: Array, level_b: Array, b: Array) -> float:
    edges = np.nanquantile(np.concatenate([level_a, level_b]), np.linspace(0, 1, LEVELS + 1)[1:-1])
    bin_a, bin_b = (np.where(np.isfinite(x), np.searchsorted(edges, x), -1) for x in (level_a, level_b))
    parts = [(a[bin_a == i], b[bin_b == i]) for i in range(LEVELS)]
    found = [_ks(x, y) for x, y in parts if min(len(x), len(y)) >= LEAST_IN_BIN]
    if not found:
        message = f"Too few genes of at least {LEAST_CPM:g} CPM to compare by level"
        raise ValueError(message)
    return float(np.mean(found))


def _ks(a: Array, b: Array) -> float:
    return float(stats.ks_2samp(a, b, method="asymp").statistic)
