"""The snapshot is built from official files, given or downloaded, or from the package."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from synthome.errors import OntologyError
from synthome.ontology import ONTOLOGIES, Ontology, Synonym, Term
from synthome.ontology.__main__ import main
from synthome.ontology.build import build_lists, build_official, tidy
from synthome.ontology.packaged import read_packaged
from synthome.ontology.snapshot import Row, Snapshot
from synthome.ontology.sources import PUBLISHED, SOURCES, Source
from synthome.ontology.tables import ExtraTables
from synthome.ontology.terms import full_id
from synthome.settings import REPOSITORY

UBERON = """format-version: 1.2
data-version: uberon/releases/2026-04-01/uberon.owl
ontology: uberon

[Term]
id: UBERON:0000001
name: body

[Term]
id: UBERON:0000002
name: liver
def: "A large gland." [TEST:1]
synonym: "hepar" EXACT []
synonym: "liver gland" RELATED []
alt_id: UBERON:0000009
is_a: UBERON:0000004 ! gland
relationship: part_of UBERON:0000001 ! body
relationship: develops_from UBERON:0000003 ! bud

[Term]
id: UBERON:0000003
name: liver bud

[Term]
id: UBERON:0000004
name: gland

[Term]
id: UBERON:0000005
name: obsolete obsolete: hepatic thing
is_obsolete: true
replaced_by: UBERON:0000002

[Term]
id: GO:0000001
name: something else

[Typedef]
id: part_of
name: part of
xref: BFO:0000050

[Typedef]
id: develops_from
name: develops from
"""
CL = """format-version: 1.2
ontology: cl
data-version: 2026-03-26

[Term]
id: CL:0000001
name: cell
"""
CVCL = """format-version: 1.2
ontology: Cellosaurus
data-version: 55.0

[Term]
id: CVCL_0030
name: HeLa
synonym: "Hela" RELATED []

[Term]
id: CVCL_0058
name: HeLa S3
relationship: derived_from CVCL_0030 ! HeLa

[Typedef]
id: derived_from
name: derived from
"""
MONDO = CL.replace("CL:", "MONDO:").replace("ontology: cl", "ontology: mondo").replace("name: cell", "name: disease")
CHEBI = CL.replace("CL:000000", "CHEBI:").replace("ontology: cl", "ontology: chebi").replace("cell", "water")
STAGE = CL.replace("CL:", "HsapDv:").replace("ontology: cl", "ontology: hsapdv").replace("cell", "adult stage")
ANCESTRY = CL.replace("CL:", "HANCESTRO:").replace("ontology: cl", "ontology: hancestro").replace("cell", "European")


@pytest.fixture
def obo_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "obo"
    folder.mkdir()
    files = {"uberon": UBERON, "cl": CL, "mondo": MONDO, "cellosaurus": CVCL, "hsapdv": STAGE, "hancestro": ANCESTRY}
    for name, text in files.items():
        (folder / f"{name}.obo").write_text(text, encoding="utf-8")
    (folder / "chebi.obo.gz").write_bytes(gzip.compress(CHEBI.encode()))
    return folder


@pytest.fixture
def server(obo_dir: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=obo_dir)) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


def sources_at(address: str) -> dict[str, Source]:
    return {name: replace(source, url=f"{address}/{source.filename}") for name, source in SOURCES.items()}


def test_terms_of_an_obo_file_keep_names_scopes_parents_and_replacements(obo_dir: Path, tmp_path: Path) -> None:
    build_official(tmp_path / "out", print, ExtraTables(), obo_dir)
    terms = {term.id: term for term in Snapshot(tmp_path / "out").terms("UBERON")}
    assert set(terms) == {f"UBERON:000000{n}" for n in (1, 2, 3, 4, 5, 9)}
    assert terms["UBERON:0000002"] == Term(
        "UBERON:0000002",
        "liver",
        "UBERON",
        (Synonym("hepar", "EXACT"), Synonym("liver gland", "RELATED")),
        ("UBERON:0000001", "UBERON:0000004"),
        "A large gland.",
    )
    assert terms["UBERON:0000005"] == Term(
        "UBERON:0000005", "hepatic thing", "UBERON", obsolete=True, replaced_by="UBERON:0000002"
    )
    assert terms["UBERON:0000009"] == Term("UBERON:0000009", "", "UBERON", obsolete=True, replaced_by="UBERON:0000002")


def test_the_parent_of_a_cell_line_is_the_one_it_was_derived_from(obo_dir: Path, tmp_path: Path) -> None:
    build_official(tmp_path / "out", print, ExtraTables(), obo_dir)
    lines = {term.id: term for term in Snapshot(tmp_path / "out").terms("CVCL")}
    assert lines["CVCL_0058"].parents == ("CVCL_0030",)


def test_the_manifest_tells_the_versions_of_the_files(obo_dir: Path, tmp_path: Path) -> None:
    manifest = build_official(tmp_path / "out", print, ExtraTables(), obo_dir)
    versions = {name: (entry.version, entry.release_date) for name, entry in manifest.ontologies.items()}
    assert versions["UBERON"] == ("2026-04-01", "2026-04-01")
    assert versions["CVCL"] == ("55.0", "")
    assert tuple(versions) == (*PUBLISHED, "NCBITaxon")  # there is no table of genes


def test_files_are_downloaded_where_no_folder_is_given(server: str, obo_dir: Path, tmp_path: Path) -> None:
    downloaded = build_official(tmp_path / "downloaded", print, ExtraTables(), sources=sources_at(server))
    assert hashlib.sha256(CL.encode()).hexdigest() in downloaded.ontologies["CL"].notes
    build_official(tmp_path / "given", print, ExtraTables(), obo_dir)
    for path in (tmp_path / "given").glob("*.xz"):
        assert (tmp_path / "downloaded" / path.name).read_bytes() == path.read_bytes()


def test_a_failed_download_names_the_address_and_the_other_ways(server: str, tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match=r"/nowhere/uberon\.obo.*--obo-dir.*--from packaged"):
        build_official(tmp_path / "out", print, ExtraTables(), sources=sources_at(f"{server}/nowhere"))
    assert not (tmp_path / "out").exists()


def test_the_command_builds_from_a_folder_and_tells_what_it_did(
    obo_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", "--obo-dir", str(obo_dir), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert "UBERON: reading uberon.obo" in said
    assert "UBERON 2026-04-01: 4 current and 2 obsolete terms" in said
    assert Snapshot(tmp_path / "out").manifest.ontologies["UBERON"].current == 4


def test_the_command_ends_with_1_and_a_sentence_where_a_file_is_missing_or_of_another_ontology(
    obo_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["build", "--obo-dir", str(obo_dir), "--out", str(tmp_path / "out")]
    (obo_dir / "cl.obo").write_text(UBERON, encoding="utf-8")
    assert main(command) == 1
    assert "cl.obo holds no term of CL" in capsys.readouterr().err
    (obo_dir / "cl.obo").write_text("this is no OBO", encoding="utf-8")
    assert main(command) == 1
    assert "cl.obo cannot be read as OBO or OWL" in capsys.readouterr().err
    (obo_dir / "cl.obo").unlink()
    assert main(command) == 1
    assert "holds no file of CL; looked for cl.obo" in capsys.readouterr().err


def test_genes_can_be_read_anew_while_all_that_others_publish_keeps_its_bytes(obo_dir: Path, tmp_path: Path) -> None:
    genes = tmp_path / "genes.tsv"
    heading = "ensgene\tentrez\tsymbol\tchr\tstart\tend\tstrand\tbiotype\n"
    genes.write_text(f"{heading}ENSG00000163631\t213\tALB\t4\t73397114\t73421412\t1\tprotein_coding\n")
    folder = tmp_path / "out"
    before = build_official(folder, print, ExtraTables(), obo_dir)
    bytes_before = {path.name: path.read_bytes() for path in folder.glob("*.xz")}
    after = build_lists(folder, print, ExtraTables(genes=genes))
    assert {name: (folder / name).read_bytes() for name in bytes_before} == bytes_before
    assert {name: after.ontologies[name] for name in before.ontologies} == before.ontologies
    assert after.built_from == before.built_from
    assert [term.id for term in Snapshot(folder).terms("ENSEMBL")] == ["ENSG00000163631"]


def test_the_shipped_genes_say_where_they_lie() -> None:
    genes = {term.label: term for term in Snapshot(REPOSITORY / "ontology_cache").terms("ENSEMBL")}
    assert genes["ALB"].definition == "protein-coding gene, chromosome 4:73,397,114-73,421,482, plus strand (GRCh38)"
    assert all(" (GRCh38)" in term.definition for term in genes.values())


@pytest.mark.refit
@pytest.mark.parametrize("ontology", ["UBERON", "CL"])
def test_the_shipped_snapshot_is_what_the_package_gives(ontology: Ontology) -> None:
    pytest.importorskip("cellxgene_ontology_guide", reason="needs cellxgene-ontology-guide")
    shipped = Snapshot(REPOSITORY / "ontology_cache")
    version, terms = read_packaged(ontology, {})
    if version != shipped.manifest.ontologies[ontology].version:
        pytest.skip(f"the installed package holds {ontology} {version}")
    known = frozenset(full_id(name, row.local) for name in ONTOLOGIES for row in shipped.rows(name))
    assert sorted(map(Row.of, tidy(terms, known))) == shipped.rows(ontology)
