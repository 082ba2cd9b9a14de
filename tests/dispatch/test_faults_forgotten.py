"""C35, C44: a provider says that pictures are ready, then knows neither them nor their order any more."""

import json

import pytest

from generations import horizons
from generations.models import Attempt, Output, State
from projects.models import Project
from tests.dispatch import oracle
from tests.dispatch.hands import ROUTES, fresh, work_on_for
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order

# What each answers about an order that it does not know.
UNKNOWN = {
    "fal": (404, {"status": "NOT_FOUND"}),
    "runware": (200, {"data": []}),
    "kling": (404, {"code": 1203, "message": "The requested resource does not exist", "request_id": "1"}),
}


@pytest.mark.parametrize("route", ROUTES)
def test_what_is_forgotten_is_given_up_and_not_asked_about_for_ever(
    project: Project, room: Sandbox, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(horizons, "FETCH_TRIES", 2)
    make_key(route)
    room.fault("answer", operation="download", status=410, body="gone", times=0)
    generation = order(project, ENDPOINTS[route])
    dispatch(lambda: Output.objects.exclude(source="").exists())
    status, body = UNKNOWN[route]
    for operation in ("status", "result"):
        room.fault("answer", operation=operation, status=status, body=json.dumps(body), times=0)
    dispatch_all()
    (now,) = fresh([generation])
    assert now.state == State.FAILED
    assert "It was paid" in now.error
    work_on_for(1.0)
    assert not Attempt.objects.filter(due_at__isnull=False).exists(), "it is asked about for ever"
    oracle.check(room, lost=1)
