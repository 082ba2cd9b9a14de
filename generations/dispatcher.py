"""The only clock: finds work that nobody is doing, rings for it, and shows signs of life."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db import OperationalError, close_old_connections
from django.db.models import Q
from django.utils import timezone

from generations import heartbeats, tasks
from generations.models import Output, OutputState, State
from media import forgetting, storage

log = logging.getLogger(__name__)
TICK = 1.0 * min(1.0, settings.HORIZON_SCALE)
BEAT_EVERY = 5.0
RING_AGAIN = timedelta(seconds=15 * settings.HORIZON_SCALE)


def run(stop: threading.Event, sweeps: Sequence[Callable[[], object]] = ()) -> None:
    """Sweep until told to stop; a database that is away for a while is waited for.

    `sweeps` are those of rooms above this one, each cheap enough for every tick.
    """
    next_beat = 0.0
    while not stop.is_set():
        try:
            for sweep in (ring_forgotten, *sweeps):
                sweep()
            if time.monotonic() >= next_beat:
                _beat()
                next_beat = time.monotonic() + BEAT_EVERY
        except OperationalError as error:
            log.warning("The database did not answer: %s", error)
            close_old_connections()
        stop.wait(TICK)


def ring_forgotten() -> int:
    """Ring for the oldest outputs that no worker holds and nobody rang for lately; returns how many."""
    now = timezone.now()
    forgotten = Output.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        Q(rung_at=None) | Q(rung_at__lt=now - RING_AGAIN),
        state=OutputState.PENDING,
        generation__state__in=(State.QUEUED, State.COLLECTING),
        generation__route="draft",
    )
    chosen = list(forgotten.order_by("created_at", "id").values_list("pk", flat=True)[: 4 * settings.WORKERS])
    Output.objects.filter(pk__in=chosen).update(rung_at=now)
    for output_id in chosen:
        tasks.ring_draw(output_id)
    return len(chosen)


def _beat() -> None:
    heartbeats.beat("dispatcher")
    heartbeats.forget_old()
    tasks.ring_beat()
    storage.sweep()
    forgetting.sweep()
