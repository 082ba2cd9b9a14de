"""C65: many orders of one person and one of another; an account that takes few at once."""

import pytest

from accounts.models import User
from generations.models import Attempt, Generation, State
from projects.models import Project
from routes import circuit
from routes.models import Credential
from tests.dispatch import oracle
from tests.dispatch.hands import states, work_on_for
from tests.factories import make_membership, make_user
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order

MANY = 60


@pytest.fixture
def bo(project: Project) -> User:
    user = make_user("bo@example.com")
    make_membership(project, user)
    return user


def sent(room: Sandbox, orders: int) -> list[int]:
    """The generations that are sent while nothing ends, in their order; there are `orders` of them."""
    room.fault("job-slow", operation="submit", seconds=60.0, times=0)
    dispatch(lambda: Attempt.objects.count() >= orders)
    work_on_for(0.2)
    return list(Attempt.objects.order_by("pk").values_list("generation", flat=True))


def test_one_order_does_not_wait_behind_many(project: Project, ana: User, bo: User, room: Sandbox) -> None:
    """Four go at a time: the one of the other person is among the first of them."""
    make_key("runware", at_once=4, allowance=4)
    for _ in range(MANY):
        order(project, ENDPOINTS["runware"], ana)
    other = order(project, ENDPOINTS["runware"], bo)
    first = sent(room, 4)
    assert len(first) == 4
    assert other.pk in first


def test_turns_alternate_between_people(project: Project, ana: User, bo: User, room: Sandbox) -> None:
    make_key("fal", at_once=6, allowance=6)
    for user in (ana, bo):
        for _ in range(10):
            order(project, ENDPOINTS["fal"], user)
    rows = Generation.objects.filter(pk__in=sent(room, 6))
    assert {user.pk: rows.filter(user=user).count() for user in (ana, bo)} == {ana.pk: 3, bo.pk: 3}


def test_no_more_is_in_flight_than_an_account_takes(
    project: Project, ana: User, bo: User, room: Sandbox
) -> None:
    """And all of it ends, the oldest not last."""
    make_key("runware", at_once=3, allowance=3)
    room.fault("job-slow", operation="submit", seconds=0.1, times=0)
    orders = [order(project, ENDPOINTS["runware"], ana if number % 5 else bo) for number in range(15)]
    most: list[int] = []

    def look() -> None:
        flying = (State.SUBMITTING, State.SUBMITTED, State.UNKNOWN)
        most.append(Generation.objects.filter(state__in=flying).count())

    dispatch_all(also=look)
    assert 1 <= max(most) <= 3
    assert states(orders) == {State.SUCCEEDED}
    ended = list(Generation.objects.order_by("finished_at").values_list("pk", flat=True))
    assert ended.index(orders[0].pk) < 10
    oracle.check(room)


def test_kling_counts_pictures(project: Project, ana: User, room: Sandbox) -> None:
    make_key("kling", at_once=9, allowance=9)
    for _ in range(5):
        order(project, ENDPOINTS["kling"], ana, count=4)
    assert len(sent(room, 2)) == 2


def test_an_order_larger_than_the_limit_goes_alone(project: Project, ana: User, room: Sandbox) -> None:
    make_key("kling", at_once=2, allowance=2)
    large = order(project, ENDPOINTS["kling"], ana, count=4)
    order(project, ENDPOINTS["kling"], ana)
    assert sent(room, 1) == [large.pk]


def test_a_crowded_account_is_sent_fewer_and_then_more_again(
    project: Project, ana: User, room: Sandbox
) -> None:
    key = make_key("kling", at_once=20, allowance=20)
    orders = [order(project, ENDPOINTS["kling"], ana) for _ in range(14)]
    room.fault("job-slow", operation="submit", seconds=0.2, times=0)
    dispatch(lambda: _allowance(key.pk) < 20)
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    assert 1 <= _allowance(key.pk) <= 20
    oracle.check(room)


def test_every_order_that_is_taken_gives_one_place_back(db: None) -> None:
    key = make_key("kling", at_once=20, allowance=4)
    circuit.succeeded(key, 3)
    assert _allowance(key.pk) == 7
    circuit.succeeded(key, 100)
    assert _allowance(key.pk) == 20


def _allowance(key: int) -> int:
    return Credential.objects.get(pk=key).allowance
