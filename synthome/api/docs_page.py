"""The API's documentation as one page of plain HTML, readable without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

__all__ = ["docs_page"]

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; color: #1c2430 }
h2 { font-size: 1.1rem; margin: 2rem 0 .25rem } code, pre { font-family: ui-monospace, monospace; font-size: .9em }
pre { background: #f3f5f8; padding: .75rem; overflow: auto; border-radius: 6px }
table { border-collapse: collapse } td { padding: .15rem 1rem .15rem 0; vertical-align: top }
@media (prefers-color-scheme: dark) { body { background: #12161c; color: #dfe5ee } pre { background: #1c2430 } }
"""


def docs_page(openapi: dict[str, Any], root: str) -> str:
    """``openapi`` for people: each route with its parameters, then the schemas. ``root`` is where it is mounted."""
    info = openapi["info"]
    sections = [section for path, item in openapi["paths"].items() for section in _operations(f"{root}{path}", item)]
    schemas = json.dumps(openapi.get("components", {}).get("schemas", {}), indent=2)
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(info['title'])} API</title>"
        f"<meta name='viewport' content='width=device-width'><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(info['title'])} API {escape(info['version'])}</h1><p>{escape(info.get('description', ''))}</p>"
        f"<p>Machine-readable: <a href='{escape(root)}/openapi.json'>openapi.json</a></p>"
        f"{''.join(sections)}<h2>Schemas</h2><pre>{escape(schemas)}</pre></body></html>"
    )


def _operations(path: str, item: dict[str, Any]) -> Iterator[str]:
    for method, operation in item.items():
        rows = "".join(_parameter(parameter) for parameter in operation.get("parameters", ()))
        yield (
            f"<h2><code>{escape(method.upper())} {escape(path)}</code></h2>"
            f"<p>{escape(operation.get('description', ''))}</p>{f'<table>{rows}</table>' if rows else ''}"
        )


def _parameter(parameter: dict[str, Any]) -> str:
    note = parameter.get("description", "required" if parameter.get("required") else "optional")
    return f"<tr><td><code>{escape(parameter['name'])}</code></td><td>{escape(note)}</td></tr>"
