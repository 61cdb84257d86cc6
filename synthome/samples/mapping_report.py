"""What became of a file's genes, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MappingReport", "percent"]


@dataclass(frozen=True, slots=True)
class MappingReport:
    """What became of a file's genes.

    ``unknown`` are names of no gene known here, ``unused`` those of genes that the model lacks; both are left out, and
    ``share_unmapped`` of all counts, 0 to 1, stand there. ``missing`` are genes of the model that the file lacks, taken
    for 0; ``share_missing`` is the part of an average sample's expression that they carry, ``None`` where nobody said
    what is average. ``duplicates`` are genes that several names of the file stand for, added up.
    """

    n_given: int
    n_mapped: int
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    duplicates: tuple[str, ...]
    share_unmapped: float
    notes: tuple[str, ...]
    unused: tuple[str, ...] = ()
    share_missing: float | None = None

    def sentence(self) -> str:
        """The report in a sentence.

        >>> MappingReport(3, 2, ("X",), (), (), 0.1, ()).sentence()
        '2 of 3 genes of the file were found; 1 name is unknown, with 10 % of the counts.'
        >>> MappingReport(3, 0, ("X", "Y"), (), (), 0.0, (), unused=("XIST",)).sentence()
        '0 of 3 genes of the file were found; 1 is not in the model, 2 names are unknown, with none of the counts.'
        """
        words = f"{self.n_mapped:,} of {self.n_given:,} genes of the file were found"
        left_out = []
        if self.unused:
            left_out.append(f"{len(self.unused):,} {'is' if len(self.unused) == 1 else 'are'} not in the model")
        if self.unknown:
            names = "name is" if len(self.unknown) == 1 else "names are"
            left_out.append(f"{len(self.unknown):,} {names} unknown")
        if not left_out:
            return f"{words}."
        return f"{words}; {', '.join(left_out)}, with {percent(self.share_unmapped)} of the counts."


def percent(share: float) -> str:
    """A share, 0 to 1, in words.

    >>> percent(0.123), percent(0.002), percent(0.0)
    ('12 %', 'less than 1 %', 'none')
    """
    if share == 0:
        return "none"
    return f"{100 * share:.0f} %" if share >= 0.005 else "less than 1 %"
