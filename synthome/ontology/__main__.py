"""The command line of the ontologies.

``python -m synthome.ontology build`` makes the snapshot that is shipped; ``refresh`` fetches newer releases for this
installation, into its data folder.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from synthome.errors import OntologyError
from synthome.ontology.build import build_lists, build_official, build_packaged
from synthome.ontology.changes import in_words
from synthome.ontology.refresh import RefreshProgress, refresh
from synthome.ontology.sources import PUBLISHED
from synthome.ontology.tables import ExtraTables
from synthome.settings import REPOSITORY, settings

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0, or 1 where not everything that was asked for could be done."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except OntologyError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the ontologies in use are untouched", file=sys.stderr)
        return 130


def _build(options: argparse.Namespace) -> int:
    if options.origin == "packaged":
        build_packaged(options.out, _say, _tables())
    elif options.origin == "present":
        build_lists(options.out, _say, _tables())
    else:
        build_official(options.out, _say, _tables(), options.obo_dir)
    return 0


def _refresh(options: argparse.Namespace) -> int:
    """1 where an ontology could not be refreshed, though others were."""
    summary = refresh(options.only, report=_teller())
    for change in summary.changes:
        for line in in_words(change):
            _say(line)
    if summary.of("updated"):
        _say(f"The new releases are in {settings().refreshed_dir}; a running Synthome uses them from its next start.")
    return 1 if summary.of("kept") else 0


def _teller() -> Callable[[RefreshProgress], None]:
    """Prints a line for each step and each tenth of a file."""
    last = ""

    def tell(progress: RefreshProgress) -> None:
        nonlocal last
        words = f"{progress.phase} {progress.ontology or ''}".rstrip()
        if progress.phase == "fetching" and progress.total_bytes:
            tenths = 10 * progress.num_bytes // progress.total_bytes
            words += f", {tenths * 10} % of {progress.total_bytes / 1e6:,.1f} MB"
        if words != last:
            last = words
            _say(f"[{progress.fraction:4.0%}] {words}")

    return tell


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m synthome.ontology", description="The ontologies that Synthome uses."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_refresh(commands)
    build = commands.add_parser("build", help="build the snapshot that Synthome ships")
    build.set_defaults(run=_build)
    build.add_argument(
        "--from",
        dest="origin",
        choices=("official", "packaged", "present"),
        default="official",
        help="official: the OBO or OWL files of their makers, read with pronto (default); "
        "packaged: the package cellxgene-ontology-guide; present: the snapshot that is there, of which only genes and "
        "organisms are made anew",
    )
    build.add_argument(
        "--obo-dir", type=Path, metavar="DIR", help="official files already downloaded; without it they are fetched"
    )
    build.add_argument("--out", type=Path, default=settings().snapshot_dir, metavar="DIR", help="default: %(default)s")
    return parser


def _add_refresh(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser(
        "refresh",
        help="fetch the current official releases for this installation",
        description="Fetches the current official releases, about 400 MB for all, and uses them instead of those that "
        "Synthome ships. Releases that have not changed are not fetched again.",
    )
    command.add_argument(
        "--only", nargs="+", choices=PUBLISHED, default=PUBLISHED, metavar="NAME", help=f"of {', '.join(PUBLISHED)}"
    )
    command.set_defaults(run=_refresh)


def _tables() -> ExtraTables:
    """Those tables that are in the data folder (``SYNTHOME_SHARED``, else ``shared`` beside the repository)."""
    data = Path(os.environ.get("SYNTHOME_SHARED", REPOSITORY.parent / "shared")) / "data"

    def table(name: str) -> Path | None:
        path = data / name
        if path.is_file():
            return path
        _say(f"there is no table {path}: building without it")
        return None

    return ExtraTables(
        table("synonyms/chebi_synonyms.tsv"),
        table("synonyms/chebi_chembl.tsv"),
        table("genes/genes_grch38.tsv.gz"),
        table("samples/tcga_ACC_rsem_norm.tsv.gz"),
    )


def _say(message: str) -> None:
    print(message, flush=True)


if __name__ == "__main__":
    sys.exit(main())
