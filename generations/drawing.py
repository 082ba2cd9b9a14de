"""The draft route: draws one picture under a lease and stores it."""

import logging
import os
import socket
import time

from generations import consent, leases, ordering, pipeline, stumbles
from generations.models import Output
from media import intake
from providers import draft

log = logging.getLogger(__name__)
# Drawing depends on its order alone: what fails once fails again. OSError is a reference that cannot be read.
CANNOT_DRAW = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
UNDRAWN = (
    "The draft engine could not draw this picture. Nothing was charged. Change the words or the references."
)
STOPPED = "The draft engine stopped several times at this picture. Nothing was charged."


def draw_output(output_id: int) -> None:
    """Draw the picture if it is still wanted; safe to call any number of times, from anywhere."""
    actor = f"worker {socket.gethostname()}:{os.getpid()}"[:80]
    held = pipeline.claim(output_id, actor)
    if held is None:
        return
    output = Output.objects.select_related("generation").filter(pk=output_id).first()
    if output is None:
        return
    given_up = STOPPED if output.tries > pipeline.TRIES else None
    if why := given_up or consent.refusal_for_generation(output.generation):
        pipeline.fail(held, why, actor)
        return
    with leases.kept(held):
        _make(held, output, actor)


def _make(held: pipeline.Claim, output: Output, actor: str) -> None:
    """Draw the picture, keep it and note it; or say why not, or let it wait for a disk that takes it."""
    intake.expect()
    began = time.perf_counter()
    try:
        picture = draft.draw(ordering.of_generation(output.generation), output.index)
        note = f"Drawn in {time.perf_counter() - began:.2f} s."
    except CANNOT_DRAW as error:
        log.error("Output %s could not be drawn: %s", output.uuid, stumbles.where(error))
        pipeline.fail(held, UNDRAWN, actor)
        return
    try:
        blob = intake.store(picture, limit=intake.OUTPUT_LIMIT)
    except intake.NotAPicture as error:
        log.error("Output %s was drawn and could not be taken in: %s", output.uuid, error)
        pipeline.fail(held, UNDRAWN, actor)
    except OSError as error:
        log.error("Output %s waits for the disk: %s", output.uuid, error.strerror or type(error).__name__)
        pipeline.put_off(held)
    else:
        if not pipeline.store(held, blob, actor, note):
            log.info("Output %s was no longer wanted", output.uuid)
