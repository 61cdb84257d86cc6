"""Synthome's science and plumbing: terms, queries, models, predictions, runs, analyses, exports, the HTTP API.

Nothing below this package imports Streamlit; the interface lives in ``pages/`` and ``components/``.
"""

__version__ = "0.1.0"
