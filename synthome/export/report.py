"""A run as one page to keep, to print and to pass on: it needs no network and no other file."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from plotly.io import to_html
from plotly.offline import get_plotlyjs

from synthome.analysis.figures import FONT
from synthome.analysis.figures.words import is_given, key_label
from synthome.analysis.quality import Quality
from synthome.export.about import NOTICE, about_text
from synthome.export.figure_files import export_layout
from synthome.export.methods import Methods, methods
from synthome.export.standard_figures import FirstLook, first_look
from synthome.export.takeaway import Takeaway
from synthome.prediction import GROUP, ConditionProvenance
from synthome.query.support import Support
from synthome.wording import counted

__all__ = ["report_html"]

_MOST_ROWS = 200
"""More conditions than that are listed in the metadata alone."""
_CONFIG = {"displaylogo": False, "responsive": True}
_STYLE = f"""
body {{ margin: 0 auto; padding: 24px 16px; max-width: 60rem; color: #1d2a2c; background: #fff; line-height: 1.5;
       font-family: {FONT}; }}
h1 {{ font-size: 1.7rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }}
h2 {{ font-size: 1.2rem; margin: 2rem 0 .5rem; }}
h3 {{ font-size: 1rem; margin: 1.25rem 0 .25rem; }}
.notice {{ border-left: 4px solid #B2301B; padding: .5rem .75rem; background: #fbf1ef; }}
.quiet {{ color: #56646a; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-size: .9rem; }}
th, td {{ text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid #dde5e5; }}
td.number {{ text-align: right; font-variant-numeric: tabular-nums; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; font-size: .8rem; background: #f4f7f7; padding: .75rem; }}
figure {{ margin: 0 0 1.5rem; break-inside: avoid; }}
figcaption {{ color: #56646a; font-size: .9rem; }}
li, td, p {{ overflow-wrap: anywhere; }}
@media print {{
  body {{ max-width: none; padding: 0; font-size: 10pt; }}
  h2, h3 {{ break-after: avoid; }}
  tr {{ break-inside: avoid; }}
  .modebar {{ display: none; }}
}}
"""
_STATUS = {
    "known": "learned from data",
    "extrapolated": "extrapolated",
    "no effect": "no effect on the numbers",
    "refused": "refused",
    "unchecked": "decided by the service",
}


def report_html(taken: Takeaway, look: FirstLook | None = None) -> bytes:
    """The report: what was asked, what the model made of it, figures, quality, methods, and where it comes from.

    Whatever a user has written is shown as text. ``look`` is computed where it is not given.
    """
    look = look or first_look(taken)
    body = "\n".join(_body(taken, look))
    page = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(taken.title)}</title>\n<style>{_STYLE}</style>\n<script>{get_plotlyjs()}</script>\n"
        f"</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
    return page.encode()


def _body(taken: Takeaway, look: FirstLook) -> Iterator[str]:
    prediction = taken.prediction
    source = prediction.provenance
    yield f"<h1>{_text(taken.title)}</h1>"
    summary = [
        counted(len(prediction.expression), "sample"),
        counted(len(prediction.condition_names), "condition"),
        counted(prediction.expression.shape[1], "gene"),
        f"{source.model_id}, {source.model_version}, {source.answered_by}",
        *([f"seed {source.seed}"] if source.seed is not None else []),
        f"report of {date.today().isoformat()}",
    ]
    yield f'<p class="quiet">{_text(" · ".join(summary))}</p>'
    yield f'<p class="notice">{_text(NOTICE)}</p>'
    yield from _beware(taken)
    yield "<h2>What the samples were told to be</h2>" if taken.told else "<h2>What was asked</h2>"
    yield _asked(taken)
    yield from _applied(taken)
    yield "<h2>Figures</h2>"
    for figure in look.figures:
        yield (
            f"<figure><h3>{_text(figure.heading)}</h3>{_drawn(figure.chart, figure.sentence)}"
            f"<figcaption>{_text(figure.sentence)}</figcaption></figure>"
        )
    if look.components.degenerate:
        yield f"<p>{_text(look.components.degenerate)}</p>"
    yield "<h2>Quality</h2>"
    yield _quality(taken, look.found)
    yield from _methods(methods(taken, look.analyses))
    yield f"<h2>Provenance</h2><pre>{_text(about_text(prediction))}</pre>"


def _beware(taken: Takeaway) -> Iterator[str]:
    source = taken.prediction.provenance
    warnings = dict.fromkeys([*source.warnings, *(w for c in source.conditions for w in c.warnings)])
    notes = dict.fromkeys(note for condition in source.conditions for note in condition.notes)
    if warnings or notes:
        yield "<h2>To know before use</h2>" + _listed([*warnings, *notes])


def _asked(taken: Takeaway) -> str:
    """One row a condition; of samples told what they are, one row a sample."""
    prediction = taken.prediction
    keys = [str(key) for key in prediction.metadata.columns]
    if taken.told:
        firsts, names = list(range(len(prediction.expression))), list(prediction.sample_names)
        counts = [1] * len(firsts)
    else:
        sizes = np.bincount(prediction.condition, minlength=len(prediction.condition_names))
        present = [place for place in range(len(sizes)) if sizes[place]]
        firsts = [int(np.argmax(prediction.condition == place)) for place in present]
        names, counts = [prediction.condition_names[place] for place in present], [int(sizes[p]) for p in present]
        keys = [key for key in keys if key != GROUP]  # groups are of samples, not of conditions
    rows = [
        [name, f"{count:,}", *(_value(prediction.metadata[key].iloc[first], taken) for key in keys)]
        for name, count, first in zip(names, counts, firsts, strict=True)
    ]
    return _table(["Condition", "Samples", *map(key_label, keys)], rows, numbers={1})


def _value(value: object, taken: Takeaway) -> str:
    if not is_given(value):
        return ""
    label = taken.labels.get(str(value))
    return f"{label} ({value})" if label and label != str(value) else str(value)


def _applied(taken: Takeaway) -> Iterator[str]:
    prediction = taken.prediction
    told = list(zip(prediction.condition_names, prediction.provenance.conditions, strict=False))
    rows = [row for name, condition in told for row in _supports(name, condition, taken)]
    if rows:
        yield "<h2>What was applied</h2>" + _table(["Condition", "Key", "Value", "How", "Why"], rows)


def _supports(name: str, condition: ConditionProvenance, taken: Takeaway) -> Iterator[list[str]]:
    for support in condition.supports:
        yield [name, key_label(support.key), _value(support.value, taken), _how(support, taken), support.reason]


def _how(support: Support, taken: Takeaway) -> str:
    how = _STATUS[support.status]
    if support.status != "extrapolated":
        return how
    relatives = ", ".join(taken.labels.get(relative, relative) for relative in support.relatives)
    return f"{how}{f' from {relatives}' if relatives else ''}, confidence {support.confidence:.2f}"


def _quality(taken: Takeaway, found: Quality) -> str:
    """Medians of each condition: samples are in the table of qualities."""
    prediction = taken.prediction
    rows = []
    for place, name in enumerate(prediction.condition_names):
        of = np.flatnonzero(prediction.condition == place)
        if len(of):
            rows.append(
                [
                    name,
                    f"{np.median(found.library_size[of]):,.0f}",
                    f"{np.median(found.detected[of]):,.0f}",
                    _percent(found.mitochondrial[of]),
                    _percent(found.top[of]),
                ]
            )
    head = ["Condition", "Library size", "Genes detected", "Mitochondrial", "In the 50 most abundant genes"]
    return f'<p class="quiet">Medians over samples.</p>{_table(head, rows, numbers={1, 2, 3, 4})}'


def _percent(shares: npt.NDArray[np.float64]) -> str:
    """The median of them; "unknown" where no gene of the kind is known."""
    median = float(np.median(shares))
    return "unknown" if np.isnan(median) else f"{100 * median:.1f} %"


def _methods(text: Methods) -> Iterator[str]:
    yield "<h2>Methods</h2>"
    for heading, paragraph in text.sections:
        yield f"<h3>{_text(heading)}</h3><p>{_text(paragraph)}</p>"
    if text.citations:
        works = [f'{_text(work.full)} <a href="{_text(work.url)}">{_text(work.doi)}</a>' for work in text.citations]
        yield "<h2>References</h2><ul>" + "".join(f"<li>{work}</li>" for work in works) + "</ul>"


def _drawn(chart: go.Figure, sentence: str) -> str:
    paper = go.Figure(chart)
    paper.update_layout(export_layout("light"), overwrite=True)
    drawn = to_html(paper, full_html=False, include_plotlyjs=False, config=_CONFIG)
    return f'<div class="wide" role="img" aria-label="{_text(sentence)}">{drawn}</div>'


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Iterable[int] = ()) -> str:
    right = set(numbers)
    titles = "".join(f"<th>{_text(cell)}</th>" for cell in head)
    lines = [
        "".join(
            f'<td class="number">{_text(cell)}</td>' if place in right else f"<td>{_text(cell)}</td>"
            for place, cell in enumerate(row)
        )
        for row in rows[:_MOST_ROWS]
    ]
    more = len(rows) - _MOST_ROWS
    rest = f'<p class="quiet">and {more:,} more rows</p>' if more > 0 else ""
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="wide"><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>{rest}'


def _listed(sentences: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{_text(sentence)}</li>" for sentence in sentences) + "</ul>"


def _text(words: object) -> str:
    return html.escape(str(words))
