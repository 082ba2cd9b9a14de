"""C47: the power went, and the disk had not kept what it had promised to keep.

A file that arrived is there by name, and its bytes are zeros, or half of them are, or there are none.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from generations import arrivals, horizons
from generations.models import Generation, State
from media import storage
from projects.models import Project
from tests.dispatch import oracle
from tests.dispatch.hands import ROUTES, fresh, one_of_each, states
from tests.paid import ENDPOINTS, Sandbox, dispatch_all, make_key, order

Loss = Callable[[bytes], bytes]
LOSSES: dict[str, Loss] = {
    "zeros": lambda good: bytes(len(good)),
    "zeros at its end": lambda good: good[: len(good) // 2] + bytes(len(good) - len(good) // 2),
    "nothing": lambda good: b"",
}


class Disk:
    """Keeps what arrives as storage does, and damages each file the first time, or always; `then` happens at
    that very moment."""

    def __init__(self, loss: Loss, *, always: bool = False, then: Callable[[], None] = lambda: None) -> None:
        self.damaged: set[str] = set()
        self._loss = loss
        self._always = always
        self._then = then
        self._keep = storage.keep_arrival

    def keep_arrival(self, fetched: Path, name: str) -> None:
        self._keep(fetched, name)
        if name in self.damaged and not self._always:
            return
        self.damaged.add(name)
        kept = storage.arrival(name)
        kept.write_bytes(self._loss(kept.read_bytes()))
        self._then()


@pytest.fixture(autouse=True)
def _no_patience(room: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(horizons, "FETCH_TRIES", 2)
    monkeypatch.setattr(horizons, "FETCH_AGAIN", horizons.FETCH_AGAIN / 50)


@pytest.mark.parametrize("loss", LOSSES)
def test_what_the_disk_lost_of_an_arrival_is_fetched_once_more(
    project: Project, room: Sandbox, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    disk = Disk(LOSSES[loss])
    monkeypatch.setattr(storage, "keep_arrival", disk.keep_arrival)
    orders = one_of_each(project)
    dispatch_all()
    assert len(disk.damaged) == len(ROUTES)
    assert states(orders) == {State.SUCCEEDED}
    assert {_told(one) for one in orders} == {1}
    assert not any(storage.arrival(name).exists() for name in disk.damaged), "nothing is left lying"
    oracle.check(room)


def test_what_is_damaged_each_time_is_fetched_no_more(
    project: Project, room: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "keep_arrival", Disk(LOSSES["zeros"], always=True).keep_arrival)
    orders = one_of_each(project)
    dispatch_all()
    assert states(orders) == {State.FAILED}
    assert {one.error for one in fresh(orders)} == {arrivals.NO_PICTURE}
    assert len(room.requests("download")) == 2 * len(orders)
    oracle.check(room, lost=3)


@pytest.mark.parametrize("route", ROUTES)
def test_what_the_disk_lost_and_the_provider_has_no_more_is_said(
    project: Project, room: Sandbox, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    """The damaged bytes are kept for a week, in case somebody can make use of half a picture."""

    def gone() -> None:
        room.fault("answer", operation="download", status=410, body="gone", times=0)

    monkeypatch.setattr(storage, "keep_arrival", Disk(LOSSES["zeros at its end"], then=gone).keep_arrival)
    make_key(route)
    generation = order(project, ENDPOINTS[route])
    dispatch_all()
    (now,) = fresh([generation])
    assert now.state == State.FAILED
    assert "It was paid" in now.error
    assert now.attempts.get().remote_id in " ".join(now.events.values_list("note", flat=True))
    assert (storage.arrival("x").parent.parent / "quarantine" / str(now.outputs.get().uuid)).exists()
    oracle.check(room, lost=1)


def _told(generation: Generation) -> int:
    return generation.events.filter(note=arrivals.DAMAGED).count()
