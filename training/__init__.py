"""How the embedded models are fitted from public data, and what checks them.

``python -m training`` refits everything from ``../shared/data`` (or ``$SYNTHOME_SHARED/data``) and writes
``synthome/models/embedded/weights``; ``python -m training.scorecard`` measures what came out. Nothing in ``synthome``
imports this package.

The order of the fit: ``genes`` (which genes, under which names), ``sources`` (readers), ``tissues``, ``cell_types``,
``cell_lines`` (context profiles), ``sex``, ``studies`` and ``variability`` (how donors differ, what noise is left),
``single_cell``, ``save``; ``fit`` calls them. The tables in ``mappings/`` say which column of which source stands for
which term; they were read and corrected by hand.
"""

__all__: list[str] = []
