"""What shows of a picture that nobody has looked at yet: made when it is first asked for, and then kept."""

import logging
from pathlib import Path

from media import decoder, storage
from media.decoder import NotAPicture
from media.models import Blob

log = logging.getLogger(__name__)


def veiled(blob: Blob) -> Path | None:
    """A few blurred pixels of the picture; None while they cannot be made."""
    path = storage.veil(blob.sha256)
    if path.is_file():
        return path
    try:
        with storage.workspace() as folder:
            made = folder / "veil.webp"
            decoder.veil(storage.rendition(blob.sha256, storage.EDGES[-1]), made)
            storage.place_veil(blob.sha256, made)
    except (NotAPicture, OSError) as error:
        log.error("blob %s has no veil: %s", blob.pk, error)
        return None
    return path
