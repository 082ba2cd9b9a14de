"""Where exports lie: a folder each, with the pictures made so far and then the archive."""

import math
import os
import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings

_UUID = "-".join("[0-9a-f]" * length for length in (8, 4, 4, 4, 12))


def root() -> Path:
    return Path(settings.DATA) / "exports"


def folder(export: UUID) -> Path:
    return root() / str(export)


def make_room(export: UUID) -> Path:
    """The export's folder, made if need be, private to the studio."""
    root().mkdir(parents=True, exist_ok=True, mode=0o700)
    made = folder(export)
    made.mkdir(exist_ok=True, mode=0o700)
    return made


def keep(arrived: Path, name: str) -> Path:
    """Give a finished file its name beside it, durably: it is there whole or not at all."""
    target = arrived.with_name(name)
    _sync(arrived)
    arrived.replace(target)
    _sync(target.parent)
    return target


def keep_only(export: UUID, name: str) -> None:
    """Delete everything in the folder but the file `name`."""
    for path in folder(export).glob("*"):
        if path.name != name:
            path.unlink(missing_ok=True)


def discard(export: UUID) -> None:
    shutil.rmtree(folder(export), ignore_errors=True)


def folders_older_than(moment: float) -> list[UUID]:
    """Exports whose folders have not changed since `moment`, in seconds since 1970."""
    return [UUID(path.name) for path in root().glob(_UUID) if _changed(path) < moment]


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # somebody deleted it just now
        return math.inf


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
