"""A database from a backup: what it believes to be queued may have been paid for since."""

from collections.abc import Iterator

import pytest

from generations import restored
from generations.models import Attempt, Event, Generation, Output, State
from projects.models import Project
from routes.models import Credential
from spend.models import LedgerEntry
from tests.paid import ENDPOINTS, Sandbox, dispatch_all, make_key, order, sandbox


@pytest.fixture
def room() -> Iterator[Sandbox]:
    with sandbox() as found:
        yield found


def turn_back(generation: Generation) -> None:
    """The rows as a backup from before the sending holds them."""
    Output.objects.filter(generation=generation).update(
        state="pending", blob=None, source="", arrived_at=None, attempt=None, fence=0, lease_until=None
    )
    Attempt.objects.filter(generation=generation).delete()
    Event.objects.filter(generation=generation).exclude(from_state="").delete()
    LedgerEntry.objects.filter(generation=generation.uuid).exclude(kind="reserve").delete()
    Generation.objects.filter(pk=generation.pk).update(
        state=State.QUEUED, cost_micro_usd=None, finished_at=None, lease_until=None
    )


@pytest.mark.parametrize("route", ["runware", "kling"])
def test_what_was_sent_after_the_backup_is_found_and_not_sent_again(
    project: Project, room: Sandbox, route: str
) -> None:
    make_key(route)
    generation = order(project, ENDPOINTS[route])
    dispatch_all()
    turn_back(generation)
    (line,) = restored.settle_open().lines
    assert line.state == State.SUBMITTED
    dispatch_all()
    generation.refresh_from_db()
    assert generation.state == State.SUCCEEDED
    assert len(room.bill()) == 1
    assert generation.cost_micro_usd == room.charged()


def test_where_nothing_can_be_found_a_person_decides(project: Project, room: Sandbox) -> None:
    make_key("fal")
    generation = order(project, ENDPOINTS["fal"])
    dispatch_all()
    turn_back(generation)
    restored.settle_open()
    dispatch_all()
    generation.refresh_from_db()
    assert generation.state == State.NEEDS_DECISION
    assert len(room.bill()) == 1


def test_without_a_key_nothing_is_sent(project: Project, room: Sandbox) -> None:
    make_key("kling")
    generation = order(project, ENDPOINTS["kling"])
    Credential.objects.all().delete()
    restored.settle_open()
    generation.refresh_from_db()
    assert generation.state == State.UNKNOWN
    assert room.bill() == []
