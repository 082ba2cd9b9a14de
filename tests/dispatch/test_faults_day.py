"""C44: the studio is down for a day while results expire at their providers.

What expires first is fetched first; what still lives is stored; what is gone is said, with its number.
"""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db.models import F
from django.utils import timezone

from generations import horizons
from generations.dispatch import desk
from generations.models import Attempt, Generation, Output, State
from projects.models import Project
from routes import vault
from tests.dispatch import oracle
from tests.dispatch.hands import ROUTES, fresh, states
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
GONE = len(ROUTES)  # pictures, one of each route


@pytest.fixture(autouse=True)
def _one_after_the_other(room: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fetched singly, so that there is an order; given up soon; and a day is as long as anywhere."""
    monkeypatch.setattr(desk, "FETCHING_MOST", 1)
    monkeypatch.setattr(horizons, "FETCH_TRIES", 2)
    monkeypatch.setattr(horizons, "FETCH_AGAIN", horizons.FETCH_AGAIN / 50)
    monkeypatch.setattr(horizons, "FORGOTTEN", timedelta(days=7))


def test_after_a_day_away_what_expires_first_is_fetched_first(project: Project, room: Sandbox) -> None:
    for route in ROUTES:
        make_key(route)
    finished = _finished_but_not_fetched(project, room)
    running = _running(project, room)
    _a_day_passes(room, finished)
    room.heal()
    gone = finished[:GONE]
    _are_gone(room, gone)
    before = len(room.requests("download"))
    dispatch_all()
    assert _asked_for(room, finished, before) == [one.pk for one in _by_expiry(finished)]
    assert states(running + [one.generation for one in finished[GONE:]]) == {State.SUCCEEDED}
    for generation in fresh([one.generation for one in gone]):
        assert generation.state == State.FAILED
        assert "It was paid" in generation.error
        told = " ".join(generation.events.values_list("note", flat=True))
        assert generation.attempts.get().remote_id in told
    oracle.check(room, lost=GONE)


def _finished_but_not_fetched(project: Project, room: Sandbox) -> list[Output]:
    """Three pictures of each route that are done when the studio stops, each with its address."""
    room.fault("answer", operation="download", status=503, times=0)
    orders = [order(project, ENDPOINTS[route]) for _ in range(3) for route in ROUTES]
    dispatch(lambda: states(orders) == {State.COLLECTING})
    return [one.outputs.select_related("generation").get() for one in orders]


def _running(project: Project, room: Sandbox) -> list[Generation]:
    """One order of each route that the provider is still at, and finishes while nobody asks."""
    room.fault("job-slow", operation="submit", seconds=1.0, times=0)
    orders = [order(project, ENDPOINTS[route]) for route in ROUTES]
    dispatch(lambda: states(orders) == {State.SUBMITTED})
    return orders


def _a_day_passes(room: Sandbox, finished: Sequence[Output]) -> None:
    """All that was written down is a day old. Of the pictures the last that was made expires first."""
    Attempt.objects.update(sent_at=F("sent_at") - DAY)
    Attempt.objects.filter(is_done=True).update(due_at=None)  # or else it would be told that they live on
    Output.objects.filter(lease_until__isnull=False).update(lease_until=F("lease_until") - DAY)
    now = timezone.now()
    for place, output in enumerate(finished):
        left = (len(finished) - place) * HOUR if place >= GONE else -(place + 1) * HOUR
        Output.objects.filter(pk=output.pk).update(source_expires_at=now + left)
        output.source_expires_at = now + left


def _are_gone(room: Sandbox, outputs: Sequence[Output]) -> None:
    for output in outputs:
        room.fault("answer", path=_path(output), status=410, body="gone", times=0)


def _by_expiry(outputs: Sequence[Output]) -> list[Output]:
    return sorted(outputs, key=lambda one: one.source_expires_at or timezone.now())


def _asked_for(room: Sandbox, outputs: Sequence[Output], before: int) -> list[int]:
    """Which of these were asked for since, in the order of their first times."""
    paths = {_path(output): output.pk for output in outputs}
    asked = [str(one["path"]) for one in room.requests("download")[before:]]
    return [paths[path] for path in dict.fromkeys(asked) if path in paths]


def _path(output: Output) -> str:
    return urlsplit(vault.unseal(output.source)).path
