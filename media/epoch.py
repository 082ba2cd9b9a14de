"""Whether database and files belong together. While they do not, the studio is held: it sends nothing.

Both hold the same random mark, and the dispatcher gives them a new one every few minutes. A database or a
data directory that comes back from elsewhere brings another mark along; docs/backup.md says what that finds.
"""

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction

from media.models import Epoch

RENEW_EVERY = 600.0
ASK_EVERY = 1.0


@dataclass(slots=True)
class _Memory:
    """What this process knows: the last answer, to which state of the file, until when; when it renews."""

    held: bool = False
    stamp: tuple[int, int] = (0, 0)
    ask_at: float = 0.0
    renew_at: float = 0.0


_memory = _Memory()


def held() -> bool:
    """Whether nothing may be sent. Asks the database at most once a second, and never before `lay`."""
    stamp = _stamp()
    if stamp is None:
        return False
    if stamp != _memory.stamp or time.monotonic() >= _memory.ask_at:
        _memory.held, _memory.stamp = _parted(), stamp
        _memory.ask_at = time.monotonic() + ASK_EVERY
    return _memory.held


def lay() -> None:
    """Make both marks on the first start. A database with a mark but without a file is held."""
    if _stamp() is not None:
        return
    if Epoch.objects.exists():
        part()
    else:
        _agree()


def tend() -> None:
    """A sweep of the dispatcher: new marks every few minutes, so that an older copy of either is told."""
    lay()
    if time.monotonic() < _memory.renew_at:
        return
    _memory.renew_at = time.monotonic() + RENEW_EVERY
    if not _parted():
        _agree()


def part() -> None:
    """Hold the studio from now on: the file gets a mark that no database has."""
    _write(_mark())


def lift() -> None:
    """End the hold: both get the same new mark."""
    _agree()


def _parted() -> bool:
    row = Epoch.objects.first()
    return (row.mark if row else "") not in _named()


def _agree() -> None:
    """Give both a new mark.

    Until the database has it the file names the old one as well, so that they agree whenever this ends early.
    """
    with transaction.atomic():
        row, _ = Epoch.objects.select_for_update().get_or_create(pk=1)
        old, new = row.mark, _mark()
        _write(new, old)
        row.mark = new
        row.save(update_fields=["mark"])
    with transaction.atomic():
        if Epoch.objects.select_for_update().filter(mark=new).first():
            _write(new)


def _mark() -> str:
    return secrets.token_hex(16)


def _path() -> Path:
    return Path(settings.DATA) / "epoch"


def _stamp() -> tuple[int, int] | None:
    try:
        found = _path().stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def _named() -> list[str]:
    """The marks in the file; empty text stands for a database that has none yet."""
    try:
        return _path().read_text().removesuffix("\n").split("\n")
    except FileNotFoundError:
        return []


def _write(*marks: str) -> None:
    """Replace the file; on return the disk holds it."""
    fresh = _path().with_name(f"epoch.{os.getpid()}")
    with fresh.open("w") as file:
        file.write("".join(f"{mark}\n" for mark in marks))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(_path())
    folder = os.open(_path().parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
