"""Which drug is meant by the names of each source, and under which other ids it answers.

The tables ``mappings/compounds_*.tsv`` were reviewed by hand. A drug goes under its parent compound in ChEBI: not a
salt, a charged form or one enantiomer of what is given as a racemate. Its other forms, and its ids in ChEMBL, are
aliases.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from synthome.ontology import default_index
from training.sources import mapping, read_table

__all__ = ["CompoundNames", "by_number"]

NOT_THE_DRUG = frozenset(
    {"water", "((18)O)water", "diprotium oxide", "ditritium oxide", "dideuterium oxide", "deuterium hydrogen oxide"}
    | {"hydrogen tritium oxide", "hydroxide", "oxonium", "chloride", "hydrogen chloride", "bromide", "hydrogen bromide"}
    | {"sodium(1+)", "potassium(1+)", "gold(1+)", "triethylphosphine", "ethyl", "thiosalicylic acid", "tris", "Htris"}
    | {"benzenesulfonic acid", "benzenesulfonate", "methyl sulfate", "methyl sulfate(1-)", "maleic acid", "maleate"}
    | {"maleate(1-)", "maleate(2-)", "fumaric acid", "fumarate", "fumarate(1-)", "fumarate(2-)", "butenedioate"}
    | {"butenedioic acid", "chloral hydrate", "penimepicycline"}
)
"""Labels of water, counter-ions and partners that the cross-references of salts and mixtures name beside the drug."""

Forms = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class CompoundNames:
    """Ids of drugs by the names of each source, their labels, notes and aliases.

    An id is a ChEBI term, ChEMBL's where ChEBI has none, and empty where the drug has neither.
    """

    l1000: Mapping[str, str]
    tahoe: Mapping[str, str]
    neurips: Mapping[str, str]
    labels: Mapping[str, str]
    notes: Mapping[str, str]

    @classmethod
    def read(cls) -> CompoundNames:
        """From the reviewed tables; forms that L1000 measured as one drug go under one id in all sources."""
        measured = mapping("compounds_l1000")
        l1000 = dict(zip(measured["drugbank_id"], measured["id"], strict=True))
        labels = dict(zip(measured["id"], measured["label"], strict=True))
        drug_of = _drug_of_form(l1000)
        named: dict[str, dict[str, str]] = {"tahoe": {}, "neurips": {}}
        for source, ids in named.items():
            rows = mapping(f"compounds_{source}")
            for name, form, label in zip(rows["name"], rows["chebi_id"], rows["chebi_label"], strict=True):
                ids[name] = drug_of.get(form, form)
                labels.setdefault(ids[name], label)
        together = measured[measured["note"].str.startswith("one measurement") & (measured["id"] != "")]
        notes = dict.fromkeys(together["id"], "Measured together with its stereoisomers.")
        labels.pop("", None)
        return cls(l1000, named["tahoe"], named["neurips"], labels, notes)

    def aliases(self, compound: str) -> tuple[str, ...]:
        """Other ids of ``compound``; those that several drugs claim belong to none of them."""
        return self._aliases[compound]

    @cached_property
    def _aliases(self) -> Forms:
        claims = {compound: self._claims(compound) for compound in self.labels}
        count = Counter(alias for aliases in claims.values() for alias in aliases)
        return {
            compound: tuple(sorted((a for a in aliases if count[a] == 1 and a not in claims), key=by_number))
            for compound, aliases in claims.items()
        }

    def _claims(self, compound: str) -> set[str]:
        chebi, chembl, direct = _chebi_of_drugbank(), _chembl_of_drugbank(), _chembl_of_chebi()
        drugs = [drug for drug, used in self.l1000.items() if used == compound]
        drugs = drugs or [drug for drug, forms in chebi.items() if compound in forms]
        forms = {compound}.union(*(chebi.get(drug, ()) for drug in drugs))
        others = forms.union(*(direct.get(form, ()) for form in forms), *(chembl.get(drug, ()) for drug in drugs))
        return others - {compound}


def by_number(term_id: str) -> tuple[str, int]:
    """Key that sorts ids of ChEBI and ChEMBL by their number."""
    prefix = term_id.rstrip("0123456789")
    return prefix, int(term_id[len(prefix) :])


def _drug_of_form(l1000: Mapping[str, str]) -> dict[str, str]:
    """Ids of L1000's drugs by each ChEBI form that one of them alone has."""
    owners: dict[str, set[str]] = defaultdict(set)
    for drug, compound in l1000.items():
        for form in _chebi_of_drugbank().get(drug, ()):
            owners[form].add(compound)
    single = {form: next(iter(ids)) for form, ids in owners.items() if len(ids) == 1}
    return {form: compound for form, compound in single.items() if compound} | {c: c for c in l1000.values() if c}


def _grouped(keys: Iterable[str], values: Iterable[str]) -> Forms:
    groups: dict[str, list[str]] = defaultdict(list)
    for key, value in zip(keys, values, strict=True):
        groups[key].append(value)
    return {key: tuple(found) for key, found in groups.items()}


@lru_cache(maxsize=1)
def _chebi_of_drugbank() -> Forms:
    """Current ChEBI terms, without counter-ions, by DrugBank id."""
    table = read_table("mappings/drugbank_chebi.tsv")
    table["term"] = "CHEBI:" + table["chebi_id"]
    terms = default_index().terms(table["term"])
    table = table[[t in terms and not terms[t].obsolete and terms[t].label not in NOT_THE_DRUG for t in table["term"]]]
    return _grouped(table["drugbank_id"], table["term"])


@lru_cache(maxsize=1)
def _chembl_of_drugbank() -> Forms:
    table = read_table("mappings/drugbank_chembl.tsv")
    return _grouped(table["drugbank_id"], table["chembl_id"])


@lru_cache(maxsize=1)
def _chembl_of_chebi() -> Forms:
    table = read_table("synonyms/chebi_chembl.tsv")
    return _grouped(table["chebi_id"], table["chembl_id"])
