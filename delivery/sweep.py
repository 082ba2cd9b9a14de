"""What the dispatcher does for exports each second: rings forgotten ones, removes old ones and lost files."""

import time
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from delivery import orders, results, tasks
from delivery.models import Export

RING_AGAIN = timedelta(seconds=15 * settings.HORIZON_SCALE)
KEPT = timedelta(days=7)
AT_ONCE = 50
# Folders without a row are rare: a killed process, or a project that was deleted.
TIDY_EVERY = 600.0
ABANDONED_AFTER = 3600.0

_next_tidy = 0.0


def sweep() -> None:
    """Cheap enough for every second."""
    global _next_tidy
    ring_forgotten()
    delete_expired()
    if time.monotonic() >= _next_tidy:
        _next_tidy = time.monotonic() + TIDY_EVERY
        tidy()


def ring_forgotten() -> int:
    """Ring for open exports that no worker holds and nobody rang for lately; returns how many."""
    now = timezone.now()
    forgotten = Export.objects.open().filter(
        Q(lease_until=None) | Q(lease_until__lt=now), Q(rung_at=None) | Q(rung_at__lt=now - RING_AGAIN)
    )
    chosen = list(forgotten.order_by("created_at", "id").values_list("pk", flat=True)[: settings.WORKERS])
    if chosen:
        Export.objects.filter(pk__in=chosen).update(rung_at=now)
    for export_id in chosen:
        tasks.ring_export(export_id)
    return len(chosen)


def delete_expired() -> int:
    """Delete exports that ended more than seven days ago, with their archives; returns how many."""
    expired = list(Export.objects.filter(finished_at__lt=timezone.now() - KEPT)[:AT_ONCE])
    for export in expired:
        orders.delete(export)
    return len(expired)


def tidy() -> int:
    """Delete folders that no export knows; returns how many."""
    old = results.folders_older_than(time.time() - ABANDONED_AFTER)
    known = set(Export.objects.filter(uuid__in=old).values_list("uuid", flat=True))
    lost = [uuid for uuid in old if uuid not in known]
    for uuid in lost:
        results.discard(uuid)
    return len(lost)
