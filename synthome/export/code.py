"""The query as code of the official clients: Python with pysynthbio, R with rsynthbio."""

from __future__ import annotations

import json
import pprint
from typing import Any

__all__ = ["python_code", "r_code"]

_WIDTH = 100


def python_code(query: dict[str, Any] | str, model_id: str, server: str = "") -> str:
    """A script that asks ``query`` with pysynthbio and saves what it gets.

    Parameters
    ----------
    query : dict or str
        The contract's JSON object (see :meth:`~synthome.query.Query.to_contract`), or the name of the JSON file that
        it shall be read from, where it is too long to be read by people.
    server : str
        Address of a running Synthome or container; empty asks the hosted service.
    """
    where = f"\nos.environ[{_py('SYNTHESIZE_API_BASE_URL')}] = {_py(server)}" if server else ""
    key = "any" if server else "your key"
    if isinstance(query, str):
        imports, written = "import json\nimport os", f"json.load(open({_py(query)}))"
    else:
        imports, written = "import os", pprint.pformat(query, width=_WIDTH, sort_dicts=False)
    return f"""# pip install pysynthbio
{imports}

os.environ["SYNTHESIZE_API_KEY"] = {_py(key)}{where}

import pysynthbio

query = {written}
result = pysynthbio.predict_query(query, model_id={_py(model_id)})

result["metadata"].to_csv("metadata.csv")
result["expression"].to_csv("expression.csv")
print(result["expression"].shape)
"""


def r_code(query: dict[str, Any] | str, model_id: str, server: str = "") -> str:
    """A script that asks ``query`` with rsynthbio and saves what it gets; parameters as in :func:`python_code`."""
    asked = f"model_id = {_r(model_id)}" + (f", api_base_url = {_r(server)}" if server else "")
    key = "any" if server else "your key"
    from_file = f"jsonlite::read_json({_r(query)}, simplifyVector = TRUE, simplifyDataFrame = FALSE)"
    return f"""# install.packages("rsynthbio")
library(rsynthbio)

set_synthesize_token(token = {_r(key)})

query <- {from_file if isinstance(query, str) else _r(query)}
result <- predict_query(query, {asked})

write.csv(result$metadata, "metadata.csv")
write.csv(result$expression, "expression.csv")
dim(result$expression)
"""


def _py(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _r(value: object, depth: int = 0) -> str:
    """``value`` as R writes it: objects are named lists, arrays of plain values vectors, other arrays lists."""
    indent, inner = "  " * depth, "  " * (depth + 1)
    if isinstance(value, dict):
        parts = [f"{inner}{_r_name(key)} = {_r(part, depth + 1)}" for key, part in value.items()]
        return "list(\n" + ",\n".join(parts) + f"\n{indent})" if parts else "list()"
    if isinstance(value, (list, tuple)):
        if value and not any(isinstance(part, (dict, list, tuple)) for part in value):
            return f"c({', '.join(_r(part) for part in value)})"
        parts = [f"{inner}{_r(part, depth + 1)}" for part in value]
        return "list(\n" + ",\n".join(parts) + f"\n{indent})" if parts else "list()"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return f"{value}L" if abs(value) < 2**31 else str(value)
    # A string of JSON is one of R too, but for the escape of a slash, which JSON never needs.
    return json.dumps(value, ensure_ascii=False)


def _r_name(name: str) -> str:
    return name if name.isidentifier() else f"`{name}`"
