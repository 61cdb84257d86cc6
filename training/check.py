"""``python -m training.check``: what the embedded models get right, measured against the raw data.

Prints one line a measurement. Everything is computed here and now; nothing is compared with what earlier runs printed.
The tissues that the bulk model is compared with are those it was fitted on, except under "hidden"; how it does on an
atlas it has not seen is measured by the scorecard.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from synthome.models import embedded_model
from synthome.models.embedded.context import DRAW
from synthome.models.embedded.model import EmbeddedModel, load_model
from synthome.query import read_query
from training.genes import GeneTable, build_gene_table
from training.single_cell import mean_cpm
from training.sources import CountSet, SingleCells, mapping, parts, read_count_sets, read_matrix, read_single_cells

__all__ = ["Measurement", "measure_all"]

Array = npt.NDArray[np.float64]

MARKERS = (
    ("ALB", "tissue_ontology_id", "UBERON:0002107"),
    ("INS", "tissue_ontology_id", "UBERON:0000006"),
    ("GFAP", "tissue_ontology_id", "UBERON:0002240"),
    ("UMOD", "tissue_ontology_id", "UBERON:0001225"),
    ("SFTPC", "tissue_ontology_id", "UBERON:0002048"),
    ("TG", "tissue_ontology_id", "UBERON:0002046"),
    ("KLK3", "tissue_ontology_id", "UBERON:0002367"),
    ("PRM1", "tissue_ontology_id", "UBERON:0000473"),
    ("HBG1", "cell_line_ontology_id", "CVCL_0004"),
    ("ALB", "cell_line_ontology_id", "CVCL_0027"),
    ("GFAP", "cell_type_ontology_id", "CL:0000127"),
    ("INS", "cell_type_ontology_id", "CL:0000169"),
    ("MS4A1", "cell_type_ontology_id", "CL:0000788"),
)
BLOOD_LABELS = {
    "pbmc_facs_zheng": {
        "CD14+ Monocyte": "CL:0001054",
        "CD19+ B": "CL:0000236",
        "CD34+": "CL:0008001",
        "CD4+/CD25 T Reg": "CL:0000815",
        "CD4+/CD45RA+/CD25- Naive T": "CL:0000895",
        "CD4+/CD45RO+ Memory": "CL:0000897",
        "CD56+ NK": "CL:0000623",
        "CD8+ Cytotoxic T": "CL:0000794",
        "CD8+/CD45RA+ Naive Cytotoxic": "CL:0000900",
    },
    "pbmc3k": {
        "Naive CD4 T": "CL:0000895",
        "Memory CD4 T": "CL:0000897",
        "CD14+ Mono": "CL:0001054",
        "B": "CL:0000236",
        "CD8 T": "CL:0000625",
        "FCGR3A+ Mono": "CL:0000875",
        "NK": "CL:0000623",
        "DC": "CL:0000451",
        "Platelet": "CL:0000233",
    },
}
VARYING_SETS = {
    "islets: islets": "UBERON:0000006",
    "gtex_bladder: Bladder": "UBERON:0001255",
    "gtex_skin: Skin - Not Sun Exposed (Suprapubic)": "UBERON:0036149",
}


@dataclass(frozen=True, slots=True)
class Measurement:
    """One figure, what it is beside, and what it says."""

    name: str
    value: str
    beside: str = ""


def measure_all() -> list[Measurement]:
    """Every measurement of this module."""
    genes = build_gene_table()
    bulk, cells = load_model("gem-1-bulk"), load_model("gem-1-sc")
    sets = read_single_cells()
    return [
        *measure_markers(bulk),
        *measure_sex(bulk),
        *measure_retrieval(genes, bulk),
        *measure_hidden(bulk),
        *measure_variation(genes, bulk),
        *measure_blood(genes, cells, sets),
    ]


def _expected(model: EmbeddedModel, key: str, terms: list[str], **extra: str) -> pd.DataFrame:
    """Deterministic log2(CPM + 1), terms x genes."""
    body = {
        "sampling_strategy": "mean estimation",
        "deterministic_latents": True,
        "total_count": 100_000_000,
        "inputs": [{"metadata": {key: term} | extra, "num_samples": 1} for term in terms],
    }
    counts = model.predict(read_query(body)).expression
    return _log2(counts.set_axis(terms) / 100, 1.0)


def _log2(table: pd.DataFrame, pseudo: float) -> pd.DataFrame:
    return pd.DataFrame(np.log2(table.to_numpy() + pseudo), index=table.index, columns=table.columns)


def _learned(model: EmbeddedModel, key: str) -> list[str]:
    return sorted(model.vocabulary().learned(key))


def measure_markers(model: EmbeddedModel) -> list[Measurement]:
    """Where marker genes rank first among all learned terms of their kind."""
    ids = dict(zip(model.genes["symbol"], model.genes.index, strict=True))
    tables = {key: _expected(model, key, _learned(model, key)) for key in {key for _, key, _ in MARKERS}}
    right = 0
    wrong = []
    for symbol, key, term in MARKERS:
        best = str(tables[key][ids[symbol]].idxmax())
        right += best == term
        if best != term:
            wrong.append(f"{symbol}: {model.vocabulary().label(best)}")
    return [Measurement("markers that peak where they should", f"{right} of {len(MARKERS)}", "; ".join(wrong))]


def measure_sex(model: EmbeddedModel) -> list[Measurement]:
    """Samples whose sex the usual rule (Y genes against XIST) reads right."""
    body = {
        "sampling_strategy": "sample generation",
        "seed": 5,
        "inputs": [
            {"metadata": {"tissue_ontology_id": tissue, "sex": sex}, "num_samples": 20}
            for tissue in ("UBERON:0002107", "UBERON:0000955", "UBERON:0002048", "UBERON:0000178", "UBERON:0001155")
            for sex in ("female", "male")
        ],
    }
    prediction = model.predict(read_query(body))
    ids = dict(zip(prediction.genes["symbol"], prediction.genes.index, strict=True))
    y = prediction.expression[[ids[s] for s in ("RPS4Y1", "DDX3Y", "EIF1AY", "KDM5D", "UTY")]].sum(axis=1)
    read = np.where(prediction.expression[ids["XIST"]] > y, "female", "male")
    right = float((read == prediction.metadata["sex"].to_numpy()).mean())
    return [Measurement("sex read right from XIST and Y genes", f"{right:.3f}", "200 samples of five tissues")]


def measure_retrieval(genes: GeneTable, model: EmbeddedModel) -> list[Measurement]:
    """Generated samples of each GTEx tissue whose nearest real profile is their own."""
    rows = mapping("tissues")
    breadth = rows["uberon_id"].map(rows["uberon_id"].value_counts())
    rows = rows[(rows["source"] == "gtex_counts") & (rows["uberon_id"] != "")].assign(breadth=breadth)
    # The narrowest term of each sub-tissue: "skin of leg" rather than "skin".
    rows = rows.sort_values(["breadth", "uberon_id"]).drop_duplicates("column")
    real = genes.ensembl_rows(read_matrix("tissues/gtex_subtissue_counts.tsv.gz"))[rows["column"]]
    known = real.notna().all(axis=1).to_numpy()
    real = _log2(real[known] / real.sum() * 1e6, 1.0)
    body = {
        "sampling_strategy": "sample generation",
        "seed": 7,
        "inputs": [{"metadata": {"tissue_ontology_id": term}, "num_samples": 3} for term in rows["uberon_id"]],
    }
    counts = model.predict(read_query(body)).expression.to_numpy()[:, known]
    made = np.log2(counts / counts.sum(axis=1, keepdims=True) * 1e6 + 1).T
    similarity = np.corrcoef((made - made.mean(axis=1, keepdims=True)).T, real.sub(real.mean(axis=1), axis=0).T)
    similarity = similarity[: made.shape[1], made.shape[1] :]
    nearest = rows["column"].to_numpy()[similarity.argmax(axis=1)]
    own = np.repeat(rows["column"].to_numpy(), 3)
    coarse = np.array([name.split(" - ")[0] for name in nearest]) == np.array([name.split(" - ")[0] for name in own])
    return [
        Measurement(
            "samples nearest to their own GTEx sub-tissue", f"{(nearest == own).mean():.3f}", f"{len(own)} samples"
        ),
        Measurement("samples nearest to their own organ", f"{coarse.mean():.3f}", f"{len(rows)} sub-tissues"),
    ]


def measure_hidden(model: EmbeddedModel) -> list[Measurement]:
    """Each learned tissue predicted from its learned relatives, those that rest on the same samples left out too."""
    key = "tissue_ontology_id"
    family = model.vocabulary().family(key)
    if family is None:
        return []
    theta = {term: family.theta(term) for term in family.ids}
    kin = _terms_of_the_same_samples()
    ratios, correlations = [], []
    for term in family.ids:
        hidden = kin[term]
        near = model.vocabulary().neighbours(key, term, hidden)
        rest = [t for t in family.ids if t not in hidden]
        if not near:
            continue
        average = np.mean([theta[t] for t in rest], axis=0)
        mean = np.average([theta[n.id] for n in near], axis=0, weights=[n.weight for n in near])
        guess = average + near[0].proximity ** DRAW * (mean - average)
        ratios.append(np.sqrt(((guess - theta[term]) ** 2).mean() / ((average - theta[term]) ** 2).mean()))
        correlations.append(np.corrcoef(guess - average, theta[term] - average)[0, 1])
    share = f"{len(ratios)} of {len(family.ids)} tissues have near enough relatives"
    beside = f"mean; {share}; centred r {np.median(correlations):.2f}"
    return [Measurement("hidden tissue: RMSE beside the average tissue's", f"{np.mean(ratios):.2f}", beside)]


def _terms_of_the_same_samples() -> dict[str, set[str]]:
    """For each tissue all that share a column of a source with it, itself among them."""
    rows = mapping("tissues")
    rows = rows[rows["uberon_id"] != ""]
    columns = {term: set(zip(part["source"], part["column"], strict=True)) for term, part in parts(rows, "uberon_id")}
    return {term: {other for other in columns if columns[other] & mine} for term, mine in columns.items()}


def measure_variation(genes: GeneTable, model: EmbeddedModel) -> list[Measurement]:
    """Spread of log2 CPM over generated and real samples of the same tissue."""
    out = []
    for source in read_count_sets():
        for group, term in VARYING_SETS.items():
            if not group.startswith(f"{source.name}:"):
                continue
            real = _log_cpm(genes, source, group)
            body = {
                "sampling_strategy": "sample generation",
                "seed": 3,
                "total_count": int(source.counts.sum().median()),
                "inputs": [{"metadata": {"tissue_ontology_id": term}, "num_samples": 60}],
            }
            counts = model.predict(read_query(body)).expression.to_numpy().T.astype(float)
            telling = genes.table["symbol"].isin(["XIST", "TSIX"]) | genes.table["chromosome"].isin(["Y", "MT"])
            chosen = np.isfinite(real[:, 0]) & (~telling).to_numpy()
            made = np.log2(counts / counts.sum(axis=0) * 1e6 + 0.5)
            expressed = chosen & (np.nan_to_num(real.mean(axis=1)) > 3)
            sd_real, sd_made = real[expressed].std(axis=1, ddof=1), made[expressed].std(axis=1, ddof=1)
            r = np.corrcoef(np.log(sd_real + 0.01), np.log(sd_made + 0.01))[0, 1]
            out.append(
                Measurement(
                    f"spread of {group}",
                    f"median SD {np.median(sd_made):.2f} made, {np.median(sd_real):.2f} real",
                    f"90 % quantile {np.quantile(sd_made, 0.9):.2f} and {np.quantile(sd_real, 0.9):.2f}; "
                    f"r of log SD over genes {r:.2f}; {real.shape[1]} real samples",
                )
            )
    return out


def _log_cpm(genes: GeneTable, source: CountSet, group: str) -> Array:
    counts = genes.ensembl_rows(source.counts.loc[:, (source.group == group).to_numpy()])
    nuclear = counts[~(genes.table["chromosome"] == "MT")].reindex(genes.ids).to_numpy()
    log_cpm: Array = np.log2(nuclear / np.nansum(nuclear, axis=0) * 1e6 + 0.5)
    return log_cpm


def measure_blood(genes: GeneTable, model: EmbeddedModel, sets: list[SingleCells]) -> list[Measurement]:
    """Profiles of the single-cell model against summed raw counts of labelled blood cells that they were not fitted on.

    (Raw blood counts fill the few genes that no atlas has, and give the latents; those genes are left out here.)
    """
    out = []
    for cells in sets:
        labels = BLOOD_LABELS.get(cells.name)
        if labels is None:
            continue
        real = mean_cpm(genes, cells)[list(labels)]
        known = real.notna().all(axis=1).to_numpy() & (real.max(axis=1) > 30).to_numpy()
        known &= ~_filled_from_raw(genes)
        real = _log2(real[known] / real[known].sum() * 1e6, 10.0)
        made = _expected(model, "cell_type_ontology_id", list(labels.values())).T[known]
        made = _log2((2**made - 1) / (2**made - 1).sum() * 1e6, 10.0)
        made.columns = real.columns
        raw = [np.corrcoef(real[c], made[c])[0, 1] for c in real.columns]
        a, b = real.sub(real.mean(axis=1), axis=0), made.sub(made.mean(axis=1), axis=0)
        grid = np.corrcoef(a.T, b.T)[: len(labels), len(labels) :]
        nearest = (grid.argmax(axis=1) == np.arange(len(labels))).sum()
        out.append(
            Measurement(
                f"blood cells of {cells.name}",
                f"centred r {np.median(np.diag(grid)):.2f}",
                f"own type nearest for {nearest} of {len(labels)}; uncentred r {np.median(raw):.2f}",
            )
        )
    return out


def _filled_from_raw(genes: GeneTable) -> npt.NDArray[np.bool_]:
    library = genes.ensembl_rows(read_matrix("cell_types/cell_profile_library_cpm.tsv.gz"))
    return (library.notna().mean(axis=1) < 0.3).to_numpy()


def main() -> None:
    """Print the measurements."""
    embedded_model("gem-1-bulk")
    for measurement in measure_all():
        sys.stdout.write(
            f"{measurement.name}: {measurement.value}"
            + (f" ({measurement.beside})" if measurement.beside else "")
            + "\n"
        )


if __name__ == "__main__":
    main()
