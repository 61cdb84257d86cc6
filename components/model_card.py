"""The model card of this checkout, read as sections that links can name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from synthome.settings import REPOSITORY

__all__ = ["CardSection", "ModelCard", "model_card", "read_card"]

_PATH = REPOSITORY / "docs" / "MODEL_CARD.md"
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_ANCHOR = re.compile(r"""<a\s+(?:id|name)=["']([\w-]+)["']\s*/?>(?:\s*</a>)?""")
_BRACED = re.compile(r"\{#([\w-]+)\}")
_CODE = re.compile(r"`([\w-]+)`")
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)
"""Marks of the scorecard between which it writes its tables; Streamlit would show them."""
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:)([^)\s]+)\)")


@dataclass(frozen=True, slots=True)
class CardSection:
    """A heading and all beneath it, smaller headings included. ``anchors`` are the names that links may use."""

    title: str
    level: int
    anchors: frozenset[str]
    text: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The card: its title, what stands before the first section, and its sections of every level in order."""

    title: str
    introduction: str
    sections: tuple[CardSection, ...]

    def section(self, anchor: str) -> CardSection | None:
        """The section that ``anchor`` names: a metadata key, or the heading as GitHub would link it."""
        return next((section for section in self.sections if anchor in section.anchors), None)


def model_card() -> ModelCard:
    """The card as it stands in ``docs/MODEL_CARD.md``."""
    return _read_file(_PATH, _PATH.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read_file(path: Path, _changed: int) -> ModelCard:
    return read_card(path.read_text(encoding="utf-8"))


def read_card(markdown: str) -> ModelCard:
    r"""Take a card apart.

    A heading is named by its words, by an ``<a id="...">`` in or right above it, by ``{#...}`` behind it, and by what
    it holds in backquotes.

    >>> card = read_card("# Card\nHello.\n## Age (`age_years`)\nA decade.\n### Check\nNone.\n## Sex\nBoth.\n")
    >>> card.title, card.introduction, [section.title for section in card.sections]
    ('Card', 'Hello.', ['Age', 'Check', 'Sex'])
    >>> card.section("age_years").text
    'A decade.\n### Check\nNone.'
    """
    lines = _COMMENT.sub("", markdown).splitlines()
    heads = _headings(lines)
    title = next((title for _, level, title, _ in heads if level == 1), "")
    heads = [head for head in heads if head[1] > 1]
    first = heads[0][0] if heads else len(lines)
    introduction = [line for line in lines[:first] if not line.startswith("# ")]
    sections = []
    for place, (line, level, words, anchors) in enumerate(heads):
        end = next((other[0] for other in heads[place + 1 :] if other[1] <= level), len(lines))
        sections.append(CardSection(words, level, anchors, _body(lines[line + 1 : end])))
    return ModelCard(title, _body(introduction), tuple(sections))


def _headings(lines: list[str]) -> list[tuple[int, int, str, frozenset[str]]]:
    """Line, level, words and names of each heading outside code."""
    found = []
    fenced = False
    above: list[str] = []
    for number, line in enumerate(lines):
        if line.startswith("```"):
            fenced = not fenced
        heading = None if fenced else _HEADING.match(line)
        if heading is None:
            if line.strip():
                above = _ANCHOR.findall(line)
            continue
        words = heading.group(2)
        names = {*above, *_ANCHOR.findall(words), *_BRACED.findall(words), *_CODE.findall(words)}
        title = _title(words)
        found.append((number, len(heading.group(1)), title, frozenset({*names, _slug(title), _slug(words)})))
        above = []
    return found


def _title(words: str) -> str:
    """A heading without the names that it carries, unless they are all that it says."""
    plain = _BRACED.sub("", _ANCHOR.sub("", words)).strip()
    bare = re.sub(r"\s*\(\s*(?:`[\w-]+`[,\s]*(?:and\s+)?)+\)", "", plain).strip()
    return (bare or plain).replace("`", "")


def _slug(words: str) -> str:
    """The anchor that GitHub makes of a heading.

    >>> _slug("Where they fail"), _slug("tissue_ontology_id")
    ('where-they-fail', 'tissue_ontology_id')
    """
    return re.sub(r"[^\w\- ]", "", words.lower()).strip().replace(" ", "-")


def _body(lines: list[str]) -> str:
    """Markdown as a page can show it: without anchors, and with links that lead somewhere."""
    text = "\n".join(line for line in lines if not (_ANCHOR.search(line) and not _ANCHOR.sub("", line).strip()))
    return _LINK.sub(_link, text).strip()


def _link(match: re.Match[str]) -> str:
    words, target = match.groups()
    return f"[{words}](model_card?section={target[1:]})" if target.startswith("#") else words
