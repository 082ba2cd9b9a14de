"""The worker's part for paid pictures: what arrived is decoded in the limited child and becomes an output."""

import logging
import os
import socket

from generations import leases, pipeline
from generations.models import Output
from media import intake, storage

log = logging.getLogger(__name__)
NO_PICTURE = (
    "The provider's file is no picture that can be shown. It was charged; its bytes are kept for a week."
)
STOPPED = "Decoding this picture stopped several times. It was charged; its bytes are kept for a week."


def take_in(output_id: int) -> None:
    """Decode and store the picture if it waits for that; safe to call any number of times, from anywhere."""
    actor = f"worker {socket.gethostname()}:{os.getpid()}"[:80]
    output = Output.objects.filter(pk=output_id, arrived_at__isnull=False).first()
    held = pipeline.claim(output_id, actor) if output else None
    if output is None or held is None:
        return
    if output.tries >= pipeline.TRIES:
        pipeline.fail(held, STOPPED, actor)
        storage.quarantine(str(output.uuid))
        return
    with leases.kept(held):
        _store(held, output, actor)


def _store(held: pipeline.Claim, output: Output, actor: str) -> None:
    bytes_here = storage.arrival(str(output.uuid))
    try:
        blob = intake.store(bytes_here, limit=intake.OUTPUT_LIMIT)
    except intake.NotAPicture as error:
        log.error("Output %s could not be taken in: %s", output.uuid, error)
        pipeline.fail(held, NO_PICTURE, actor)
        storage.quarantine(str(output.uuid))
    except FileNotFoundError:
        log.error("The bytes of output %s are gone; they are fetched again", output.uuid)
        pipeline.pending(held).update(arrived_at=None, lease_until=None)
    except OSError as error:
        log.error("Output %s waits for the disk: %s", output.uuid, error.strerror or type(error).__name__)
        pipeline.put_off(held)
    else:
        if pipeline.store(held, blob, actor):
            bytes_here.unlink(missing_ok=True)
