"""The worker's part for paid pictures: what arrived is decoded in the limited child and becomes an output."""

import logging
import os
import socket

from django.db import transaction

from generations import leases, pipeline, watermarks
from generations.models import Event, Output, OutputState
from media import intake, storage

log = logging.getLogger(__name__)
NO_PICTURE = (
    "The provider's file is no picture that can be shown. It was charged; its bytes are kept for a week."
)
DAMAGED = "Its bytes were damaged, here or on their way. They are fetched once more."
STOPPED = "Decoding this picture stopped several times. It was charged; its bytes are kept for a week."


def take_in(output_id: int) -> None:
    """Decode and store the picture, or then its copy with a watermark, if it waits for that; safe to call any
    number of times, from anywhere."""
    actor = f"worker {socket.gethostname()}:{os.getpid()}"[:80]
    output = Output.objects.filter(pk=output_id).first()
    if output is not None and output.state == OutputState.STORED:
        _take_in_twin(output_id, actor)
        return
    held = pipeline.claim(output_id, actor) if output and output.arrived_at else None
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
        storage.quarantine(str(output.uuid))
        if not _is_fetched_once_more(held, actor):
            pipeline.fail(held, NO_PICTURE, actor)
    except FileNotFoundError:
        log.error("The bytes of output %s are gone; they are fetched again", output.uuid)
        pipeline.pending(held).update(arrived_at=None, lease_until=None)
    except OSError as error:
        log.error("Output %s waits for the disk: %s", output.uuid, error.strerror or type(error).__name__)
        pipeline.put_off(held)
    else:
        if pipeline.store(held, blob, actor):
            bytes_here.unlink(missing_ok=True)


def _is_fetched_once_more(held: pipeline.Claim, actor: str) -> bool:
    """What came began as a picture, so a disk that lost power may have lost the rest. False: it was before,
    or nobody could fetch it."""
    told = Event.objects.filter(output=held.output_id, note=DAMAGED)
    there = pipeline.pending(held).filter(attempt__credential__isnull=False).exclude(source="")
    with transaction.atomic():
        generation = pipeline.lock(held.generation_id)
        if generation is None or told.exists() or not there.exists():
            return False
        pipeline.pending(held).update(arrived_at=None, lease_until=None)
        waits = OutputState.PENDING
        pipeline.tell(generation, held.output_id, waits, waits, actor, DAMAGED)
    return True


def _take_in_twin(output_id: int, actor: str) -> None:
    claimed = watermarks.to_decode(output_id)
    if claimed is None:
        return
    held, twin = claimed
    bytes_here = storage.arrival(str(twin.uuid))
    try:
        blob = intake.store(bytes_here, limit=intake.OUTPUT_LIMIT)
    except intake.NotAPicture:
        if held.fence >= watermarks.UNUSABLE_TRIES:
            watermarks.give_up(held, "the provider's file is no picture that can be shown", actor)
            return
        bytes_here.unlink(missing_ok=True)
        watermarks.fetch_again(held)
    except FileNotFoundError:
        watermarks.fetch_again(held)
    except OSError as error:
        log.error("Twin %s waits for the disk: %s", twin.uuid, error.strerror or type(error).__name__)
        watermarks.later(held)
    else:
        watermarks.store(held, blob, actor)
        bytes_here.unlink(missing_ok=True)
