"""How the embedded models are fitted from public data, and what checks them.

``python -m training`` refits everything from ``../shared/data`` (or ``$SYNTHOME_SHARED/data``) and writes
``synthome/models/embedded/weights``; ``python -m training.scorecard`` measures what came out. Nothing in ``synthome``
imports this package.

The order of the fit, as ``fit`` calls it: ``genes`` (which genes, under which names), ``sources`` (readers),
``bulk_tables`` (one scale) and ``tissues``; ``sex``; ``studies``, ``variance_law`` and ``variability`` (how samples of
one kind differ); ``cell_library``, ``ambient`` and ``cell_types``; ``cell_lines``; ``single_cell``; then ``effects``:
``diseases``, ``compounds``, ``gene_perturbations``, ``infections``, ``ligands``, ``stages``, ``sample_types`` and
``age``, shrunk by ``adaptive_shrinkage``; ``save`` and ``signatures`` write. ``leave_out`` fits without a study,
``hidden`` tunes how unlearned terms are answered. The tables in ``mappings/`` say which column of which source stands
for which term; they were read and corrected by hand.
"""

__all__: list[str] = []
