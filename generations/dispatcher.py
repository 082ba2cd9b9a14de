"""The only clock: finds work that nobody is doing, rings for it, and shows a sign of life."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import OperationalError, close_old_connections
from django.db.models import Q
from django.utils import timezone

from generations import agenda, bells, heartbeats, horizons, turns, waits
from generations.models import Output, OutputState, State
from media import forgetting, storage

log = logging.getLogger(__name__)
TICK = min(1.0, max(0.25, horizons.SCALE))
BEAT_EVERY = 5.0


def run(stop: threading.Event, sweeps: Sequence[Callable[[], object]] = ()) -> None:
    """Sweep until told to stop; a database that is away for a while is waited for.

    `sweeps` are those of rooms above this one, each cheap enough for every tick.
    """
    next_beat = 0.0
    while not stop.is_set():
        try:
            for sweep in (ring_forgotten, turns.adopt, agenda.retire_keys, *sweeps):
                sweep()
            if time.monotonic() >= next_beat:
                _beat()
                next_beat = time.monotonic() + BEAT_EVERY
        except OperationalError as error:
            log.warning("The database did not answer: %s", error)
            close_old_connections()
        stop.wait(TICK)


def ring_forgotten() -> int:
    """Ring for the oldest outputs that no worker holds and nobody rang for lately; returns how many.

    Those are pictures to draw, and pictures that were fetched and wait to be decoded.
    """
    now = timezone.now()
    forgotten = Output.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=now),
        Q(rung_at=None) | Q(rung_at__lt=now - horizons.RING_AGAIN),
        Q(generation__route="draft") | Q(arrived_at__isnull=False),
        state=OutputState.PENDING,
        generation__state__in=(State.QUEUED, State.COLLECTING),
    )
    found = forgotten.order_by("created_at", "id").values_list("pk", "arrived_at")
    chosen = list(found[: 4 * settings.WORKERS])
    Output.objects.filter(pk__in=[pk for pk, _ in chosen]).update(rung_at=now)
    for pk, arrived_at in chosen:
        ring = bells.ring_take_in if arrived_at else bells.ring_draw
        ring(pk)
    return len(chosen)


def _beat() -> None:
    heartbeats.beat("dispatcher")
    heartbeats.forget_old()
    waits.end_overlong()
    storage.sweep()
    forgetting.sweep()
