"""A webhook is noted once, whatever became of its order meanwhile."""

import pytest

from generations import hooks
from generations.models import Attempt, Generation, InboxEvent
from projects.models import Project
from tests.generations import sent


@pytest.fixture
def attempt(project: Project) -> Attempt:
    sent.submitted(project, route="runware")
    uuid = Attempt.objects.get().uuid
    found = hooks.addressed(uuid, hooks.token(uuid))
    assert found is not None
    return found


def body(attempt: Attempt) -> bytes:
    return f'{{"taskUUID": "{attempt.uuid}"}}'.encode()


@pytest.mark.django_db
def test_the_same_webhook_counts_once(attempt):
    assert hooks.receive(attempt, {}, body(attempt))
    assert not hooks.receive(attempt, {}, body(attempt))
    assert InboxEvent.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_whose_order_was_deleted_while_it_came_is_no_fault(attempt):
    came = body(attempt)
    Generation.objects.all().delete()
    assert not hooks.receive(attempt, {}, came)
    assert not InboxEvent.objects.exists()
