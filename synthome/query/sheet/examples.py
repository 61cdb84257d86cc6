"""Sheets to begin with: what people have in spreadsheets, and what repositories give."""

from __future__ import annotations

from types import MappingProxyType

__all__ = ["SHEETS"]

_LABORATORY = """\
sample\torgan\tdiagnosis\tsex\tage\treplicates
L1\tliver\thealthy\tF\t54 y\t3
L2\tliver\thepatocellular carcinoma\tM\t61 y\t3
B1\tBrain - Cortex\tAD\tF\t78\t4
B2\tBrain - Cortex\tcontrol\tM\t70-79\t4
"""

_TREATED_CELLS = """\
name,cell line,treatment,dose (uM),time (h),n
vehicle,MCF7,DMSO,,24,3
E2 low,MCF-7,estradiol,"0,01",24,3
E2 high,MCF-7,estradiol,1,24,3
p53,A549,siTP53,,48,3
"""

_REPOSITORY = """\
title,source_name_ch1,characteristics_ch1,characteristics_ch1.1,description
GSM_1,monocytes,cell type: CD14+ monocytes,Sex: male,Primary human monocytes rep1
GSM_2,monocytes,cell type: CD14+ monocytes,Sex: female,Primary human monocytes rep2
GSM_3,monocytes,cell type: CD14+ monocytes,Sex: male,Primary human monocytes stimulated with LPS 100 ng/ml for 4h rep1
GSM_4,monocytes,cell type: CD14+ monocytes,Sex: female,Primary human monocytes stimulated with LPS 100 ng/ml for 4h rep2
"""

SHEETS = MappingProxyType(
    {
        "Organs from a laboratory's spreadsheet": _LABORATORY,
        "Treated cell lines, CSV": _TREATED_CELLS,
        "Monocytes as GEO lists them": _REPOSITORY,
    }
)
"""Example sheets by their titles."""
