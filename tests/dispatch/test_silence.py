"""An account that answers no question is asked about few of its jobs, less and less; the others wait."""

import html
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from generations import horizons
from generations.models import Attempt, Event, Generation, State
from projects.models import Project
from routes.models import Credential
from tests.dispatch import door, oracle
from tests.dispatch.hands import ROUTES, fresh, states, work_on_for
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order

MANY = 8
READS = ["status", "result", "details", "list"]
AN_HOUR = timedelta(hours=1)
TOLD = "fal.ai does not answer just now. The order is asked about again, and charged once at most."


def _in_flight(project: Project, route: str, many: int = MANY) -> list[Generation]:
    """Orders that were accepted."""
    orders = [order(project, ENDPOINTS[route], prompt=f"Lighthouse {number}") for number in range(many)]
    dispatch(lambda: not states(orders) & {State.QUEUED, State.SUBMITTING})
    return orders


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("status", [429, 503])
def test_an_account_that_answers_nothing_is_asked_little(
    project: Project, room: Sandbox, route: str, status: int
) -> None:
    """By their own times eight jobs would be asked about some three hundred times."""
    make_key(route, at_once=MANY)
    for operation in READS:
        room.fault("answer", operation=operation, status=status, body="html", times=0)
    orders = _in_flight(project, route)
    before = _questions(room)
    work_on_for(4 * horizons.POLL_SLOWLY.total_seconds())
    rounds, probes, requests_of_each = 8, 5, 2
    assert 0 < _questions(room) - before <= (MANY + rounds * probes) * requests_of_each
    room.heal()
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    oracle.check(room)


def test_what_waited_is_asked_about_as_soon_as_one_is_answered(
    project: Project, room: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_key("fal", at_once=MANY + 1)
    room.fault("answer", operation="status", status=503, body="html", times=0)
    orders = _in_flight(project, "fal")
    monkeypatch.setattr(horizons, "POLL_SLOWLY", AN_HOUR)
    monkeypatch.setattr(horizons, "BACK_OFF", (AN_HOUR / horizons.seconds(1),))

    def heal_when_all_wait() -> None:
        waiting = Attempt.objects.filter(due_at__gt=timezone.now() + AN_HOUR / 2)
        if waiting.count() == MANY:
            room.heal()
            one = waiting.order_by("pk")[0]
            Attempt.objects.filter(pk=one.pk).update(due_at=timezone.now(), hooked_at=timezone.now())

    dispatch(lambda: states(orders) == {State.SUCCEEDED}, also=heal_when_all_wait)
    oracle.check(room)


def test_webhooks_are_followed_while_nothing_else_is_answered(project: Project, room: Sandbox) -> None:
    make_key("fal", at_once=MANY + 1)
    room.fault("answer", operation="status", status=503, body="html", times=0)
    with door.standing() as ours:
        dispatch(lambda: not Credential.objects.filter(hook_keys=[]).exists(), also=ours.answer)
        orders = [order(project, ENDPOINTS["fal"], prompt=f"Lighthouse {number}") for number in range(MANY)]
        dispatch(lambda: states(orders) == {State.SUCCEEDED}, also=ours.answer)
    oracle.check(room)


def test_one_job_that_is_never_answered_holds_up_no_other(project: Project, room: Sandbox) -> None:
    make_key("fal", at_once=MANY + 1)
    [lost] = _in_flight(project, "fal", many=1)
    path = f"*{lost.attempts.get().remote_id}*"
    room.fault("answer", path=path, status=503, body="html", times=0)
    others = _in_flight(project, "fal")
    dispatch(lambda: states(others) == {State.SUCCEEDED})
    assert states([lost]) <= {State.SUBMITTED, State.COLLECTING}


def test_people_are_told_and_told_again_when_it_is_over(project: Project, room: Sandbox, web: Client) -> None:
    make_key("fal")
    room.fault("answer", operation="status", status=503, body="html", times=0)
    room.fault("job-slow", operation="submit", seconds=4.0, times=0)
    orders = _in_flight(project, "fal", many=2)
    dispatch(lambda: _said(orders) == {TOLD})
    assert html.unescape(web.get("/queue/").content.decode()).count(TOLD) == 2
    room.heal()
    dispatch(lambda: _said(orders) == {""})
    assert states(orders) == {State.SUBMITTED}
    notes = Event.objects.filter(generation=orders[0]).order_by("pk").values_list("note", flat=True)
    assert list(notes)[-2:] == [TOLD, "It runs now."]


def _said(orders: list[Generation]) -> set[str]:
    return {one.waiting for one in fresh(orders)}


def _questions(room: Sandbox) -> int:
    return sum(len(room.requests(operation)) for operation in READS)
