"""The API's documentation as one page of plain HTML, readable without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

__all__ = ["docs_page"]

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430 }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .25rem } h3 { font-size: 1rem; margin: 1rem 0 .25rem }
code, pre { font-family: ui-monospace, monospace; font-size: .9em } summary { cursor: pointer }
pre { background: #f3f5f8; padding: .75rem; overflow: auto; border-radius: 6px }
table { border-collapse: collapse } td { padding: .15rem 1rem .15rem 0; vertical-align: top }
@media (prefers-color-scheme: dark) { body { background: #12161c; color: #dfe5ee } pre { background: #1c2430 } }
"""


def docs_page(openapi: dict[str, Any], root: str) -> str:
    """``openapi`` for people: each route with all that may be sent and answered. ``root`` is where it is mounted."""
    info = openapi["info"]
    sections = [section for path, item in openapi["paths"].items() for section in _operations(f"{root}{path}", item)]
    schemas = "".join(
        _folded(f"<code>{escape(name)}</code>", schema)
        for name, schema in openapi.get("components", {}).get("schemas", {}).items()
    )
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(info['title'])} API</title>"
        f"<meta name='viewport' content='width=device-width'><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1><p>{_text(info.get('description', ''))}</p>"
        f"<p>Machine-readable: <a href='{escape(root)}/openapi.json'>openapi.json</a></p>"
        f"{''.join(sections)}<h2>Schemas</h2>{schemas}</body></html>"
    )


def _operations(path: str, item: dict[str, Any]) -> Iterator[str]:
    for method, operation in item.items():
        yield (
            f"<h2><code>{escape(method.upper())} {escape(path)}</code></h2>"
            f"<p>{_text(operation.get('description', ''))}{_key_note(operation)}</p>"
            f"{_table(_parameter(parameter) for parameter in operation.get('parameters', ()))}"
            f"{_body(operation.get('requestBody'))}"
            f"<h3>Answers</h3>{_table(_answer(*answer) for answer in operation['responses'].items())}"
            f"{''.join(_content(answer) for answer in operation['responses'].values())}"
        )


def _key_note(operation: dict[str, Any]) -> str:
    """Whether a key must be sent; nothing where it may be left out."""
    needed = operation.get("security") and {} not in operation["security"]
    return " Needs a key: <code>Authorization: Bearer …</code>." if needed else ""


def _parameter(parameter: dict[str, Any]) -> tuple[str, str]:
    note = parameter.get("description", "required" if parameter.get("required") else "optional")
    return parameter["name"], note


def _answer(code: str, answer: dict[str, Any]) -> tuple[str, str]:
    headers = "".join(
        f" Header `{name}`: {header['description']}" for name, header in answer.get("headers", {}).items()
    )
    return code, answer["description"] + headers


def _body(body: dict[str, Any] | None) -> str:
    return "" if body is None else f"<h3>Body</h3><p>{_text(body.get('description', ''))}</p>{_content(body)}"


def _content(part: dict[str, Any]) -> str:
    """The examples of a body or an answer, folded."""
    examples = [
        _folded(f"Example: {escape(name)}. {_text(example.get('description', ''))}", example["value"])
        for content in part.get("content", {}).values()
        for name, example in content.get("examples", {}).items()
    ]
    return "".join(examples)


def _folded(title: str, content: object) -> str:
    text = json.dumps(content, indent=2, ensure_ascii=False)
    return f"<details><summary>{title}</summary><pre>{escape(text)}</pre></details>"


def _table(rows: Iterator[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><td><code>{escape(name)}</code></td><td>{_text(note)}</td></tr>" for name, note in rows)
    return f"<table>{cells}</table>" if cells else ""


def _text(text: str) -> str:
    """``text`` as HTML, its words between backticks as code."""
    parts = [escape(part) for part in text.split("`")]
    return "".join(f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(parts))
