"""The bodies of the scripts that draw figures again. Each has its imports, a mark, and what follows the parameters."""

from __future__ import annotations

__all__ = ["DIFFERENTIAL", "GENES", "HEATMAP", "PCA"]

_READ = """
# Samples stand in rows, in the same order in both files; genes in columns.
counts = pd.read_csv(EXPRESSION, index_col=0)
metadata = pd.read_csv(METADATA, dtype=str, keep_default_na=False)
names = counts.index.astype(str).tolist()

# Counts per million of a sample's total, on a log scale: the pseudo-count of 1 keeps zero at zero.
totals = counts.sum(axis=1).replace(0, 1)
log_cpm = np.log2(counts.div(totals, axis=0) * 1e6 + 1)
"""

PCA = f"""
import numpy as np
import pandas as pd
import plotly.express as px

# ---
{_READ.strip()}

# The genes that the components were computed from, centred and, if asked for, scaled to unit variance.
genes = pd.read_csv(LOADINGS)["gene_id"].tolist()
values = log_cpm[genes].to_numpy()
values = values - values.mean(axis=0)
if SCALED:
    values = values / values.std(axis=0)

# Principal components are the singular vectors of that matrix; a component's largest weight shall be positive.
u, lengths, weights = np.linalg.svd(values, full_matrices=False)
largest = np.abs(weights).argmax(axis=1)
signs = np.sign(weights[np.arange(len(weights)), largest])
scores = u * lengths * signs
share = lengths**2 / (lengths**2).sum()

axes = [f"PC{{number}} ({{100 * share[number - 1]:.1f}} % of variance)" for number in COMPONENTS]
table = pd.DataFrame(scores[:, [number - 1 for number in COMPONENTS]], columns=axes)
table["sample"] = names
table[COLOUR_BY] = metadata[COLOUR_BY].replace("", "not given")
if COLOUR_BY == "age_years":  # a number, on a scale
    table[COLOUR_BY] = pd.to_numeric(metadata[COLOUR_BY], errors="coerce")

draw = px.scatter_3d if len(COMPONENTS) == 3 else px.scatter
figure = draw(
    table,
    **dict(zip("xyz", axes)),
    color=COLOUR_BY,
    hover_name="sample",
    color_discrete_sequence=COLOURS,
    template="plotly_white",
)
figure.write_html(OUTPUT)
"""

HEATMAP = f'''
import numpy as np
import pandas as pd
from plotly.subplots import make_subplots
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import pdist

# ---
{_READ.strip()}

# z-score: a gene's level in a sample less its mean over all samples, in standard deviations; zero if it never changes.
levels = log_cpm[list(GENES)].to_numpy()
varies = levels.max(axis=0) > levels.min(axis=0)
deviation = np.where(varies, levels.std(axis=0, ddof=1), 1)
z = np.where(varies, (levels - levels.mean(axis=0)) / deviation, 0)


def clustered(rows):
    """The order of the rows in which alike ones are neighbours."""
    if len(rows) < 2:
        return np.arange(len(rows))
    distance = np.nan_to_num(pdist(rows, METRIC), nan=1.0)  # a constant row correlates with none
    tree = linkage(distance, LINKAGE)
    return leaves_list(optimal_leaf_ordering(tree, distance) if len(rows) <= 300 else tree)


shown = z if VALUES == "z-score" else levels
gene_order = clustered(shown.T)
by_condition = np.argsort(pd.factorize(metadata["condition"])[0], kind="stable")
sample_order = clustered(shown) if SAMPLES == "clustered" else by_condition
shown = shown[np.ix_(sample_order, gene_order)].T
genes = [list(GENES.values())[place] for place in gene_order]
samples = [names[place] for place in sample_order]

# A strip of colours above tells the groups.
groups = metadata[TRACK].replace("", "not given")
codes, labels = pd.factorize(groups)
steps = max(len(labels), 1)
colours = [[(i + end) / steps, COLOURS[i % len(COLOURS)]] for i in range(steps) for end in (0, 1)]

across = list(range(len(samples)))  # two samples may be called the same
figure = make_subplots(rows=2, shared_xaxes=True, row_heights=[0.04, 0.96], vertical_spacing=0.01)
figure.add_heatmap(
    z=[codes[sample_order]], text=[groups.iloc[sample_order].tolist()], hovertemplate="%{{text}}<extra></extra>",
    colorscale=colours, zmin=-0.5, zmax=steps - 0.5, showscale=False, x=across, y=[TRACK], row=1, col=1,
)
limit = float(np.percentile(np.abs(z), 99)) if VALUES == "z-score" else None
figure.add_heatmap(
    z=shown, x=across, colorscale="RdBu_r" if limit else "Viridis",
    zmin=-limit if limit else None, zmax=limit, colorbar_title=VALUES, row=2, col=1,
)
figure.update_xaxes(tickvals=across, ticktext=samples, row=2, col=1)
figure.update_yaxes(tickvals=list(range(len(genes))), ticktext=genes, autorange="reversed", row=2, col=1)
figure.update_layout(height=300 + 16 * len(genes), template="plotly_white")
figure.write_html(OUTPUT)
'''

GENES = f"""
import numpy as np
import pandas as pd
import plotly.express as px

# ---
{_READ.strip()}

# One row for each gene in each sample.
chosen = (log_cpm if SCALE == "log CPM" else counts)[list(GENES)]
unit = "log2(CPM + 1)" if SCALE == "log CPM" else "counts"
long = pd.DataFrame(
    {{
        "gene": np.repeat(list(GENES.values()), len(chosen)),
        "group": np.tile(metadata[BY].replace("", "not given"), len(GENES)),
        "sample": np.tile(names, len(GENES)),
        unit: chosen.to_numpy().T.ravel(),
    }}
)
look = {{"color_discrete_sequence": COLOURS, "template": "plotly_white"}}
if KIND == "box":
    figure = px.box(long, x="gene", y=unit, color="group", points="all", hover_name="sample", **look)
elif KIND == "violin":
    figure = px.violin(long, x="gene", y=unit, color="group", points="all", hover_name="sample", **look)
elif KIND == "points":
    figure = px.strip(long, x="gene", y=unit, color="group", hover_name="sample", **look)
else:  # a dot for each gene and group: its size tells in how many samples the gene is seen, its colour how high
    long["detected"] = (counts[list(GENES)].to_numpy().T.ravel() > 0) * 1.0
    dots = long.groupby(["gene", "group"], sort=False)[[unit, "detected"]].mean().reset_index()
    figure = px.scatter(dots, x="gene", y="group", size="detected", color=unit, template="plotly_white")
figure.write_html(OUTPUT)
"""

DIFFERENTIAL = """
import numpy as np
import pandas as pd
import plotly.graph_objects as go

# ---
# Genes without a p-value could not be tested and are left out.
table = pd.read_csv(DIFFERENTIAL).dropna(subset=["p_value"])
change = table["log2_fold_change"]

# A gene is called where it passes both thresholds, and belongs to the group in which it is higher.
called = (table["adjusted_p_value"] <= MOST_ADJUSTED_P) & (change.abs() >= LEAST_LOG2_FOLD_CHANGE)
sets = {
    "not called": (~called, "#9A9DA5"),
    f"higher in {GROUP}": (called & (change > 0), "#D55E00"),
    f"higher in {REFERENCE}": (called & (change < 0), "#0072B2"),
}

# A volcano shows how clear a change is against how large; an MA plot how large it is against how high the gene.
change_title = f"log2 fold change, {GROUP} over {REFERENCE}"
mean = table["base_mean"]
level = np.log2(mean + 1) if mean.max() > 64 else mean  # means of counts are not on a log scale yet
clearness = -np.log10(table["p_value"].clip(lower=1e-300))
x, y = (change, clearness) if PLOT == "volcano" else (level, change)
titles = (change_title, "-log10 p-value") if PLOT == "volcano" else ("mean expression (log2)", change_title)

figure = go.Figure()
names = table["symbol"].fillna(table["gene_id"])
for label, (chosen, colour) in sets.items():
    figure.add_scattergl(
        x=x[chosen], y=y[chosen], text=names[chosen], mode="markers",
        name=f"{label} ({chosen.sum():,})", marker={"color": colour, "size": 5},
    )
figure.update_layout(xaxis_title=titles[0], yaxis_title=titles[1], template="plotly_white")
figure.write_html(OUTPUT)
"""
