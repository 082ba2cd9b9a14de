"""C33, C36, C38: answers that are slow, endless or bombs, at every question of an order and at its pictures.

Whatever is asked, the time for an answer and the bytes of it have an end; nothing is booked twice by it.
"""

import pytest

from generations import horizons
from generations.models import Outcome
from projects.models import Project
from providers import http
from tests.dispatch import oracle
from tests.dispatch.hands import one_of_each, states
from tests.paid import Sandbox, dispatch_all

BAD: dict[str, dict[str, object]] = {
    "byte by byte": {"do": "drip", "seconds": 0.5},
    "without an end": {"do": "content", "kind": "endless"},
    "a bomb": {"do": "content", "kind": "gzip-bomb"},
    "never": {"do": "hang", "seconds": 3.0},
}
OPERATIONS = ["submit", "status", "result", "history", "list", "details"]


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READ_WITHIN", 1.0)
    monkeypatch.setattr(http, "DOWNLOAD_WITHIN", 1.0)
    monkeypatch.setattr(horizons, "FETCH_AGAIN", horizons.FETCH_AGAIN / 50)


@pytest.mark.parametrize("answer", BAD)
def test_such_an_answer_to_an_order_leaves_it_to_be_found(
    project: Project, room: Sandbox, answer: str
) -> None:
    orders = one_of_each(project)
    _strike(room, answer, "submit", times=3)
    dispatch_all()
    assert states(orders) == {"succeeded"}
    assert {one.attempts.get().outcome for one in orders} == {Outcome.ACCEPTED}
    oracle.check(room)


@pytest.mark.parametrize("answer", BAD)
def test_such_an_answer_to_a_question_changes_nothing(project: Project, room: Sandbox, answer: str) -> None:
    orders = one_of_each(project)
    for operation in OPERATIONS[1:]:
        _strike(room, answer, operation, times=4)
    dispatch_all()
    assert states(orders) == {"succeeded"}
    oracle.check(room)


@pytest.mark.parametrize("answer", BAD)
def test_such_a_picture_is_fetched_anew(project: Project, room: Sandbox, answer: str) -> None:
    orders = one_of_each(project)
    _strike(room, answer, "download", times=3)
    dispatch_all()
    assert states(orders) == {"succeeded"}
    oracle.check(room)


def _strike(room: Sandbox, answer: str, operation: str, times: int) -> None:
    fault = dict(BAD[answer])
    room.fault(str(fault.pop("do")), operation=operation, when="after", times=times, **fault)
