"""What is to be done with real samples: a perturbation, how to sample, and the query that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from components.words import shortened
from synthome.errors import FieldError, QueryError
from synthome.query import ReferenceQuery, read_query
from synthome.query.designs import Design, DesignCondition, design_from_json
from synthome.query.schema import Conditioning
from synthome.query.vocabulary import KEYS, MEAN_ESTIMATION, REFERENCE_CONDITIONING, base_model, model_named

__all__ = ["LATENT_SPACES", "PERTURBATION_KEYS", "GivenSample", "Treatment", "samples_of", "treatment_from_query"]

PERTURBATION_KEYS = tuple(key for key, spec in KEYS.items() if spec.group == "perturbational")
LATENT_SPACES: tuple[Conditioning, ...] = ("biological", "technical")
_UNTREATED = "untreated"
_NAMED_BY_TYPE = ("crispr", "genetic", "overexpression", "shrna", "sirna", "coculture", "infection")
"""Types of perturbation without which its name would not say what was done."""
_MOST_NAME = 60

LabelOf = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class GivenSample:
    """A real sample: its name and its counts of the model's genes, in the model's order."""

    name: str
    counts: tuple[int, ...]


def _one_condition() -> Design:
    """Expected levels at first: measurement error hides most effects in a few samples."""
    return Design((DesignCondition(),), sampling_strategy=MEAN_ESTIMATION)


@dataclass(frozen=True, slots=True)
class Treatment:
    """A perturbation being described, valid or not yet.

    ``design`` holds how to sample, and one condition: the values of the perturbation and how many samples to make.
    With ``untreated``, as many are made of each sample as it is. Latents named in ``conditioning`` are the sample's
    own. Samples are as large as theirs, or with ``fixed_total_count`` as the design says.
    """

    design: Design = field(default_factory=_one_condition)
    untreated: bool = True
    conditioning: tuple[Conditioning, ...] = LATENT_SPACES
    fixed_total_count: bool = False

    @property
    def condition(self) -> DesignCondition:
        """The perturbation's condition."""
        return self.design.conditions[0]

    def changed(self, change: Callable[[DesignCondition], DesignCondition]) -> Treatment:
        """The treatment with its condition replaced by what ``change`` makes of it."""
        return replace(self, design=self.design.with_condition(change(self.condition)))

    def sampled(self, **changes: Any) -> Treatment:
        """The treatment with other parameters of its design."""
        return replace(self, design=replace(self.design, **changes))

    @property
    def perturbs(self) -> bool:
        """Whether any perturbation is given."""
        return bool(self.condition.values)

    @property
    def per_sample(self) -> int:
        """Conditions that each sample makes."""
        return 2 if self.perturbs and self.untreated else 1

    def in_words(self, label_of: LabelOf) -> str:
        """What is done, in a few words: ``dexamethasone 1 um 24 hours``; empty where nothing is."""
        values = self.condition.values
        what, kind = values.get("perturbation_ontology_id"), values.get("perturbation_type", "")
        parts = [label_of(what) or what if what else "", kind if not what or kind in _NAMED_BY_TYPE else ""]
        parts += [values.get("perturbation_dose", ""), values.get("perturbation_time", "")]
        return shortened(" ".join(filter(None, parts)), _MOST_NAME)

    # Asking it ------------------------------------------------------------------------------------------------------

    def names(self, samples: Sequence[GivenSample], label_of: LabelOf) -> tuple[str, ...]:
        """The conditions of :meth:`query` by name."""
        done = self.in_words(label_of) or _UNTREATED
        each = (_UNTREATED, done) if self.per_sample == 2 else (done,)
        return tuple(f"{sample.name}, {words}" for sample in samples for words in each)

    def query(self, samples: Sequence[GivenSample]) -> ReferenceQuery:
        """The query that does this with ``samples``; ``QueryError`` with every fault."""
        return self._read([sample.counts for sample in samples])

    def faults(self, samples: int) -> list[FieldError]:
        """What is wrong with the description, found without looking at the counts of so many samples."""
        try:
            self._read([(1,)] * max(samples, 1))
        except QueryError as error:
            return list(error.errors)
        return []

    def _read(self, counts: Sequence[tuple[int, ...]]) -> ReferenceQuery:
        condition, design = self.condition, self.design
        done = [{}, dict(condition.values)] if self.per_sample == 2 else [dict(condition.values)]
        body = design.to_contract()
        body["inputs"] = [
            {"counts": given, "metadata": metadata, "num_samples": condition.num_samples}
            for given in counts
            for metadata in done
        ]
        body["conditioning"] = list(self.conditioning)
        body["fixed_total_count"] = self.fixed_total_count
        if not self.fixed_total_count:
            body.pop("total_count", None)
        query = read_query(body, model_named(design.model_id, REFERENCE_CONDITIONING))
        assert isinstance(query, ReferenceQuery)  # noqa: S101 - what that operation is asked with
        return query

    # Keeping it -----------------------------------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """Everything, faults included; read back by :meth:`from_json`."""
        return {
            "design": self.design.to_json(),
            "untreated": self.untreated,
            "conditioning": list(self.conditioning),
            "fixed_total_count": self.fixed_total_count,
        }

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Treatment:
        """The treatment that :meth:`to_json` gave; ``QueryError`` where ``body`` is no such thing."""
        design = design_from_json(body.get("design"))
        kept = body.get("conditioning")
        named = kept if isinstance(kept, list) else []
        return cls(
            replace(design, conditions=design.conditions[:1] or (DesignCondition(),)),
            untreated=body.get("untreated") is not False,
            conditioning=tuple(space for space in LATENT_SPACES if space in named) or LATENT_SPACES,
            fixed_total_count=body.get("fixed_total_count") is True,
        )


def treatment_from_query(query: ReferenceQuery, model_id: str) -> Treatment:
    """The treatment that ``query`` asks of ``model_id``; the first, where it asks for several."""
    done = [reference for reference in query.inputs if reference.metadata.given()]
    shown = (done or list(query.inputs))[0]
    design = Design(
        (DesignCondition(shown.metadata.given(), shown.num_samples),),
        base_model(model_id),
        query.sampling_strategy,
        query.total_count,
        query.deterministic_latents,
        query.seed,
    )
    untreated = not done or len(done) < len(query.inputs)
    return Treatment(design, untreated, query.conditioning, query.fixed_total_count)


def samples_of(query: ReferenceQuery, names: Sequence[str], done: str) -> tuple[GivenSample, ...]:
    """The samples behind the conditions of ``query``, each once; ``done`` is what was done with them, in words."""
    samples: dict[tuple[int, ...], str] = {}
    for index, reference in enumerate(query.inputs):
        name = names[index] if index < len(names) else f"Sample {len(samples) + 1}"
        samples.setdefault(reference.counts, name.removesuffix(f", {_UNTREATED}").removesuffix(f", {done}"))
    return tuple(GivenSample(name, counts) for counts, name in samples.items())
