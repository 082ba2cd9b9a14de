"""C50, C52: keys and elements that are taken away or changed while orders are under way."""

from dataclasses import replace

import pytest
from django.utils import timezone

from accounts.models import User
from elements import moving
from elements.models import Element
from generations import agenda, plan, turns
from generations.binding import Pinned
from generations.models import Generation, State
from projects.models import Project
from routes import keys, vault
from routes.keys import Secrets
from routes.models import Credential
from tests.dispatch import oracle
from tests.dispatch.hands import ROUTES, all_closed, fresh, one_of_each, states, work_on_for
from tests.factories import make_element, make_intent
from tests.paid import ENDPOINTS, KEYS, Sandbox, dispatch, dispatch_all, make_key, order


def test_what_is_in_flight_ends_with_the_key_that_was_removed(project: Project, room: Sandbox) -> None:
    room.fault("job-slow", operation="submit", seconds=0.5, times=0)
    orders = one_of_each(project)
    dispatch(lambda: states(orders) == {State.SUBMITTED})
    for key in Credential.objects.all():
        keys.remove(key)
    agenda.retire_keys()
    assert not Credential.objects.filter(sealed="").exists()
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    oracle.check(room)
    agenda.retire_keys()
    assert not Credential.objects.exclude(sealed="").exists()


def test_what_waits_waits_for_another_key_or_is_cancelled(project: Project, room: Sandbox) -> None:
    made = [make_key(route) for route in ROUTES]
    orders = [order(project, ENDPOINTS[route]) for route in ROUTES]
    for key in made:
        keys.remove(key)
    turns.adopt()
    work_on_for(0.2)
    assert states(orders) == {State.QUEUED}
    assert all("no key for this route" in one.waiting for one in fresh(orders))
    for route in ROUTES:
        make_key(route)
    turns.adopt()
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    oracle.check(room)


@pytest.mark.parametrize("route", ROUTES)
def test_a_key_that_is_renewed_goes_on_with_what_is_in_flight(
    project: Project, room: Sandbox, route: str
) -> None:
    """The same account under a new secret: everything in flight is asked about with it."""
    key = make_key(route)
    room.fault("job-slow", operation="submit", seconds=0.5)
    generation = order(project, ENDPOINTS[route])
    dispatch(lambda: states([generation]) == {State.SUBMITTED})
    Credential.objects.filter(pk=key.pk).update(sealed=vault.seal(KEYS[route]))
    dispatch_all()
    assert states([generation]) == {State.SUCCEEDED}
    assert len(room.bill()) == 1
    oracle.check(room)


def test_a_lost_answer_is_found_after_the_key_was_removed(project: Project, room: Sandbox) -> None:
    room.fault("close", operation="submit", when="after", times=3)
    orders = one_of_each(project)
    dispatch(lambda: not Generation.objects.filter(state__in=(State.QUEUED, State.SUBMITTING)).exists())
    for key in Credential.objects.all():
        keys.remove(key)
    agenda.retire_keys()
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    oracle.check(room)


def test_a_key_of_another_account_finds_nothing_and_sends_nothing(project: Project, room: Sandbox) -> None:
    """Its orders are another account's there, so they stay open; nothing is sent a second time."""
    key = make_key("kling")
    room.fault("job-slow", operation="submit", seconds=0.3)
    generation = order(project, ENDPOINTS["kling"])
    dispatch(lambda: states([generation]) == {State.SUBMITTED})
    keys.replace(key, Secrets("sandbox-kling-of-somebody-else"))
    work_on_for(0.6)
    assert states([generation]) == {State.SUBMITTED}
    assert len(room.submits()) == 1
    keys.replace(key, Secrets(KEYS["kling"]))
    dispatch_all()
    assert states([generation]) == {State.SUCCEEDED}
    oracle.check(room)


def test_a_key_that_is_mended_sends_what_waited(project: Project, room: Sandbox) -> None:
    key = make_key("kling")
    Credential.objects.filter(pk=key.pk).update(sealed=vault.seal("nobodys"))
    generation = order(project, ENDPOINTS["kling"])
    dispatch(all_closed)
    assert states([generation]) == {State.QUEUED}
    keys.replace(key, Secrets(KEYS["kling"]))
    dispatch_all()
    assert states([generation]) == {State.SUCCEEDED}
    oracle.check(room)


def test_a_paused_key_sends_nothing_and_fetches_what_is_paid(project: Project, room: Sandbox) -> None:
    key = make_key("runware")
    room.fault("job-slow", operation="submit", seconds=0.3)
    flying = order(project, ENDPOINTS["runware"])
    dispatch(lambda: states([flying]) == {State.SUBMITTED})
    keys.pause(key)
    waiting = order(project, ENDPOINTS["runware"])
    dispatch(lambda: states([flying]) == {State.SUCCEEDED})
    assert states([waiting]) == {State.QUEUED}
    keys.resume(key)
    dispatch_all()
    assert states([waiting]) == {State.SUCCEEDED}
    oracle.check(room)


@pytest.mark.parametrize("route", ["fal", "kling"])
def test_an_element_that_is_purged_ends_what_waits_for_it(
    project: Project, ana: User, room: Sandbox, route: str
) -> None:
    """Before anything is sent: nothing of the person leaves any more, and nothing is paid."""
    key = make_key(route, paused_at=timezone.now())
    element = make_element("mara", ana)
    intent = make_intent(project, ana, "@mara at dusk", endpoint=ENDPOINTS[route])
    generation = plan.start(_pinned(intent, element))
    moving.purge(element, ana)
    keys.resume(key)
    dispatch_all()
    (now,) = fresh([generation])
    assert now.state == State.FAILED
    assert "purged" in now.error
    assert "Nothing was sent" in now.error
    assert room.submits() == []
    oracle.check(room)


def _pinned(intent: plan.Intent, element: Element) -> plan.Intent:
    version = element.versions.get()
    return replace(intent, pinned=(Pinned(element, version, element.handle),))
