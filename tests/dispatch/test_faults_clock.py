"""C58: the clock of this machine jumps by an hour, forth and back, while orders are in flight.

Leases run out that should not, or hold for an hour too long; what became due while it was ahead would wait
until it is that late. Nothing is sent a second time for it, and everything ends.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from generations import waits
from generations.models import Attempt, Generation, Outcome, State
from projects.models import Project
from routes.models import Credential
from tests.dispatch import oracle
from tests.dispatch.hands import ROUTES, fresh, one_of_each, states
from tests.paid import ENDPOINTS, Sandbox, dispatch, order, settled

HOUR = timedelta(hours=1)
TURNS = 30  # of the dispatcher, in which nothing may happen


class Clock:
    """Wrong by `offset`."""

    def __init__(self) -> None:
        self.offset = timedelta()
        self._true = timezone.now

    def now(self) -> datetime:
        return self._true() + self.offset


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(timezone, "now", found.now)
    return found


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["forth", "back"])
def test_a_clock_that_jumps_while_orders_are_in_flight_sends_nothing_twice(
    project: Project, room: Sandbox, clock: Clock, jump: timedelta
) -> None:
    """While they are posted, while they run, and while their pictures are fetched."""
    room.fault("slow", operation="submit", when="after", times=3, seconds=0.7)
    room.fault("job-slow", operation="submit", times=3, seconds=1.5)
    room.fault("slow", operation="download", when="before", times=3, seconds=0.7)
    orders = one_of_each(project)

    def story() -> Iterator[None]:
        while states(orders) != {State.SUBMITTING}:
            yield
        clock.offset = jump
        while states(orders) != {State.SUBMITTED}:
            yield
        clock.offset = timedelta()
        for _ in range(TURNS):
            yield
        clock.offset = max(jump, timedelta())  # the hour has gone by
        while State.SUBMITTED in states(orders):
            yield
        clock.offset -= HOUR

    _tell(story())
    assert states(orders) == {State.SUCCEEDED}
    assert len(room.submits()) == len(room.bill()) == len(ROUTES)
    assert {one.attempts.get().outcome for one in orders} == {Outcome.ACCEPTED}
    oracle.check(room)


def test_nothing_waits_for_the_hour_once_the_clock_is_right_again(
    project: Project, room: Sandbox, clock: Clock
) -> None:
    room.fault("job-slow", operation="submit", times=3, seconds=1.5)
    room.fault("answer", operation="status", status=503, times=0)
    orders = one_of_each(project)
    late = order(project, ENDPOINTS["fal"])
    Credential.objects.filter(route="fal").update(at_once=1)
    clock.offset = HOUR

    def story() -> Iterator[None]:
        while states(orders) != {State.SUBMITTED}:
            yield
        clock.offset = timedelta()
        Generation.objects.filter(pk=late.pk).update(due_at=clock.now() + HOUR)
        Credential.objects.update(closed_until=clock.now() + HOUR)
        for _ in range(TURNS):
            yield
        assert not Attempt.objects.filter(due_at__lte=clock.now() + HOUR / 2).exists()
        room.heal()
        while not waits.end_overlong():
            yield

    _tell(story())
    assert states([*orders, late]) == {State.SUCCEEDED}
    oracle.check(room)


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["ahead", "behind"])
def test_what_was_sent_by_a_wrong_clock_and_got_lost_is_not_sent_again(
    project: Project, room: Sandbox, clock: Clock, jump: timedelta
) -> None:
    """Runware and Kling know our number. fal knows only when it came, and that is an hour off."""
    room.fault("close", operation="submit", when="after", times=3)
    clock.offset = jump
    orders = one_of_each(project)

    def story() -> Iterator[None]:
        while not states(orders) <= {State.UNKNOWN, State.SUBMITTED, State.NEEDS_DECISION}:
            yield
        clock.offset = timedelta()
        for _ in range(TURNS):
            yield
        clock.offset = max(jump, timedelta())  # the hour has gone by

    _tell(story())
    assert len(room.bill()) == len(ROUTES)
    for one in fresh(orders):
        ends = (State.SUCCEEDED, State.NEEDS_DECISION) if one.route == "fal" else (State.SUCCEEDED,)
        assert one.state in ends, one.route
        assert one.attempts.count() == 1
    assert len([one for one in room.submits() if one["protocol"] != "runware"]) == 2


def _tell(story: Iterator[None]) -> None:
    """Let the dispatcher work through the story, and then until all has ended."""
    goes_on = True

    def turn() -> None:
        nonlocal goes_on
        goes_on = goes_on and next(story, story) is not story

    dispatch(lambda: not goes_on and settled(), within=60, also=turn)
