"""C34, C67, C68: jobs that fail, are billed otherwise than quoted, or are told of in words that are new."""

import json

import pytest

from generations.models import Generation, Outcome, State
from projects.models import Project
from spend.models import EntryKind
from tests.dispatch import oracle
from tests.dispatch.hands import ROUTES, fresh, one_of_each, states
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order

UNIT = 3_500  # micro-USD, the smallest step of Kling's bills, and a figure that the others tell as well


@pytest.mark.parametrize("kind", ["provider", "server", "input", "timeout"])
def test_a_job_that_fails_costs_nothing(project: Project, room: Sandbox, kind: str) -> None:
    room.fault("job-fails", operation="submit", kind=kind, times=0)
    orders = one_of_each(project)
    dispatch_all()
    assert states(orders) == {State.FAILED}
    for generation in fresh(orders):
        assert generation.error
        assert generation.attempts.get().outcome == Outcome.ACCEPTED
    oracle.check(room)


def test_a_job_that_is_refused_for_its_content_ends_and_says_so(project: Project, room: Sandbox) -> None:
    room.fault("moderation", operation="submit", times=0)
    orders = one_of_each(project)
    dispatch_all()
    assert states(orders) == {State.FAILED}
    assert all("refused this for its content" in one.error for one in fresh(orders))
    assert len(room.submits()) == 3
    oracle.check(room)


@pytest.mark.parametrize("route", ["fal", "kling"])
def test_more_than_was_quoted_is_what_is_booked(project: Project, room: Sandbox, route: str) -> None:
    make_key(route)
    room.fault("overcharge", operation="submit", number=UNIT * 8)
    generation = order(project, ENDPOINTS[route])
    dispatch_all()
    (now,) = fresh([generation])
    assert now.state == State.SUCCEEDED
    assert now.cost_micro_usd == room.charged() != now.estimate_micro_usd
    assert oracle.books(now) == (room.charged(), 0)


def test_what_no_answer_tells_is_left_to_the_comparison_of_bills(project: Project, room: Sandbox) -> None:
    """Runware takes more than it says with the picture: its own word is booked."""
    make_key("runware")
    room.fault("overcharge", operation="submit", number=1_234)
    generation = order(project, ENDPOINTS["runware"])
    dispatch_all()
    (now,) = fresh([generation])
    assert oracle.books(now) == (room.charged() - 1_234, 0)


@pytest.mark.parametrize("route", ROUTES)
def test_a_job_that_fails_and_is_billed_is_booked_as_far_as_it_is_told(
    project: Project, room: Sandbox, route: str
) -> None:
    """Where nothing is told nothing is booked: the bill is compared with the books later."""
    make_key(route)
    room.fault("bill-failed", operation="submit")
    room.fault("job-fails", operation="submit", kind="provider")
    generation = order(project, ENDPOINTS[route])
    dispatch_all()
    (now,) = fresh([generation])
    assert now.state == State.FAILED
    assert room.charged() > 0
    assert oracle.books(now)[1] == 0
    kinds = list(oracle.entries(now).values_list("kind", flat=True))
    assert kinds in ([EntryKind.RESERVE, EntryKind.RELEASE], [EntryKind.RESERVE, EntryKind.SETTLE])


@pytest.mark.parametrize(
    "body",
    [
        {"status": "PONDERING", "request_id": "x"},
        {"status": None},
        {"code": 0, "data": {"task_id": "1", "task_status": "pondering"}},
        {"data": [{"taskType": "imageInference"}]},
        {},
        [],
        "words",
    ],
)
def test_words_that_are_new_are_asked_about_again(project: Project, room: Sandbox, body: object) -> None:
    for operation in ("status", "result", "details"):
        room.fault("answer", operation=operation, status=200, body=json.dumps(body), times=6)
    orders = one_of_each(project)
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    oracle.check(room)


@pytest.mark.parametrize(
    "fault",
    [
        {"do": "answer", "status": 500, "body": "html"},
        {"do": "answer", "status": 404, "body": "html"},
        {"do": "error", "kind": "server"},
        {"do": "error", "kind": "rate"},
        {"do": "error", "kind": "key"},
        {"do": "content", "kind": "gzip-bomb"},
        {"do": "truncate"},
        {"do": "reset"},
    ],
)
def test_asking_in_vain_ends_nothing(project: Project, room: Sandbox, fault: dict[str, object]) -> None:
    rule = dict(fault)
    do = str(rule.pop("do"))
    for operation in ("status", "result", "details"):
        room.fault(do, operation=operation, when="after", times=6, **rule)
    orders = one_of_each(project)
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    oracle.check(room)


def test_a_job_that_never_ends_is_said_to_be_stuck(project: Project, room: Sandbox) -> None:
    room.fault("job-hangs", operation="submit", times=0)
    orders = one_of_each(project)
    dispatch(lambda: Generation.objects.filter(waiting__contains="longer than usual").count() == 3)
    assert states(orders) == {State.SUBMITTED}
    assert {one.cost_micro_usd for one in fresh(orders)} == {None}
