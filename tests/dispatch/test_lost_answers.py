"""C10-C14: the provider has the order and its answer gets lost, late or garbled. It is never paid twice."""

import json

import pytest

from generations.models import Generation, Outcome, State
from projects.models import Project
from tests.dispatch import oracle
from tests.dispatch.hands import one_of_each
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order

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


def _was_sent_once(room: Sandbox, generation: Generation) -> None:
    generation.refresh_from_db()
    assert (generation.state, generation.error) == (State.SUCCEEDED, "")
    assert [attempt.outcome for attempt in generation.attempts.all()] == [Outcome.ACCEPTED]
    oracle.check(room)
