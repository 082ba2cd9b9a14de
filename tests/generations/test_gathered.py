"""Threads that change rows at the same time do it together, and none of them suffers for another."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from generations.gathered import Gathered
from projects.models import Project

pytestmark = pytest.mark.django_db(transaction=True)


class Door:
    """Makes a project of each name that threads ask for; `first` keeps all others waiting until it is opened.

    `seen` is what was there after each commit, once for each name in it.
    """

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.seen: list[set[str]] = []
        self._gathered = Gathered(self._make)

    def _make(self, name: str) -> str:
        transaction.on_commit(self._note, robust=True)
        if name == "first":
            self.opened.wait(10)
        if name == "wrong":
            raise IntegrityError("wrong")
        if name == "nonsense":
            raise ValueError(name)
        if name == "away":
            raise OperationalError("away")
        return Project.objects.create(name=name, slug=name).slug

    def _note(self) -> None:
        self.seen.append(slugs())

    def ask(self, name: str) -> str:
        try:
            return self._gathered.do(name)
        finally:
            connection.close()


def ask_together(door: Door, names: list[str]) -> dict[str, Future[str]]:
    """While the first is at work all others ask; then it may end."""
    with ThreadPoolExecutor(len(names) + 1) as pool:
        asked = {"first": pool.submit(door.ask, "first")}
        time.sleep(0.1)
        asked |= {name: pool.submit(door.ask, name) for name in names}
        time.sleep(0.2)
        door.opened.set()
    return asked


def slugs() -> set[str]:
    return set(Project.objects.values_list("slug", flat=True))


def test_what_is_asked_for_meanwhile_is_committed_at_once_and_answered_each() -> None:
    door = Door()
    asked = ask_together(door, [f"p{number}" for number in range(8)])
    assert {name: one.result() for name, one in asked.items()} == {one: one for one in asked}
    assert door.seen == [{"first"}, *[set(asked)] * 8]


@pytest.mark.parametrize(("name", "error"), [("wrong", IntegrityError), ("nonsense", ValueError)])
def test_one_that_is_at_fault_fails_alone(name: str, error: type[Exception]) -> None:
    asked = ask_together(Door(), ["p1", name, "p2"])
    with pytest.raises(error):
        asked[name].result()
    assert {asked[good].result() for good in ("p1", "p2")} == {"p1", "p2"}
    assert slugs() == {"first", "p1", "p2"}


def test_a_database_that_is_away_keeps_nobody_waiting_for_his_turn_to_hear_it() -> None:
    asked = ask_together(Door(), ["away", "p1", "p2"])
    outcomes = {name: one.exception() for name, one in asked.items()}
    assert isinstance(outcomes["away"], OperationalError)
    assert all(error is None or isinstance(error, DatabaseError) for error in outcomes.values())
    assert slugs() == {name for name, error in outcomes.items() if error is None}


def test_alone_it_is_as_if_it_were_not_there() -> None:
    door = Door()
    assert door.ask("alone") == "alone"
    assert door.seen == [{"alone"}]
    with pytest.raises(IntegrityError):
        door.ask("wrong")
    assert slugs() == {"alone"}
