"""Waits and leases longer than any that is ever set: a clock that was ahead left them behind.

Without an end they would stand for as long as the clock was wrong.
"""

from datetime import timedelta

from django.db.models import Model, QuerySet
from django.utils import timezone

from generations import horizons
from generations.models import TERMINAL, Attempt, Generation, Output, OutputState, State
from routes.models import Credential


def end_overlong() -> int:
    """Make all of them end now; returns how many there were. Nearly always it only reads."""
    # Named one by one: no index serves whatever is not terminal.
    working = Generation.objects.filter(state__in=set(State.values) - set(TERMINAL))
    pending = Output.objects.filter(state=OutputState.PENDING)
    longest = horizons.LONGEST
    return (
        _end(Attempt.objects.filter(due_at__isnull=False), "due_at", longest)
        + _end(working, "due_at", longest)
        + _end(working, "lease_until", longest)
        + _end(pending, "lease_until", longest)
        + _end(pending, "rung_at", timedelta(seconds=1))
        + _end(Credential.objects.all(), "closed_until", longest)
    )


def _end[Row: Model](rows: QuerySet[Row], name: str, longest: timedelta) -> int:
    now = timezone.now()
    overlong = rows.filter(**{f"{name}__gt": now + longest})
    return overlong.update(**{name: now}) if overlong.exists() else 0
