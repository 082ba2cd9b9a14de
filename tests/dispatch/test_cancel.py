"""C60: cancelling at every state. Money is given back on the provider's word only."""

from collections.abc import Iterator

import pytest

from generations import pipeline
from generations.models import Generation, State
from projects.models import Project
from sandbox.options import Options
from tests.dispatch import oracle
from tests.dispatch.hands import ROUTES, fresh, one_of_each, states
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order, sandbox

WAITS = 0.6  # seconds in the provider's queue


@pytest.fixture
def queue() -> Iterator[Sandbox]:
    """A sandbox in which orders wait before they begin."""
    with sandbox(Options(queue_seconds=WAITS)) as found:
        yield found


def cancel(generation: Generation) -> bool:
    return pipeline.cancel(fresh([generation])[0], "Ana")


def when(generation: Generation, state: str) -> None:
    """Cancel it as soon as it stands so."""
    done: list[bool] = []

    def look() -> None:
        if not done and states([generation]) == {state}:
            done.append(cancel(generation))

    dispatch(lambda: bool(done), also=look)


def test_before_it_is_sent_nothing_goes_out(project: Project, room: Sandbox) -> None:
    orders = [order(project, ENDPOINTS[route]) for route in ROUTES]
    assert all(cancel(one) for one in orders)
    for route in ROUTES:
        make_key(route)
    dispatch_all()
    assert states(orders) == {State.CANCELLED}
    assert room.submits() == []
    oracle.check(room)


def test_in_fals_queue_it_is_taken_out_for_nothing(project: Project, queue: Sandbox) -> None:
    make_key("fal")
    generation = order(project, ENDPOINTS["fal"])
    when(generation, State.SUBMITTED)
    dispatch_all()
    assert states([generation]) == {State.CANCELLED}
    assert queue.charged() == 0
    oracle.check(queue)


@pytest.mark.parametrize("route", ["runware", "kling"])
def test_where_nothing_can_be_stopped_it_is_made_and_paid(
    project: Project, queue: Sandbox, route: str
) -> None:
    make_key(route)
    generation = order(project, ENDPOINTS[route])
    when(generation, State.SUBMITTED)
    dispatch_all()
    assert states([generation]) == {State.SUCCEEDED}
    said = " ".join(generation.events.values_list("note", flat=True))
    assert "cannot stop an order" in said
    oracle.check(queue)


def test_what_runs_at_fal_is_finished_and_paid(project: Project, room: Sandbox) -> None:
    make_key("fal")
    room.fault("job-slow", operation="submit", seconds=2.0)
    generation = order(project, ENDPOINTS["fal"])
    dispatch(lambda: generation.events.filter(note="It runs now.").exists() or _is_asked(generation))
    assert cancel(generation)
    dispatch_all()
    assert states([generation]) == {State.SUCCEEDED}
    assert room.charged() > 0
    oracle.check(room)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("lost", ["before", "after"])
def test_while_its_answer_is_lost_it_is_found_out_first(
    project: Project, room: Sandbox, route: str, lost: str
) -> None:
    """Not cancelled for free while it may be paid for."""
    make_key(route)
    room.fault("close", operation="submit", when=lost)
    generation = order(project, ENDPOINTS[route])
    when(generation, State.UNKNOWN)
    dispatch_all()
    (now,) = fresh([generation])
    if lost == "after":
        assert now.state == State.SUCCEEDED
    elif route == "fal":
        assert now.state == State.NEEDS_DECISION
    else:
        assert now.state in (State.CANCELLED, State.SUCCEEDED)
    oracle.check(room)


def test_while_it_is_being_sent(project: Project, room: Sandbox) -> None:
    """It may have been taken already: the answer decides."""
    room.fault("slow", operation="submit", seconds=0.4, times=3)
    orders = one_of_each(project)
    cancelled: list[bool] = []

    def look() -> None:
        if not cancelled and states(orders) == {State.SUBMITTING}:
            cancelled.extend(cancel(one) for one in orders)

    dispatch(lambda: bool(cancelled), also=look)
    dispatch_all()
    assert states(orders) <= {State.SUCCEEDED, State.CANCELLED}
    assert len(room.submits()) == 3
    oracle.check(room)


def test_refused_while_somebody_cancels_it_is_not_sent_again(project: Project, room: Sandbox) -> None:
    room.fault("slow", operation="submit", seconds=0.4, times=3)
    room.fault("error", operation="submit", kind="rate", when="after", times=3)
    orders = one_of_each(project)
    cancelled: list[bool] = []

    def look() -> None:
        if not cancelled and states(orders) == {State.SUBMITTING}:
            cancelled.extend(cancel(one) for one in orders)

    dispatch(lambda: bool(cancelled), also=look)
    room.heal()
    dispatch_all()
    assert len(room.submits()) == 3


def test_while_its_pictures_are_fetched_they_stay(project: Project, room: Sandbox) -> None:
    room.fault("answer", path="*/cdn/files/*", status=503, times=0)
    orders = one_of_each(project)
    dispatch(lambda: states(orders) == {State.COLLECTING})
    assert not any(cancel(one) for one in orders)
    room.heal()
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    oracle.check(room)


def test_after_the_end_there_is_nothing_to_cancel(project: Project, room: Sandbox) -> None:
    orders = one_of_each(project)
    dispatch_all()
    assert not any(cancel(one) for one in orders)
    assert states(orders) == {State.SUCCEEDED}
    oracle.check(room)


def _is_asked(generation: Generation) -> bool:
    return generation.attempts.filter(looks__gte=3).exists()
