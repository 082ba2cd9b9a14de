"""An order on a paid route: sent once, followed, fetched, and settled by the provider's own figure."""

import pytest

from generations.models import Outcome, OutputState, State
from projects.models import Project
from tests.dispatch import oracle
from tests.paid import ENDPOINTS, Sandbox, dispatch_all, make_key, order

ROUTES = sorted(ENDPOINTS)


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
    oracle.check(room)
