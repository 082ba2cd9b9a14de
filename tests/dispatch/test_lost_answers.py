"""C10-C14: the provider has the order and its answer gets lost, late or garbled. It is never paid twice."""

import json
import urllib.request

import pytest

from generations.models import Attempt, Generation, Outcome, State
from projects.models import Project
from providers import catalogue
from tests.dispatch import oracle
from tests.dispatch.hands import fresh, one_of_each, states
from tests.paid import ENDPOINTS, KEYS, Sandbox, dispatch, dispatch_all, make_key, order

LATE = 3.0  # seconds; longer than a POST may take here
GARBLED: dict[str, dict[str, object]] = {
    "html of a gateway": {"do": "answer", "status": 502, "body": "html"},
    "timeout of a gateway": {"do": "answer", "status": 504, "body": ""},
    "half of it": {"do": "truncate"},
    "html": {"do": "content", "kind": "html"},
    "nothing": {"do": "content", "kind": "empty"},
    "a bomb": {"do": "content", "kind": "gzip-bomb"},
    "no id": {"do": "answer", "status": 200, "body": '{"code": 0, "data": {}}'},
    "an id of another type": {
        "do": "answer",
        "status": 200,
        "body": '{"request_id": ["x"], "code": 0, "data": {"task_id": {"x": 1}}}',
    },
}


@pytest.mark.parametrize("do", ["close", "reset", "garbage", "half-header"])
def test_an_answer_that_never_came_is_found_again(project: Project, room: Sandbox, do: str) -> None:
    orders = one_of_each(project)
    room.fault(do, operation="submit", when="after", times=3)
    dispatch_all()
    for generation in orders:
        _was_sent_once(room, generation)


@pytest.mark.parametrize("answer", GARBLED)
def test_an_answer_that_says_nothing_is_not_a_refusal(project: Project, room: Sandbox, answer: str) -> None:
    """On all routes at once: each forgets and finds for itself."""
    orders = one_of_each(project)
    fault = dict(GARBLED[answer])
    room.fault(str(fault.pop("do")), operation="submit", when="after", times=3, **fault)
    dispatch_all()
    for generation in orders:
        _was_sent_once(room, generation)


def test_an_answer_after_our_patience_changes_nothing(project: Project, room: Sandbox) -> None:
    orders = one_of_each(project)
    room.fault("slow", operation="submit", when="after", times=3, seconds=LATE)
    dispatch_all()
    for generation in orders:
        _was_sent_once(room, generation)


def test_an_answer_byte_by_byte_is_ended(project: Project, room: Sandbox) -> None:
    orders = one_of_each(project)
    room.fault("drip", operation="submit", when="after", times=3, seconds=0.2)
    dispatch_all()
    for generation in orders:
        _was_sent_once(room, generation)


@pytest.mark.parametrize("route", ["fal", "kling"])
def test_the_number_of_another_job_is_not_taken(project: Project, room: Sandbox, route: str) -> None:
    make_key(route)
    first = order(project, ENDPOINTS[route])
    dispatch_all()
    taken = first.attempts.get().remote_id
    body = json.dumps({"request_id": taken, "code": 0, "message": "", "data": {"task_id": taken}})
    room.fault("answer", operation="submit", when="after", status=200, body=body)
    second = order(project, ENDPOINTS[route])
    dispatch_all()
    _was_sent_once(room, second)
    assert second.attempts.get().remote_id != taken


@pytest.mark.parametrize("route", ["runware", "kling"])
def test_what_never_arrived_is_sent_by_proof(project: Project, room: Sandbox, route: str) -> None:
    """Where our own number is asked about or refused twice, a lost order goes out again by itself."""
    make_key(route)
    room.fault("close", operation="submit", when="before")
    generation = order(project, ENDPOINTS[route])
    dispatch_all()
    generation.refresh_from_db()
    assert generation.state == State.SUCCEEDED
    assert len(room.bill()) == 1
    oracle.check(room)


@pytest.mark.parametrize("kind", ["rate", "credit", "key"])
def test_a_refusal_of_the_same_order_sent_again_proves_nothing_of_the_first(
    project: Project, room: Sandbox, kind: str
) -> None:
    """It was accepted and its answer lost; sent again it meets a busy or locked account."""
    make_key("runware")
    generation = order(project, ENDPOINTS["runware"])
    room.fault("close", operation="submit", when="after", times=1)
    room.fault("error", operation="submit", kind=kind, attempt=2, times=1)
    nothing = {"protocol": "runware", "operation": "status", "status": 200, "body": '{"data": []}'}
    room.fault("answer", **nothing, times=2)
    dispatch_all()
    assert fresh([generation])[0].state in (State.SUCCEEDED, State.NEEDS_DECISION)
    assert generation.attempts.get().posts >= 2
    oracle.check(room)


def test_a_lost_answer_is_said(project: Project, room: Sandbox) -> None:
    make_key("fal")
    room.fault("close", operation="submit", when="after")
    room.fault("error", operation="history", kind="server", times=0)
    generation = order(project, ENDPOINTS["fal"])
    dispatch(lambda: Generation.objects.filter(state=State.UNKNOWN).exists())
    said = generation.events.filter(to_state=State.UNKNOWN).get().note
    assert "not sent twice" in said
    room.heal()
    dispatch_all()
    _was_sent_once(room, generation)


def test_two_of_the_same_words_are_both_found_again(project: Project, room: Sandbox) -> None:
    """fal knows no number of ours: what is found may be either's, and the one is as good as the other."""
    make_key("fal")
    orders = _both_lost(project, room)
    room.heal()
    dispatch_all()
    for generation in orders:
        _was_sent_once(room, generation)
    assert len({_found(generation) for generation in orders} | {str(row["task"]) for row in room.bill()}) == 2
    assert len(room.submits()) == len(room.bill()) == 2


def test_one_of_two_that_never_arrived_is_not_the_other(project: Project, room: Sandbox) -> None:
    make_key("fal")
    room.fault("error", operation="history", kind="server", times=0)
    room.fault("close", operation="submit", when="before")
    orders = _both_lost(project, room)
    room.heal()
    dispatch_all()
    assert sorted(one.state for one in fresh(orders)) == [State.NEEDS_DECISION, State.SUCCEEDED]
    assert len(room.bill()) == 1


def test_with_a_strangers_among_them_a_person_decides(project: Project, room: Sandbox) -> None:
    """Somebody else who uses the key asked for the same: which are ours nobody can tell."""
    make_key("fal")
    orders = _both_lost(project, room)
    _asked_by_another(room, orders[0].attempts.get())
    dispatch(lambda: sum(bool(row["ended_at"]) for row in room.bill()) == 3)
    room.heal()
    dispatch_all()
    assert states(orders) == {State.NEEDS_DECISION}
    assert {_found(generation) for generation in orders} == {""}
    assert len(room.submits()) == 3


def test_a_stranger_of_another_hour_is_no_stranger(project: Project, room: Sandbox) -> None:
    make_key("fal")
    first = order(project, ENDPOINTS["fal"])
    dispatch_all()
    room.clock(-3600.0)
    _asked_by_another(room, first.attempts.get())
    room.clock(0.0)
    orders = _both_lost(project, room)
    room.heal()
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}


def test_what_another_key_of_the_account_ordered_is_no_strangers(project: Project, room: Sandbox) -> None:
    make_key("fal")
    first = order(project, ENDPOINTS["fal"])
    dispatch_all()
    make_key("fal", project)
    orders = _both_lost(project, room)
    room.heal()
    dispatch_all()
    assert states([first, *orders]) == {State.SUCCEEDED}
    assert len({_found(one) for one in (first, *orders)}) == len(room.bill()) == 3


def _both_lost(project: Project, room: Sandbox) -> list[Generation]:
    """Two orders of the same words at fal whose answers were lost, and a history that is silent until the
    sandbox is healed."""
    room.fault("error", operation="history", kind="server", times=0)
    room.fault("close", operation="submit", when="after", times=2)
    orders = [order(project, ENDPOINTS["fal"], seed=7) for _ in range(2)]
    dispatch(lambda: states(orders) == {State.UNKNOWN})
    first, second = (one.attempts.get() for one in orders)
    assert first.body_sha256 == second.body_sha256
    return orders


def _found(generation: Generation) -> str:
    return generation.attempts.get().remote_id


def _asked_by_another(room: Sandbox, attempt: Attempt) -> None:
    path = "/fal/queue" + catalogue.endpoint(ENDPOINTS["fal"]).path
    headers = {"Authorization": f"Key {KEYS['fal']}", "Content-Type": "application/json"}
    asked = urllib.request.Request(room.base + path, json.dumps(attempt.body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert answer.status == 200


def _was_sent_once(room: Sandbox, generation: Generation) -> None:
    generation.refresh_from_db()
    assert (generation.state, generation.error) == (State.SUCCEEDED, "")
    assert [attempt.outcome for attempt in generation.attempts.all()] == [Outcome.ACCEPTED]
    oracle.check(room)
