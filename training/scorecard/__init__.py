"""The scorecard: what the embedded models get right, measured on data that they were not fitted on.

``python -m training.scorecard`` computes every test, prints a table, rewrites the tables of ``docs/MODEL_CARD.md`` and
exits 1 where a score is under its floor. ``scores`` says what a score is, ``evidence`` what tests are computed from,
``asking`` how the models are asked, ``bootstrap`` how intervals are drawn, ``results`` and ``card`` how figures are
kept and shown. Every other module is one test: a function ``measure`` from evidence to scores, its name listed in
``registry``.

What is held out is a whole study or atlas, never a sample of one; a term's relatives that rest on the same samples go
with it. Intervals resample the conditions (tissues, drugs, cell types), since genes are not independent of each other.
"""

from training.scorecard.scores import Score

__all__ = ["Score"]
