"""A zip from outside, opened without trusting it: nothing is unpacked to disk and every size has a limit."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from elements.parcel_text import ParcelRefusedError

MEGABYTE = 1024 * 1024
LARGEST = 500 * MEGABYTE
MOST_UNPACKED = 600 * MEGABYTE
MOST_ENTRIES = 600
LARGEST_DIRECTORY = MEGABYTE
# Pictures hardly shrink; what shrinks more than this is no picture.
MOST_SHRUNK = 200
LEFT_BY_SYSTEMS = (".DS_Store", "Thumbs.db", "desktop.ini")
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
DAMAGED = "This archive is damaged, or it is not a zip."


class Parcel:
    """The files of an opened parcel: `names` in the archive's order."""

    def __init__(self, archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo]) -> None:
        self._archive = archive
        self._entries = entries
        self.names = tuple(entries)

    def content(self, name: str, limit: int) -> bytes:
        """The bytes of a file of at most `limit` bytes. Raises ParcelRefusedError."""
        entry = self._entries[name]
        if entry.file_size > limit:
            raise ParcelRefusedError(f"“{name}” is larger than {limit // 1024:,} KB, which is the limit.")
        try:
            with self._archive.open(entry) as file:
                return file.read(limit)
        except _UNREADABLE:
            raise ParcelRefusedError(f"“{name}” is damaged.") from None


@contextmanager
def opened(file: IO[bytes]) -> Iterator[Parcel]:
    """Look at every entry before any is read. Raises ParcelRefusedError."""
    _check_directory(file)
    try:
        archive = zipfile.ZipFile(file)
    except _UNREADABLE:
        raise ParcelRefusedError(DAMAGED) from None
    with archive:
        yield Parcel(archive, _entries(archive))


def _check_directory(file: IO[bytes]) -> None:
    """Read how much the archive says it lists, because opening it reads the whole list into memory."""
    size = file.seek(0, 2)
    if size > LARGEST:
        raise ParcelRefusedError(f"This archive is larger than {LARGEST // MEGABYTE} MB, which is the limit.")
    file.seek(max(0, size - 65_535 - 42))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise ParcelRefusedError(DAMAGED)
    count, listed = struct.unpack("<HI", tail[at + 10 : at + 16])
    if count > MOST_ENTRIES or listed > LARGEST_DIRECTORY or tail[max(0, at - 20) : at].startswith(_END_64):
        raise _too_many()


def _entries(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    entries: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    if len(archive.infolist()) > MOST_ENTRIES:
        raise _too_many()
    for entry in archive.infolist():
        _check(entry)
        if entry.filename.casefold() in seen:
            raise ParcelRefusedError(f"“{entry.filename}” is in this archive twice.")
        seen.add(entry.filename.casefold())
        if not entry.is_dir() and not _is_clutter(entry.filename):
            entries[entry.filename] = entry
    if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
        limit = f"{MOST_UNPACKED // MEGABYTE} MB, which is the limit"
        raise ParcelRefusedError(f"This archive unpacks to more than {limit}.")
    return entries


def _check(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    shown = "".join(c if c.isprintable() else "?" for c in name[:60])
    parts = name.removesuffix("/").split("/")
    if any(mark in name for mark in "\\:\0") or any(part in ("", ".", "..") for part in parts):
        raise ParcelRefusedError(f"“{shown}” leads out of the archive's folder.")
    if not name.isprintable() or len(name) > 255:
        raise ParcelRefusedError(f"“{shown}” is not a name that a file may have.")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ParcelRefusedError(f"“{shown}” is a link or a device and not a plain file.")
    if entry.flag_bits & 0x1:
        raise ParcelRefusedError(f"“{shown}” is locked with a password.")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ParcelRefusedError(f"“{shown}” is packed in a way that is not read here.")
    if entry.file_size > MEGABYTE and entry.file_size > MOST_SHRUNK * entry.compress_size:
        raise ParcelRefusedError(f"“{shown}” unpacks to far more than a picture does.")


def _is_clutter(name: str) -> bool:
    """What file managers leave in archives without being asked."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in LEFT_BY_SYSTEMS


def _too_many() -> ParcelRefusedError:
    return ParcelRefusedError(f"This archive has more than {MOST_ENTRIES} files, which is the limit.")
