"""Compressed files, unpacked no further than anybody's table of counts goes."""

from __future__ import annotations

import bz2
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from typing import IO

from synthome.errors import SampleFileError

__all__ = ["MAX_UNPACKED_BYTES", "unpacked"]

MAX_UNPACKED_BYTES = 400_000_000
"""Largest table after unpacking: 20,000 genes in 3,000 samples. A file of zeros could otherwise fill the memory."""
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_GZIP = 16 + zlib.MAX_WBITS


def unpacked(content: bytes, file_name: str) -> tuple[bytes, str]:
    """The file inside ``content`` and its name; what is not compressed is given back as it is.

    Raises
    ------
    SampleFileError
        The file is damaged, holds no table, or is too large.
    """
    if content.startswith(_OLD_EXCEL):
        raise SampleFileError(_excel(file_name))
    try:
        for magic, unpack in _BY_MAGIC.items():
            if content.startswith(magic):
                return unpack(content, file_name)
    except (zlib.error, EOFError, OSError, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        message = f"{file_name} is damaged or was cut off on its way, so it cannot be unpacked. Save it again."
        raise SampleFileError(message) from None
    return content, file_name


def _gzip(content: bytes, file_name: str) -> tuple[bytes, str]:
    parts, size, left = [], 0, content
    while left:
        stream = zlib.decompressobj(_GZIP)
        part = stream.decompress(left, MAX_UNPACKED_BYTES - size + 1)
        size += len(part)
        _check_size(size, file_name)
        if not stream.eof:
            raise EOFError
        parts.append(part)
        left = stream.unused_data.lstrip(b"\0")
    return b"".join(parts), file_name.removesuffix(".gz")


def _streamed(open_file: Callable[[IO[bytes]], IO[bytes]], ending: str) -> Callable[[bytes, str], tuple[bytes, str]]:
    def unpack(content: bytes, file_name: str) -> tuple[bytes, str]:
        with open_file(io.BytesIO(content)) as file:
            part = file.read(MAX_UNPACKED_BYTES + 1)
        _check_size(len(part), file_name)
        return part, file_name.removesuffix(ending)

    return unpack


def _zip(content: bytes, file_name: str) -> tuple[bytes, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "xl/workbook.xml" in archive.namelist():
            raise SampleFileError(_excel(file_name))
        inside = [info for info in archive.infolist() if not info.is_dir() and not _is_clutter(info.filename)]
        if not inside:
            message = f"{file_name} is an archive with nothing in it. Bring the table of counts."
            raise SampleFileError(message)
        if len(inside) > 1:
            names = ", ".join(info.filename for info in inside[:5])
            message = f"{file_name} holds {len(inside)} files ({names}); bring the one table of counts alone."
            raise SampleFileError(message)
        with archive.open(inside[0]) as file:
            part = file.read(MAX_UNPACKED_BYTES + 1)
        _check_size(len(part), file_name)
        return unpacked(part, inside[0].filename.rpartition("/")[2])


def _excel(file_name: str) -> str:
    return f"{file_name} is an Excel workbook. In Excel, save the sheet as CSV, and bring that."


def _is_clutter(name: str) -> bool:
    """Whether it is one of the files that macOS and Windows add by themselves."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in (".DS_Store", "Thumbs.db")


def _check_size(size: int, file_name: str) -> None:
    if size > MAX_UNPACKED_BYTES:
        most = MAX_UNPACKED_BYTES // 1_000_000
        message = f"{file_name} is larger than {most:,} MB once it is unpacked. Bring fewer samples at once."
        raise SampleFileError(message)


_BY_MAGIC: dict[bytes, Callable[[bytes, str], tuple[bytes, str]]] = {
    b"\x1f\x8b": _gzip,
    b"BZh": _streamed(bz2.BZ2File, ".bz2"),
    b"\xfd7zXZ\x00": _streamed(lzma.LZMAFile, ".xz"),
    b"PK\x03\x04": _zip,
    b"PK\x05\x06": _zip,  # an empty one
}
