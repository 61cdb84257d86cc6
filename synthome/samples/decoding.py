"""Bytes as text, in whatever encoding a spreadsheet or a program wrote them; what is no text is told as what it is."""

from __future__ import annotations

from synthome.errors import SampleFileError

__all__ = ["decoded"]

_LOOKED_AT = 10_000
_OTHER_FILES = {
    b"RDX": ("an R workspace", "In R, write the counts with write.csv"),
    b"X\n\x00": ("an R object", "In R, write the counts with write.csv"),
    b"%PDF": ("a PDF", "Bring the table itself as CSV or TSV"),
    b"BAM\x01": ("an alignment (BAM)", "Count its reads by gene first, for example with featureCounts"),
    b"@": ("reads (FASTQ or SAM)", "Count them by gene first, for example with Salmon or STAR"),
}
"""What people bring by mistake, by how it begins."""


def decoded(content: bytes, file_name: str) -> str:
    """``content`` as text, its lines ended by a line feed; ``SampleFileError`` where it is no text."""
    for magic, (what, advice) in _OTHER_FILES.items():
        if content.startswith(magic):
            message = f"{file_name} is {what}, not a table of counts. {advice}, and bring that."
            raise SampleFileError(message)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    elif (wide := _unmarked_utf16(content)) is not None:
        text = content.decode(wide, "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
    if "\0" in text[:_LOOKED_AT]:
        message = f"{file_name} is no text. Bring a table as CSV or TSV, or an h5ad file; Excel can save as CSV."
        raise SampleFileError(message)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unmarked_utf16(content: bytes) -> str | None:
    """Which UTF-16 it is, where that is not marked: in a table every other byte is zero then."""
    start = content[: 2 * (_LOOKED_AT // 2)]
    half = len(start) // 2
    if half == 0 or start.count(0) < 0.8 * half:
        return None
    return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
