"""C15, C45, C46: this machine sleeps, or its disk takes nothing. Paid work waits for it."""

import errno
from datetime import timedelta
from pathlib import Path

import pytest

from generations import horizons
from generations.models import Attempt, Outcome, State
from media import storage
from projects.models import Project
from routes.models import Credential
from tests.dispatch import oracle
from tests.dispatch.hands import fresh, one_of_each, states, work_on_for
from tests.paid import Sandbox, dispatch, dispatch_all


def test_a_dispatcher_that_slept_before_it_sent_sends_nothing(
    project: Project, room: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The attempt is committed; by the time it would leave, somebody else may look for it already."""
    monkeypatch.setattr(horizons, "SEND_WITHIN", -1.0)
    orders = one_of_each(project)
    dispatch(lambda: not Credential.objects.filter(failures__lt=2).exists())
    assert not room.submits()
    assert states(orders) == {State.QUEUED}
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {Outcome.REFUSED}
    assert all("too late to send" in row.waiting for row in fresh(orders))
    monkeypatch.setattr(horizons, "SEND_WITHIN", 20.0)
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    assert len(room.bill()) == 3
    oracle.check(room)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
def test_a_paid_picture_waits_for_the_disk(
    project: Project, room: Sandbox, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """It stays at the provider; nothing of the order is given up, and nothing is fetched in a tight loop."""
    monkeypatch.setattr(horizons, "LEASE", timedelta(seconds=3))
    orders = one_of_each(project)

    keep = storage.keep_arrival

    def full(file: Path, name: str) -> None:
        raise OSError(number, "no room")

    monkeypatch.setattr(storage, "keep_arrival", full)
    dispatch(lambda: states(orders) == {State.COLLECTING})
    work_on_for(0.5)
    assert states(orders) == {State.COLLECTING}
    monkeypatch.setattr(storage, "keep_arrival", keep)
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    oracle.check(room)
