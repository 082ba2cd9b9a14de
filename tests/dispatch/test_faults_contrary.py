"""C34: a provider says that a job failed, and later that it is done and charged.

Its first authenticated word ends the order. That it takes this back is noticed where it says so itself, by a
webhook: what was paid is then fetched and booked as a late result. Where no webhook comes nobody asks again
about an order that has ended, and the bill tells of the difference where the provider has one to read.
"""

import json
from collections.abc import Iterator

import pytest

from generations import attempts
from generations.models import Generation, State
from projects.models import Project
from routes import vault
from routes.models import Credential
from sandbox.kling.signing import SECRET
from spend.models import EntryKind
from tests.dispatch import door, oracle
from tests.dispatch.door import Door
from tests.dispatch.hands import ROUTES, fresh, states, work_on_for
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order

LATE = 1.5  # seconds until the webhook that says otherwise


@pytest.fixture
def ours() -> Iterator[Door]:
    with door.standing() as found:
        yield found


def _denied(room: Sandbox, project: Project, route: str) -> Generation:
    """An order whose job is done and charged, but is first told to have failed."""
    generation = order(project, ENDPOINTS[route])
    number = str(attempts.number_of(generation.uuid, 1))
    operation, status, body = {
        "fal": ("result", 500, {"detail": "Runner failed.", "error_type": "runner_server_error"}),
        "runware": ("status", 200, {"errors": [_of_runware(number)]}),
        "kling": ("status", 200, {"code": 0, "message": "", "data": _of_kling()}),
    }[route]
    room.fault("answer", protocol=route, operation=operation, status=status, body=json.dumps(body))
    return generation


def _of_runware(task: str) -> dict[str, str]:
    return {"code": "inferenceError", "message": "It failed.", "taskUUID": task, "status": "error"}


def _of_kling() -> dict[str, str]:
    return {"task_id": "1", "task_status": "failed", "task_status_msg": "It failed."}


@pytest.mark.parametrize("route", ROUTES)
def test_the_first_word_ends_the_order(project: Project, room: Sandbox, route: str) -> None:
    """Nothing is booked by it, and the order stays failed as long as nobody says otherwise."""
    make_key(route)
    generation = _denied(room, project, route)
    dispatch_all()
    work_on_for(0.5)
    (now,) = fresh([generation])
    assert now.state == State.FAILED
    assert now.error
    assert oracle.books(now) == (0, 0)
    assert room.charged() > 0, "the provider charged what it had called failed"
    assert list(now.attempts.filter(due_at__isnull=False)) == []


@pytest.mark.parametrize("route", ROUTES)
def test_the_later_word_brings_what_was_paid(project: Project, room: Sandbox, ours: Door, route: str) -> None:
    make_key(route)
    if route == "kling":
        Credential.objects.update(hook_sealed=vault.seal(SECRET))
    dispatch(lambda: route != "fal" or not Credential.objects.filter(hook_keys=[]).exists())
    room.fault("hook-late", operation="submit", seconds=LATE)
    generation = _denied(room, project, route)
    dispatch(lambda: states([generation]) == {State.FAILED}, also=ours.answer)
    assert oracle.books(generation) == (0, 0)
    dispatch(lambda: states([generation]) <= {State.SUCCEEDED, State.PARTIAL}, also=ours.answer)
    kinds = list(oracle.entries(generation).values_list("kind", flat=True))
    assert kinds == [EntryKind.RESERVE, EntryKind.RELEASE, EntryKind.ADJUST]
    assert "came late" in " ".join(generation.events.values_list("note", flat=True))
    oracle.check(room)


@pytest.mark.parametrize("route", ROUTES)
def test_a_failure_that_is_told_twice_is_asked_about_once_more(
    project: Project, room: Sandbox, ours: Door, route: str
) -> None:
    """Its own webhook comes after the end and only confirms it."""
    make_key(route)
    dispatch(lambda: route != "fal" or not Credential.objects.filter(hook_keys=[]).exists())
    room.fault("job-fails", operation="submit", kind="provider")
    room.fault("hook-late", operation="submit", seconds=LATE)
    generation = order(project, ENDPOINTS[route])
    dispatch(lambda: states([generation]) == {State.FAILED}, also=ours.answer)
    dispatch(lambda: bool(ours.knocks), also=ours.answer)
    work_on_for(0.5)
    assert states([generation]) == {State.FAILED}
    assert not generation.attempts.filter(due_at__isnull=False).exists(), "nobody goes on asking"
    oracle.check(room)
