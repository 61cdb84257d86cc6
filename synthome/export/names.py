"""Names of downloaded files."""

from __future__ import annotations

import re
import unicodedata

from synthome.prediction import Prediction

__all__ = ["file_name"]

_LONGEST = 80


def file_name(source: Prediction | str, what: str, extension: str) -> str:
    """A file name that every system accepts: ASCII letters, digits, hyphens, and underscores between its parts.

    Parameters
    ----------
    source : Prediction or str
        A title; a prediction is titled by its conditions.
    what : str
        What the file holds, such as ``expression``.
    extension : str
        With or without its dot.

    Examples
    --------
    >>> file_name("Liver vs. cerebral cortex", "expression", "csv")
    'liver-vs-cerebral-cortex_expression.csv'
    >>> file_name("肝臓", "PCA plot", ".svg")
    'synthome_pca-plot.svg'
    """
    title = source if isinstance(source, str) else _title(source.condition_names)
    slug = _slug(title)[:_LONGEST].rstrip("-") or "synthome"
    return f"{slug}_{_slug(what)}.{_slug(extension)}"


def _title(names: tuple[str, ...]) -> str:
    if len(names) <= 3:
        return " vs ".join(names)
    return f"{names[0]} and {len(names) - 1} more"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
