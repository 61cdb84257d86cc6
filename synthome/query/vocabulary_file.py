"""Reading files of the values that a hosted model accepts, as its users download them.

The service offers one JSON file a metadata field, and documents no shape for it. What is read: a list of values; a list
of objects that hold a value and perhaps a label; an object from values to labels; either under the name of a field,
for several fields at once; all of that under the name of a model. The field is the one named in the file, else the one
that the file is named after, else the one whose form all values have. Whatever is not understood is told, not guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from synthome.errors import VocabularyFileError
from synthome.ontology.terms import normalise_id
from synthome.query.values import MAX_TEXT, spelled, value_fault
from synthome.query.vocabulary import KEYS
from synthome.query.vocabulary_names import field_named, model_named_in

__all__ = ["MAX_FILE_BYTES", "MAX_VALUES", "ValueList", "VocabularyFile", "read_vocabulary_file"]

MAX_FILE_BYTES = 20_000_000
"""Largest file that is read."""
MAX_VALUES = 300_000
"""Most values that one file may list; Cellosaurus has 160,000 lines."""
_TOLD = 5
"""Most parts of a file that are told as not understood."""
_SHARE = 0.98
"""Share of the values that must have the form of a field before an unnamed list is taken for that field's."""

_VALUE_NAMES = ("id", "value", "ontology_id", "term_id", "curie", "code", "accession", "name", "label")
_LABEL_NAMES = ("label", "name", "display_name", "display", "description", "title", "text")
_LIST_NAMES = (
    "values",
    "valid_values",
    "allowed_values",
    "allowed",
    "options",
    "items",
    "terms",
    "vocabulary",
    "vocab",
)
_FIELD_NAMES = ("field", "key", "metadata_field", "column", "field_name")
_MODEL_NAMES = ("model_id", "model", "modelId")
_GROUP_NAMES = ("fields", "metadata", "vocabularies", "models", "metadata_fields")
_TELLING_KEYS = ("sex", "tissue_ontology_id", "cell_type_ontology_id", "disease_ontology_id", "cell_line_ontology_id")
"""Fields whose values no other field has."""


@dataclass(frozen=True, slots=True)
class ValueList:
    """The values that a model accepts for one metadata key, each with its label, or an empty string without one.

    ``model_id`` is the baseline model that the file names; ``None`` where it names none.
    """

    key: str
    values: Mapping[str, str]
    model_id: str | None = None


@dataclass(frozen=True, slots=True)
class VocabularyFile:
    """What was understood of a file, and one sentence for each part of it that was not."""

    name: str
    lists: tuple[ValueList, ...]
    not_understood: tuple[str, ...] = ()


def read_vocabulary_file(name: str, content: bytes) -> VocabularyFile:
    """What the file ``name`` lists.

    Raises
    ------
    VocabularyFileError
        Where it is no JSON, too large, or nothing in it is understood.

    >>> read_vocabulary_file("gem-1-bulk_tissue.json", b'["UBERON:0002107"]').lists
    (ValueList(key='tissue_ontology_id', values={'UBERON:0002107': ''}, model_id='gem-1-bulk'),)
    """
    if len(content) > MAX_FILE_BYTES:
        message = f"'{name[:80]}' is larger than {MAX_FILE_BYTES // 1_000_000} MB, the most that is read."
        raise VocabularyFileError(message)
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        message = f"'{name[:80]}' is no JSON. Take the file as app.synthesize.bio/docs/vocab gives it."
        raise VocabularyFileError(message) from None
    reading = _Reading(name)
    reading.read(body, field_named(name), model_named_in(name), 0)
    if not reading.lists:
        why = " ".join(reading.not_understood) or "It lists no values."
        message = f"Nothing in '{name[:80]}' is understood. {why}"
        raise VocabularyFileError(message)
    lists = tuple(ValueList(key, values, model_id) for (key, model_id), values in reading.lists.items())
    return VocabularyFile(name, lists, tuple(reading.not_understood))


class _Reading:
    """Collects the lists of one file: values and labels by key and model."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lists: dict[tuple[str, str | None], dict[str, str]] = {}
        self.not_understood: list[str] = []
        self._count = 0

    def read(self, body: object, key: str | None, model_id: str | None, depth: int) -> None:
        """Read ``body``, which is about ``key`` and ``model_id`` as far as what stands around it tells."""
        if depth > 6:
            self._tell("It is nested too deeply.")
        elif isinstance(body, list):
            self._read_list(body, key, model_id, depth)
        elif isinstance(body, dict):
            self._read_object(body, key, model_id, depth)
        else:
            self._tell(f"'{str(body)[:40]}' is no list of values.")

    def _read_list(self, body: list[object], key: str | None, model_id: str | None, depth: int) -> None:
        wrapped = [entry for entry in body if isinstance(entry, dict) and _first(entry, _LIST_NAMES) is not None]
        for entry in wrapped:
            self.read(entry, key, model_id, depth + 1)
        if not wrapped:
            self._keep(dict(_values(body)), len(body), key, model_id)

    def _read_object(self, body: dict[str, object], key: str | None, model_id: str | None, depth: int) -> None:
        model_id = model_named_in(_text(_first(body, _MODEL_NAMES))) or model_id
        key = field_named(_text(_first(body, _FIELD_NAMES))) or key
        listed = _first(body, _LIST_NAMES)
        if listed is not None:
            key = key or field_named(_text(body.get("name")))
            self.read(listed, key, model_id, depth + 1)
            return
        inner = {name: part for name, part in body.items() if isinstance(part, (list, dict))}
        if not any(name in _GROUP_NAMES or model_named_in(name) or field_named(name) for name in inner):
            labels = {value: label for value, label in body.items() if value not in (*_MODEL_NAMES, *_FIELD_NAMES)}
            self._keep(dict(_values_with_labels(labels)), len(labels), key, model_id)
            return
        for name, part in inner.items():
            if name in _GROUP_NAMES:
                self.read(part, key, model_id, depth + 1)
            elif (named := model_named_in(name)) is not None and field_named(name) is None:
                self.read(part, key, named, depth + 1)
            elif (field := field_named(name)) is not None:
                self.read(part, field, model_id, depth + 1)
            else:
                self._tell(f"'{name[:40]}' is no metadata field.")

    def _keep(self, values: dict[str, str], entries: int, key: str | None, model_id: str | None) -> None:
        key = key or _key_of_values(values)
        if key is None:
            self._tell("Neither the name of the file nor its content says which metadata field its values belong to.")
            return
        spellings = {_spelling(key, value): label for value, label in values.items()}
        if not spellings:
            self._tell(f"No values are listed for {key}.")
            return
        self._count += len(spellings)
        if self._count > MAX_VALUES:
            message = f"'{self.name[:80]}' lists more than {MAX_VALUES:,} values, the most that is read."
            raise VocabularyFileError(message)
        self.lists.setdefault((key, model_id), {}).update(spellings)
        if entries > len(values):
            self._tell(f"{entries - len(values):,} entries of {key} are no values, or stand there twice.")

    def _tell(self, sentence: str) -> None:
        if sentence not in self.not_understood and len(self.not_understood) < _TOLD:
            self.not_understood.append(sentence)


# Values -------------------------------------------------------------------------------------------------------------


def _values(body: list[object]) -> Iterator[tuple[str, str]]:
    """Value and label of each entry that has a value."""
    for entry in body:
        if isinstance(entry, dict):
            # A number beside a name is a row's, not a value's.
            in_words = {name: told for name, told in entry.items() if isinstance(told, str)}
            value = _as_value(_first(in_words, _VALUE_NAMES)) or _as_value(_first(entry, _VALUE_NAMES))
            label = _text(_first(in_words, _LABEL_NAMES))
        else:
            value, label = _as_value(entry), ""
        if value is not None:
            yield value, "" if label == value else label[:MAX_TEXT]


def _values_with_labels(body: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, label in body.items():
        value = _as_value(name)
        if value is not None:
            label = _first(label, _LABEL_NAMES) if isinstance(label, dict) else label
            told = label if isinstance(label, str) and label != value else ""
            yield value, told[:MAX_TEXT]


def _as_value(entry: object) -> str | None:
    """A value as text; ``None`` for what is none, such as an empty one."""
    if isinstance(entry, bool) or not isinstance(entry, (str, int, float)):
        return None
    text = entry.strip() if isinstance(entry, str) else f"{entry:g}" if isinstance(entry, float) else str(entry)
    return text if 0 < len(text) <= MAX_TEXT and text.isprintable() else None


def _spelling(key: str, value: str) -> str:
    """``value`` as a query spells it: an id in the contract's form; everything else to the letter."""
    if KEYS[key].ontology is not None or key == "perturbation_ontology_id":
        normal = normalise_id(value)
        return normal if normal is not None and value_fault(key, normal) is None else value
    if key == "age_years":
        try:
            return str(spelled(key, float(value)))
        except ValueError:
            return value
    return value


def _key_of_values(values: Mapping[str, str]) -> str | None:
    """The field that almost all values have the form of; ``None`` where there is no such field, or several."""
    for key in _TELLING_KEYS:
        fitting = sum(value_fault(key, _spelling(key, value)) is None for value in values)
        if values and fitting >= _SHARE * len(values):
            return key
    return None


def _first(entry: Mapping[str, object], names: tuple[str, ...]) -> object:
    return next((entry[name] for name in names if entry.get(name) is not None), None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
