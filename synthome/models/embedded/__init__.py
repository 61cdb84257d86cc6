"""The open models inside the process: what they learned, how they answer a query, and their weights.

``weights`` loads what ``training`` fitted, ``vocabulary`` says what the models know of a value, ``context`` finds the
profile that answers a condition and ``expectation`` what its samples are like, ``latents`` draws samples around it,
``noise`` counts them, and ``model`` puts the answer together.

Real samples go the other way: ``recognition`` and ``sex_calling`` find what a sample is, ``posterior`` where it lies
among samples of its kind, ``real_sample`` joins them; ``reference`` perturbs it and ``metadata`` tells what it is.
"""

from synthome.models.embedded.metadata import EmbeddedMetadataModel
from synthome.models.embedded.model import EmbeddedModel, load_model
from synthome.models.embedded.real_sample import SampleReader
from synthome.models.embedded.reference import EmbeddedReferenceModel

__all__ = ["EmbeddedMetadataModel", "EmbeddedModel", "EmbeddedReferenceModel", "SampleReader", "load_model"]
