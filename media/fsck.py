"""Does the disk still hold what the rows say? A disk that lied about a sync, or rots, tells nobody."""

import hashlib
from collections.abc import Iterator

from media import storage
from media.models import Blob


def damaged(*, read_all: bool) -> Iterator[str]:
    """The SHA-256 of each original that is away or of another size; with `read_all` also of other bytes."""
    for sha256, size in Blob.objects.order_by("pk").values_list("sha256", "bytes").iterator():
        if not storage.is_whole(sha256, size) or (read_all and _hash(sha256) != sha256):
            yield sha256


def _hash(sha256: str) -> str:
    try:
        with storage.original(sha256).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
