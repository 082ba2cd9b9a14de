"""Zip archives that are written while they are sent, with their length known before the first byte."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from zipstream import ZipStream

from media.names import file_name

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive: its name, in which `/` makes folders, and the file or the bytes themselves."""

    name: str
    source: Path | bytes


def stream(entries: Iterable[Entry]) -> tuple[Iterator[bytes], int]:
    """The parts of a zip and its length in bytes.

    Nothing is compressed, since pictures do not get smaller. Names are made safe and distinct on any system.
    A file that storage has lost is replaced by a note, so that nobody takes the archive for complete.
    """
    archive = ZipStream(sized=True)
    taken: set[str] = set()
    for entry in entries:
        name = _distinct(_safe(entry.name), taken)
        if isinstance(entry.source, bytes):
            archive.add(entry.source, name)
        elif entry.source.is_file():
            archive.add_path(entry.source, name, recurse=False)
        else:
            log.error("a file is missing from storage and from the archive")
            archive.add(b"This file is missing from storage.\n", _distinct(f"{name} is missing.txt", taken))
    return iter(archive), len(archive)


def _safe(name: str) -> str:
    parts = [part for part in name.split("/") if part.strip(". ")]
    return "/".join(file_name(part) for part in parts) or "untitled"


def _distinct(name: str, taken: set[str]) -> str:
    """The name, numbered if need be; systems that fold case must not lose a file."""
    folder, slash, last = name.rpartition("/")
    stem, dot, ending = last.rpartition(".")
    if not stem:
        stem, dot, ending = last, "", ""
    candidate, number = name, 1
    while candidate.casefold() in taken:
        number += 1
        candidate = f"{folder}{slash}{stem} ({number}){dot}{ending}"
    taken.add(candidate.casefold())
    return candidate
