"""How workers are told that there is work; what they then do, and all it needs, is in tasks.py."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
SILENCE = 5.0  # seconds after a ring that failed: a broker that hangs takes as long for each
# Nobody waits for a broker, least of all the one thread of the dispatcher that changes rows. What was rung
# for when a process ends, is still rung.
_aside = ThreadPoolExecutor(1, "bells")


class _Silence:
    """Until when nobody rings, on the monotonic clock of this process."""

    until = 0.0


def ring_draw(output_id: int) -> None:
    """Ask a worker to draw, once the row is committed; a lost ring waits for the dispatcher's next round."""
    transaction.on_commit(partial(_aside.submit, _ring, "generations.tasks.draw", output_id), robust=True)


def ring_take_in(output_id: int) -> None:
    """Ask a worker to decode what arrived, likewise."""
    transaction.on_commit(partial(_aside.submit, _ring, "generations.tasks.take_in", output_id), robust=True)


def _ring(task: str, output_id: int) -> None:
    if time.monotonic() < _Silence.until:
        return
    try:
        current_app.send_task(task, (output_id,))
    except (OperationalError, OSError) as error:
        _Silence.until = time.monotonic() + SILENCE
        log.warning("The broker did not take a message: %s. The dispatcher will ring again.", error)
