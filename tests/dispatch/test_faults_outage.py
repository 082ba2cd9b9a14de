"""C31: a provider answers nothing but errors for half an hour, and is well again."""

import time
from datetime import timedelta

import pytest

from generations import horizons
from generations.models import Generation, Outcome, State
from projects.models import Project
from tests.dispatch import oracle
from tests.dispatch.hands import ROUTES, fresh, states
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order

HALF_AN_HOUR = 1800.0
READS = ["status", "result", "details", "list", "history"]
EACH = 3  # orders of a route


@pytest.mark.slow
def test_after_half_an_hour_of_errors_everything_ends(project: Project, room: Sandbox) -> None:
    """Some orders are there already when it begins, others wait. Meanwhile the provider is rarely called."""
    for route in ROUTES:
        make_key(route)
    room.fault("job-slow", operation="submit", seconds=1.0, times=0)
    under_way = _orders(project, "before")
    dispatch(lambda: states(under_way) == {State.SUBMITTED})
    room.fault("answer", status=503, body="html", times=0)
    waiting = _orders(project, "during")
    before = _calls(room, "submit")
    until = time.monotonic() + HALF_AN_HOUR * horizons.SCALE
    dispatch(lambda: time.monotonic() > until, within=2 * HALF_AN_HOUR * horizons.SCALE)
    assert states(under_way) == {State.SUBMITTED}
    _was_rarely_called(room, before)
    room.heal()
    of_kling = [one for one in waiting if one.route == "kling"]
    dispatch(lambda: states(of_kling) == {State.SUCCEEDED}, within=60)
    dispatch_all(within=60)
    assert states(under_way) == {State.SUCCEEDED}
    _ended_or_is_asked_about(waiting)
    oracle.check(room)


@pytest.mark.parametrize("route", ROUTES)
def test_an_order_that_got_lost_holds_up_no_other(
    project: Project, room: Sandbox, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One error of a gateway, and nobody knows for hours whether that order arrived. The account works."""
    monkeypatch.setattr(horizons, "DECIDE", timedelta(hours=2))
    monkeypatch.setattr(horizons, "REPOST_FROM", timedelta(hours=2))
    make_key(route)
    room.fault("answer", operation="submit", status=503, body="html")
    room.fault("error", operation="list", kind="server", times=0)  # so that Kling's proof does not come
    lost = order(project, ENDPOINTS[route], prompt="The first lighthouse")
    dispatch(lambda: states([lost]) == {State.UNKNOWN})
    others = _of(project, route, "after")
    dispatch(lambda: states(others) == {State.SUCCEEDED}, within=15)
    assert states([lost]) == {State.UNKNOWN}
    _has_one_charge_each(room, others)


def _orders(project: Project, when: str) -> list[Generation]:
    return [one for route in ROUTES for one in _of(project, route, when)]


def _of(project: Project, route: str, when: str) -> list[Generation]:
    return [order(project, ENDPOINTS[route], prompt=f"Lighthouse {number} {when}") for number in range(EACH)]


def _calls(room: Sandbox, *operations: str) -> dict[str, int]:
    """How often each route was called."""
    found = [one["protocol"] for operation in operations for one in room.requests(operation)]
    return {route: found.count(route) for route in ROUTES}


def _was_rarely_called(room: Sandbox, before: dict[str, int]) -> None:
    """Orders were tried once a minute in the end; each question about one came by its own schedule."""
    tries, reads = _calls(room, "submit"), _calls(room, *READS)
    schedule = len(horizons.POLLS) + HALF_AN_HOUR / (horizons.POLL_SLOWLY / horizons.seconds(1))
    for route in ROUTES:
        assert tries[route] - before[route] <= len(horizons.BACK_OFF) + HALF_AN_HOUR / horizons.BACK_OFF[-1]
        assert reads[route] <= 2 * EACH * schedule


def _ended_or_is_asked_about(orders: list[Generation]) -> None:
    """Kling proves that nothing arrived. fal never does, and Runware not after so long: a person is asked."""
    for one in fresh(orders):
        if one.state != State.SUCCEEDED:
            assert one.route in ("fal", "runware")
            assert one.state == State.NEEDS_DECISION
            assert [attempt.outcome for attempt in one.attempts.all()] == [Outcome.UNKNOWN]


def _has_one_charge_each(room: Sandbox, orders: list[Generation]) -> None:
    assert len(room.bill()) == len(orders)
    for one in fresh(orders):
        assert oracle.books(one) == (one.estimate_micro_usd, 0)
    assert sum(oracle.books(one)[0] for one in orders) == room.charged()
