"""C26-C32: what is definitely not taken. Whose matter it is decides whether it ends, waits or goes again."""

import time

import pytest
from django.test import override_settings
from django.utils import timezone

from generations import horizons
from generations.models import Generation, Outcome, State
from projects.models import Project
from routes import vault
from routes.models import Credential
from tests.dispatch import oracle
from tests.dispatch.hands import ROUTES, all_closed, closed, fresh, one_of_each, reopen, states, work_on_for
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order

SIGNED = "sandbox-access:sandbox-secret-key-of-thirty-two-bytes"


@pytest.mark.parametrize("kind", ["key", "locked", "money"])
def test_orders_wait_for_a_person_when_the_account_is_refused(
    project: Project, room: Sandbox, kind: str
) -> None:
    """At most one try for each, and none again before somebody may have mended it."""
    room.fault("error", operation="submit", kind=kind, times=0)
    orders = [*one_of_each(project), *(order(project, ENDPOINTS[route]) for route in ROUTES)]
    dispatch(all_closed)
    tried = len(room.submits())
    work_on_for(0.3)
    assert len(room.submits()) == tried <= len(orders)
    assert states(orders) == {State.QUEUED}
    for key in Credential.objects.all():
        assert "Nothing was charged" in key.closed_why
        assert key.works is False
    room.heal()
    reopen()
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    oracle.check(room)


@pytest.mark.parametrize(
    ("kind", "words"), [("1304", "list of addresses"), ("1103", "may not use this model")]
)
def test_klings_refusals_for_good_are_the_accounts_matter(
    project: Project, room: Sandbox, kind: str, words: str
) -> None:
    key = make_key("kling")
    body = f'{{"code": {kind}, "message": "no", "request_id": "1"}}'
    room.fault("answer", operation="submit", status=429, body=body, times=0)
    generation = order(project, ENDPOINTS["kling"])
    dispatch(lambda: bool(closed(key)))
    work_on_for(0.2)
    assert words in closed(key)
    assert len(room.submits()) == 1
    assert fresh([generation])[0].state == State.QUEUED


@pytest.mark.parametrize("offset", [-60.0, 3600.0])
def test_a_wrong_clock_is_named_as_the_reason(project: Project, room: Sandbox, offset: float) -> None:
    """Kling's tokens are too young or too old; with the right time they go through."""
    key = make_key("kling")
    Credential.objects.filter(pk=key.pk).update(sealed=vault.seal(SIGNED))
    room.clock(offset)
    generation = order(project, ENDPOINTS["kling"])
    dispatch(lambda: "clock" in closed(key))
    assert len(room.submits()) == 1
    room.clock(0)
    reopen()
    dispatch_all()
    assert fresh([generation])[0].state == State.SUCCEEDED
    oracle.check(room)


@pytest.mark.parametrize(
    ("after", "least", "most"),
    [("7", 7.0, 8.0), ("", 5.0, 6.0), ("100000", 900.0, 901.0), ("soon", 5.0, 6.0), ("-1", 5.0, 6.0)],
)
def test_a_busy_provider_is_left_alone_for_as_long_as_it_says(
    project: Project, room: Sandbox, after: str, least: float, most: float
) -> None:
    """Never longer than a quarter of an hour; by our own measure where it says nothing that is a number."""
    headers = {"Retry-After": after} if after else {}
    room.fault("error", operation="submit", kind="rate", headers=headers, times=3)
    orders = one_of_each(project)
    dispatch(lambda: Generation.objects.filter(attempts__outcome=Outcome.REFUSED).distinct().count() == 3)
    for row in fresh(orders):
        assert row.credential is not None
        until = max(filter(None, (row.due_at, row.credential.closed_until)))
        assert (until - timezone.now()) <= horizons.seconds(most)
        first = row.attempts.order_by("number").first()
        assert first is not None
        assert until - first.sent_at >= horizons.seconds(least)


@pytest.mark.parametrize("route", ROUTES)
def test_a_busy_provider_gets_it_later(project: Project, room: Sandbox, route: str) -> None:
    key = make_key(route)
    room.fault("error", operation="submit", kind="concurrency", times=3)
    orders = [order(project, ENDPOINTS[route]) for _ in range(3)]
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    assert Credential.objects.get(pk=key.pk).failures == 0
    assert len(room.bill()) == 3
    oracle.check(room)


@pytest.mark.parametrize("route", ROUTES)
def test_a_provider_that_fails_for_a_while_gets_everything_in_the_end(
    project: Project, room: Sandbox, route: str
) -> None:
    """Failing tells nothing of what became of an order, so each is looked for before it goes again."""
    make_key(route)
    room.fault("answer", operation="submit", status=503, body="html", when="after", times=3)
    room.fault("error", operation="status", kind="server", times=3)
    orders = [order(project, ENDPOINTS[route], prompt=f"Lighthouse {number}") for number in range(5)]
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    assert len(room.bill()) == 5
    oracle.check(room)


def test_a_failing_provider_is_not_hammered(project: Project, room: Sandbox) -> None:
    """After failures one order at a time finds out whether it is well again, less and less often."""
    make_key("fal")
    room.fault("error", operation="submit", kind="rate", headers={"Retry-After": "1"}, times=0)
    for _ in range(30):
        order(project, ENDPOINTS["fal"])
    start = time.monotonic()
    work_on_for(1.0)
    scaled = (time.monotonic() - start) / horizons.SCALE
    assert len(room.submits()) <= 30 + scaled


@pytest.mark.parametrize("route", ROUTES)
def test_nothing_is_spent_where_nobody_listens(project: Project, room: Sandbox, route: str) -> None:
    key = make_key(route)
    generation = order(project, ENDPOINTS[route])
    with override_settings(SANDBOX_URL="http://127.0.0.1:9"):
        dispatch(lambda: Credential.objects.filter(pk=key.pk, failures__gte=2).exists())
        row = fresh([generation])[0]
        assert {attempt.outcome for attempt in row.attempts.all()} == {Outcome.REFUSED}
        assert "Nothing was sent" in closed(key)
    dispatch_all()
    assert fresh([generation])[0].state == State.SUCCEEDED
    assert len(room.bill()) == 1
    oracle.check(room)


@pytest.mark.parametrize("kind", ["input", "safety"])
def test_an_order_that_is_refused_for_itself_ends(project: Project, room: Sandbox, kind: str) -> None:
    room.fault("error", operation="submit", kind=kind, times=3)
    orders = one_of_each(project)
    dispatch_all()
    others = [order(project, ENDPOINTS[route]) for route in ROUTES]
    dispatch_all()
    assert states(others) == {State.SUCCEEDED}
    for failed in fresh(orders):
        assert failed.state == State.FAILED
        assert "refused" in failed.error
        assert "charged" in failed.error
        assert failed.attempts.count() == 1
    oracle.check(room)
