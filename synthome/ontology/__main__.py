"""The command line of the ontologies: ``python -m synthome.ontology build`` makes the snapshot."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from synthome.errors import OntologyError
from synthome.ontology.build import build_official, build_packaged
from synthome.settings import REPOSITORY, settings

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0, or 1 where the snapshot could not be built."""
    options = _parser().parse_args(arguments)
    try:
        if options.origin == "packaged":
            build_packaged(options.out, _say, _extra_synonyms(options.chebi_synonyms))
        else:
            build_official(options.out, _say, options.obo_dir)
    except OntologyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m synthome.ontology", description="The ontologies that Synthome ships."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser("build", help="build the snapshot of UBERON, CL, MONDO, ChEBI and Cellosaurus")
    build.add_argument(
        "--from",
        dest="origin",
        choices=("official", "packaged"),
        default="official",
        help="official: the OBO or OWL files of their makers, read with pronto (default); "
        "packaged: the package cellxgene-ontology-guide",
    )
    build.add_argument(
        "--obo-dir", type=Path, metavar="DIR", help="official files already downloaded; without it they are fetched"
    )
    build.add_argument(
        "--chebi-synonyms",
        type=Path,
        metavar="TSV",
        help="packaged: table of common names of ChEBI terms, columns chebi_id and synonym "
        "(default: synonyms/chebi_synonyms.tsv in the data folder, where there is one)",
    )
    build.add_argument("--out", type=Path, default=settings().snapshot_dir, metavar="DIR", help="default: %(default)s")
    return parser


def _extra_synonyms(given: Path | None) -> Path | None:
    if given is not None:
        if not given.is_file():
            message = f"There is no table of synonyms at {given}."
            raise OntologyError(message)
        return given
    shared = Path(os.environ.get("SYNTHOME_SHARED", REPOSITORY.parent / "shared"))
    table = shared / "data" / "synonyms" / "chebi_synonyms.tsv"
    if table.is_file():
        return table
    _say(f"no table of common ChEBI names at {table}: building without them")
    return None


def _say(message: str) -> None:
    print(message, flush=True)


if __name__ == "__main__":
    sys.exit(main())
