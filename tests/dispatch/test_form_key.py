"""C3, C4, C17, C22: one press of the button is one order, however often it or its messages come."""

from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from generations import arrivals, attempts, pipeline, plan, tickets
from generations.models import Generation, Output, OutputState, State
from projects.models import Project
from tests.dispatch import oracle
from tests.dispatch.hands import ROUTES, states
from tests.factories import make_blob, make_intent
from tests.generations.sent import begin
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order


@pytest.mark.parametrize("route", ROUTES)
def test_a_double_click_is_one_order(project: Project, ana: User, room: Sandbox, route: str) -> None:
    make_key(route)
    key = uuid4()
    intents = [make_intent(project, ana, endpoint=ENDPOINTS[route], form_key=key) for _ in range(3)]
    assert len({plan.start(intent).pk for intent in intents}) == 1
    dispatch_all()
    assert plan.start(intents[0]).state == State.SUCCEEDED
    dispatch_all()
    assert len(room.submits()) == len(room.bill()) == 1
    oracle.check(room)


def test_another_order_under_the_same_key_is_refused(project: Project, ana: User, room: Sandbox) -> None:
    make_key("fal")
    key = uuid4()
    plan.start(make_intent(project, ana, "A fox", endpoint="fal-o3-text", form_key=key))
    with pytest.raises(plan.FormKeyReused):
        plan.start(make_intent(project, ana, "A wolf", endpoint="fal-o3-text", form_key=key))
    dispatch_all()
    assert len(room.bill()) == 1
    oracle.check(room)


def test_an_order_is_taken_and_begun_once(project: Project, room: Sandbox) -> None:
    key = make_key("fal")
    generation = order(project, ENDPOINTS["fal"])
    ticket = tickets.take(generation.pk, generation.fence, key.pk)
    assert ticket is not None
    assert [tickets.take(generation.pk, generation.fence, key.pk) for _ in range(4)] == [None] * 4
    numbers = [attempts.number_of(generation.uuid, number) for number in (1, 2)]
    assert begin(ticket, 1, numbers[0], {"prompt": "x"}) is not None
    assert begin(ticket, 2, numbers[1], {"prompt": "x"}) is None
    assert generation.attempts.count() == 1


def test_whoever_lost_an_order_begins_nothing(project: Project, room: Sandbox) -> None:
    """Its lease ran out while inputs were prepared, and somebody else took it."""
    key = make_key("fal")
    generation = order(project, ENDPOINTS["fal"])
    slow = tickets.take(generation.pk, generation.fence, key.pk)
    assert slow is not None
    assert tickets.take(generation.pk, slow.fence, key.pk) is not None
    assert begin(slow, 1, attempts.number_of(generation.uuid, 1), {}) is None
    assert not generation.attempts.exists()


def test_a_picture_that_is_rung_for_five_times_is_stored_once(project: Project, room: Sandbox) -> None:
    make_key("kling")
    generation = order(project, ENDPOINTS["kling"])
    dispatch_all()
    (output,) = generation.outputs.all()
    for _ in range(5):
        arrivals.take_in(output.pk)
    assert generation.events.filter(output=output, to_state=OutputState.STORED).count() == 1
    assert states([generation]) == {State.SUCCEEDED}
    oracle.check(room)


def test_a_worker_whose_lease_ran_out_stores_nothing(project: Project, room: Sandbox) -> None:
    make_key("kling")
    room.fault("answer", path="*/cdn/files/*", status=503, times=0)
    generation = order(project, ENDPOINTS["kling"])
    dispatch(lambda: Generation.objects.filter(state=State.COLLECTING).exists())
    Output.objects.update(lease_until=None)
    (output,) = generation.outputs.all()
    slow = pipeline.claim(output.pk, "slow")
    assert slow is not None
    Output.objects.update(lease_until=timezone.now())
    assert pipeline.claim(output.pk, "quick") is not None
    assert not pipeline.store(slow, make_blob(), "slow")
    assert not pipeline.fail(slow, "It failed.", "slow")
    Output.objects.update(lease_until=None)
    room.heal()
    dispatch_all()
    assert states([generation]) == {State.SUCCEEDED}
    oracle.check(room)
