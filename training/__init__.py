"""How the embedded models are fitted from public data, and what checks them.

``python -m training`` refits everything from ``../shared/data`` (or ``$SYNTHOME_SHARED/data``) and writes
``synthome/models/embedded/weights``; ``python -m training.scorecard`` measures what came out. Nothing in ``synthome``
imports this package.

The order of the fit, as ``fit`` calls it: ``genes`` (which genes, under which names), ``sources`` (readers),
``bulk_tables`` (one scale) and ``tissues``; ``studies`` and ``sex``; ``cell_library`` and ``ambient``; ``cell_lines``;
``cell_types``; ``variance_law`` and ``variability`` (how samples of one kind differ); ``stages``, ``sample_types`` and
``age``; then ``effects``: ``diseases``, ``compounds`` (with the other ``compound_`` modules), ``gene_perturbations``,
``infections`` and ``ligands``; last ``single_cell``. ``adaptive_shrinkage`` shrinks changes that have errors,
``atlas_mixtures`` puts tissues together from cells; ``save`` and ``signatures`` write. ``leave_out`` fits without a
study, ``hidden`` tunes how unlearned terms are answered, ``noise_statistics`` compares made samples with real ones.
The tables in ``mappings/`` say which column of which source stands for which term; they were read and corrected by
hand.
"""

__all__: list[str] = []
