"""C48, C49, C66: what providers send to our door, through the real view. It is a hint and never believed."""

import hashlib
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from generations import hooks
from generations.models import Event, Generation, InboxEvent, State
from projects.models import Project
from routes import vault
from routes.models import Credential
from sandbox.kling.signing import SECRET
from spend.models import LedgerEntry
from tests.dispatch import door, oracle
from tests.dispatch.door import Door
from tests.dispatch.hands import ROUTES, one_of_each, states
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order


@pytest.fixture
def ours() -> Iterator[Door]:
    with door.standing() as found:
        yield found


def arrivals(project: Project, ours: Door) -> list[Generation]:
    """An order on each route, with what its provider's signatures are checked by known already."""
    orders = one_of_each(project)
    Credential.objects.filter(route="kling").update(hook_sealed=vault.seal(SECRET))
    dispatch(lambda: not Credential.objects.filter(route="fal", hook_keys=[]).exists(), also=ours.answer)
    return orders


def end(room: Sandbox, ours: Door) -> None:
    """Until all orders have ended and the sandbox has sent every webhook that it means to."""
    dispatch_all(also=ours.answer)
    dispatch(lambda: all(_is_heard(one) for one in room.deliveries()), also=ours.answer)


def _is_heard(delivery: dict[str, object]) -> bool:
    statuses = delivery["statuses"]
    return isinstance(statuses, list) and bool(statuses) and statuses[-1] != 0


@pytest.mark.parametrize("do", ["hook-early", "hook-twice", "hook-reordered", "hook-gateway", "hook-late"])
def test_a_webhook_may_come_in_any_way(project: Project, room: Sandbox, ours: Door, do: str) -> None:
    """Before the answer, twice, in another order, through a gateway: one charge, one end."""
    room.fault(do, operation="submit", times=0, seconds=0.4)
    orders = arrivals(project, ours)
    end(room, ours)
    assert states(orders) == {State.SUCCEEDED}
    assert 200 in ours.statuses()
    assert InboxEvent.objects.exists()
    oracle.check(room)


@pytest.mark.parametrize("do", ["hook-forged", "hook-stale", "hook-unsigned", "hook-changed"])
def test_a_webhook_that_is_not_fals_is_not_let_in(
    project: Project, room: Sandbox, ours: Door, do: str
) -> None:
    room.fault(do, operation="submit", times=0, seconds=400.0)
    (order,) = [one for one in arrivals(project, ours) if one.route == "fal"]
    end_of = InboxEvent.objects.filter(attempt__generation=order)
    dispatch_all(also=ours.answer)
    dispatch(lambda: any("/hooks/" in knock.path for knock in _of(ours, order)), also=ours.answer)
    assert {knock.status for knock in _of(ours, order)} == {400}
    assert not end_of.exists()
    oracle.check(room)


def test_a_webhook_for_another_user_of_fal_is_not_let_in(project: Project, room: Sandbox, ours: Door) -> None:
    """fal signs for all its customers with the same keys, so ours is pinned."""
    room.fault("hook-stranger", operation="submit", times=0)
    make_key("fal", hook_user_id="user-" + hashlib.sha256(b"sandbox-fal").hexdigest()[:12])
    dispatch(lambda: not Credential.objects.filter(hook_keys=[]).exists())
    generation = order(project, ENDPOINTS["fal"])
    dispatch_all(also=ours.answer)
    dispatch(lambda: bool(ours.knocks), also=ours.answer)
    assert ours.statuses() == {400}
    assert states([generation]) == {State.SUCCEEDED}
    oracle.check(room)


def test_our_user_of_fal_is_learnt_from_its_own_webhook(project: Project, room: Sandbox, ours: Door) -> None:
    make_key("fal")
    dispatch(lambda: not Credential.objects.filter(hook_keys=[]).exists())
    room.fault("job-slow", operation="submit", seconds=1.0, times=0)  # so that its number is noted before
    order(project, ENDPOINTS["fal"])
    end(room, ours)
    assert Credential.objects.get().hook_user_id.startswith("user-")
    order(project, ENDPOINTS["fal"])
    end(room, ours)
    assert InboxEvent.objects.order_by("pk").last().verified  # type: ignore[union-attr]
    oracle.check(room)


@pytest.mark.parametrize("do", ["hook-forged", "hook-stale", "hook-stranger"])
def test_a_callback_that_is_not_klings_is_not_let_in(
    project: Project, room: Sandbox, ours: Door, do: str
) -> None:
    room.fault(do, operation="submit", times=0, seconds=400.0)
    make_key("kling", hook_sealed=vault.seal(SECRET))
    order(project, ENDPOINTS["kling"])
    dispatch_all(also=ours.answer)
    dispatch(lambda: bool(ours.knocks), also=ours.answer)
    assert ours.statuses() == {400}
    assert not InboxEvent.objects.exists()
    oracle.check(room)


@pytest.mark.parametrize("route", ROUTES)
def test_a_lost_answer_is_settled_by_the_webhook_alone(
    project: Project, room: Sandbox, ours: Door, route: str
) -> None:
    """Its address names the attempt. fal's history is silent here, so that nothing else can tell."""
    make_key(route)
    dispatch(lambda: route != "fal" or not Credential.objects.filter(hook_keys=[]).exists())
    room.fault("close", operation="submit", when="after")
    room.fault("error", operation="history", kind="server", times=0)
    generation = order(project, ENDPOINTS[route])
    end(room, ours)
    assert states([generation]) == {State.SUCCEEDED}
    assert len(room.bill()) == 1
    oracle.check(room)


def test_lost_orders_that_are_alike_are_told_apart_by_their_webhooks(
    project: Project, room: Sandbox, ours: Door
) -> None:
    """fal's history shows the same body twice and settles nothing; each address names its own attempt."""
    make_key("fal")
    dispatch(lambda: not Credential.objects.filter(hook_keys=[]).exists())
    room.fault("close", operation="submit", when="after", times=2)
    orders = [order(project, ENDPOINTS["fal"]) for _ in range(2)]
    end(room, ours)
    assert states(orders) == {State.SUCCEEDED}
    assert len(room.bill()) == 2
    oracle.check(room)


def test_a_webhook_after_the_end_changes_nothing(project: Project, room: Sandbox, ours: Door) -> None:
    """The same ones again, many times: known ones and one whose bytes are new."""
    orders = arrivals(project, ours)
    end(room, ours)
    before = (_rows(Event), _rows(LedgerEntry), _rows(InboxEvent), states(orders), room.charged())
    heard = [knock for knock in ours.knocks if knock.status == 200]
    assert heard
    for _ in range(5):
        assert {door.post(knock) for knock in heard} == {200}
    assert (_rows(Event), _rows(LedgerEntry), _rows(InboxEvent), states(orders), room.charged()) == before
    dispatch_all()
    oracle.check(room)


def test_a_webhook_to_a_guessed_address_is_not_found(project: Project, room: Sandbox, client: Client) -> None:
    one_of_each(project)
    dispatch_all()
    first, second, third = [one.attempts.get() for one in Generation.objects.order_by("pk")]
    wrong = reverse("generations:hook", args=[first.uuid, hooks.token(second.uuid)])
    assert client.post(wrong, b"{}", "application/json").status_code == 404
    right = reverse("generations:hook", args=[third.uuid, hooks.token(third.uuid)])
    assert client.get(right).status_code == 405
    assert not InboxEvent.objects.exists()


def test_a_webhook_that_names_another_job_is_only_a_reason_to_look(
    project: Project, room: Sandbox, client: Client
) -> None:
    """Runware signs nothing: whoever has the address can make us look, and no more."""
    one_of_each(project)
    dispatch_all()
    attempt = Generation.objects.get(route="runware").attempts.get()
    other = Generation.objects.get(route="kling").attempts.get()
    before = (_rows(Event), _rows(LedgerEntry))
    path = reverse("generations:hook", args=[attempt.uuid, hooks.token(attempt.uuid)])
    body = f'{{"data": [{{"taskUUID": "{other.uuid}", "imageURL": "http://127.0.0.1:1/x.png", "cost": 9}}]}}'
    assert client.post(path, body.encode(), "application/json").status_code == 200
    dispatch_all()
    assert (_rows(Event), _rows(LedgerEntry)) == before
    oracle.check(room)


def _rows(model: type[Event] | type[LedgerEntry] | type[InboxEvent]) -> int:
    return model._default_manager.count()


def _of(ours: Door, generation: Generation) -> list[door.Knock]:
    numbers = [str(uuid) for uuid in generation.attempts.values_list("uuid", flat=True)]
    return [knock for knock in ours.knocks if any(number in knock.path for number in numbers)]
