"""An order on a paid route: sent once, followed, fetched, and settled by the provider's own figure."""

from collections.abc import Iterator

import pytest

from generations.models import Generation, Outcome, OutputState, State
from projects.models import Project
from spend.models import LedgerEntry
from tests.paid import ENDPOINTS, Sandbox, dispatch_all, make_key, order, sandbox

ROUTES = sorted(ENDPOINTS)


@pytest.fixture
def room() -> Iterator[Sandbox]:
    with sandbox() as found:
        yield found


@pytest.mark.parametrize("route", ROUTES)
def test_an_order_is_sent_once_and_its_pictures_come(project: Project, room: Sandbox, route: str) -> None:
    make_key(route)
    generation = order(project, ENDPOINTS[route], count=2)
    dispatch_all()
    generation.refresh_from_db()
    assert (generation.state, generation.error) == (State.SUCCEEDED, "")
    assert [output.state for output in generation.outputs.all()] == [OutputState.STORED] * 2
    assert [attempt.outcome for attempt in generation.attempts.all()] == [Outcome.ACCEPTED]
    assert len(room.bill()) == 1
    assert books(generation) == (room.charged(), 0)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("do", ["close", "reset", "garbage", "half-header", "truncate"])
def test_an_answer_that_gets_lost_after_acceptance_is_never_paid_twice(
    project: Project, room: Sandbox, route: str, do: str
) -> None:
    make_key(route)
    room.fault(do, operation="submit", when="after", times=1)
    generation = order(project, ENDPOINTS[route])
    dispatch_all()
    generation.refresh_from_db()
    assert generation.state == State.SUCCEEDED
    assert len(room.bill()) == 1
    assert books(generation) == (room.charged(), 0)


def books(generation: Generation) -> tuple[int, int]:
    """What was spent and what is still reserved, in micro-USD."""
    entries = LedgerEntry.objects.filter(generation=generation.uuid)
    return sum(entry.spent for entry in entries), sum(entry.reserved for entry in entries)
