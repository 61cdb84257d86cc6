"""The open models inside the process: what they learned, how they answer a query, and their weights.

``weights`` loads what ``training`` fitted, ``vocabulary`` says what the models know of a value, ``context`` finds the
profile that answers a condition, ``latents`` draws samples around it, ``noise`` counts them, and ``model`` puts the
answer together.
"""

from synthome.models.embedded.model import EmbeddedModel, load_model

__all__ = ["EmbeddedModel", "load_model"]
