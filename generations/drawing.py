"""The draft route: draws one picture under a lease and stores it."""

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from generations import pipeline
from generations.models import Generation, Output
from media import intake, storage
from providers import draft
from providers.base import Order, ReferenceFile

log = logging.getLogger(__name__)


def draw_output(output_id: int) -> None:
    """Draw the picture if it is still wanted; safe to call any number of times, from anywhere."""
    actor = f"worker {socket.gethostname()}:{os.getpid()}"[:80]
    held = pipeline.claim(output_id, actor)
    if held is None:
        return
    if held.fence > pipeline.TRIES:
        pipeline.fail(
            held, "The draft engine stopped several times at this picture. Nothing was charged.", actor
        )
        return
    output = Output.objects.select_related("generation").get(pk=output_id)
    with _lease(held):
        try:
            blob = intake.store(draft.draw(order(output.generation), output.index), limit=intake.OUTPUT_LIMIT)
        except (intake.NotAPicture, ValueError, ArithmeticError, MemoryError) as error:
            log.exception("Output %s could not be drawn", output.uuid)
            pipeline.fail(held, f"The draft engine could not draw this: {error}. Nothing was charged.", actor)
            return
    if not pipeline.store(held, blob, actor):
        log.info("Output %s was no longer wanted", output.uuid)


def order(generation: Generation) -> Order:
    """What the frozen request asks of a route, with references as files."""
    request = generation.request
    guides = generation.references.select_related("reference__blob").order_by("position")
    return Order(
        prompt=request["prompt"],
        negative_prompt=request["negative_prompt"],
        width=generation.width,
        height=generation.height,
        media_format=generation.media_format,
        count=generation.count,
        series=generation.is_series,
        seed=generation.seed,
        references=tuple(
            ReferenceFile(storage.original(guide.reference.blob.sha256), guide.role) for guide in guides
        ),
    )


@contextmanager
def _lease(held: pipeline.Claim) -> Iterator[None]:
    """Renew the lease from a second thread while the picture is drawn."""
    done = threading.Event()
    keeper = threading.Thread(target=_keep, args=(held, done), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def _keep(held: pipeline.Claim, done: threading.Event) -> None:
    while not done.wait(pipeline.LEASE.total_seconds() / 3):
        if not pipeline.renew(held):
            break
    connection.close()
