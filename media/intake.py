"""The only way in for pictures: hash, check, make renditions, put in place, and only then a row."""

import errno
import hashlib
import io
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils import timezone

from media import decoder, storage
from media.decoder import NotAPicture
from media.facts import Facts
from media.models import Blob
from media.names import clean_name

__all__ = ["OUTPUT_LIMIT", "UPLOAD_LIMIT", "NotAPicture", "clean_name", "expect", "keep", "read", "store"]

MEGABYTE = 1024 * 1024
UPLOAD_LIMIT = 25 * MEGABYTE
OUTPUT_LIMIT = 60 * MEGABYTE


@dataclass(frozen=True, slots=True)
class _Received:
    sha256: str
    crc32: int
    size: int
    path: Path


@dataclass(frozen=True, slots=True)
class Examined:
    """A picture that can be decoded, with its renditions by edge: files that last as long as their folder."""

    received: _Received
    facts: Facts
    renditions: Mapping[int, Path]


def expect() -> None:
    """A picture will come soon: what takes it in gets ready meanwhile."""
    decoder.warm_up()


def store(source: IO[bytes] | Path | bytes, *, limit: int = UPLOAD_LIMIT) -> Blob:
    """Take a picture in and answer its row; the same bytes always give the same row.

    `limit` is in bytes. Raises NotAPicture, whose text is one sentence for people, and OSError when the disk
    fails. No row exists before the original and both renditions lie safely in storage.
    """
    with storage.workspace() as folder:
        received = _receive(source, folder / "original", limit)
        return _known(received.sha256) or keep(_examine(received))


def read(source: Path, folder: Path, limit: int = UPLOAD_LIMIT) -> Examined:
    """What takes long of `store`, and no row: hash and decode a picture. What it makes lies in `folder`.

    Raises as `store` does.
    """
    return _examine(_receive(source, folder / "original", limit))


def keep(picture: Examined) -> Blob:
    """The rest of `store`: put it in place and answer its row."""
    received, facts = picture.received, picture.facts
    storage.place(received.sha256, received.path, picture.renditions)
    values = {
        "bytes": received.size,
        "crc32": received.crc32,
        "media_type": facts.media_type,
        "width": facts.width,
        "height": facts.height,
        "phash": facts.phash,
    }
    again = {"asked_at": timezone.now()}
    blob = Blob.objects.update_or_create(again, {**values}, sha256=received.sha256)[0]
    if not storage.complete(blob.sha256):
        raise FileNotFoundError(errno.ENOENT, "purged while it was stored")
    return blob


def _known(sha256: str) -> Blob | None:
    """The row of bytes that are all there, marked as asked for, so that no purge takes them now."""
    known = Blob.objects.filter(sha256=sha256).first()
    # Waits for a purge that is at it, and then changes nothing.
    if known is None or not Blob.objects.filter(pk=known.pk).update(asked_at=timezone.now()):
        return None
    is_there = storage.complete(sha256) and storage.is_whole(sha256, known.bytes)
    return known if is_there else None


def _receive(source: IO[bytes] | Path | bytes, target: Path, limit: int) -> _Received:
    """Write the source to `target` while counting and hashing it."""
    digest, crc32, size = hashlib.sha256(), 0, 0
    with target.open("xb") as file:
        for part in _parts(source):
            size += len(part)
            if size > limit:
                raise NotAPicture(f"This file is larger than {limit // MEGABYTE} MB, which is the limit.")
            digest.update(part)
            crc32 = zlib.crc32(part, crc32)
            file.write(part)
    if not size:
        raise NotAPicture("This file is empty.")
    return _Received(digest.hexdigest(), crc32, size, target)


def _examine(received: _Received) -> Examined:
    renditions = {edge: received.path.with_name(f"{edge}.webp") for edge in storage.EDGES}
    return Examined(received, decoder.examine(received.path, renditions), renditions)


def _parts(source: IO[bytes] | Path | bytes) -> Iterator[bytes]:
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield from _parts(file)
        return
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    if stream.seekable():
        stream.seek(0)
    while part := stream.read(MEGABYTE):
        yield part
