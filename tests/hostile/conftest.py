"""One world for all tests of a module, and an end for the live streams they open."""

import time
from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from generations import live
from tests.hostile.world import World, make_world


@pytest.fixture(scope="module")
def made_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Built once, because building it takes longer than most of the questions put to it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture
def world(made_world: World, db: None) -> World:
    """The world as it was made: what a test does to it is rolled back to a savepoint within the module's."""
    return made_world


@pytest.fixture(autouse=True)
def quiet_afterwards(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(live, "NAP", 0.05)
    yield
    live.end_streams()
    while not live.feed.is_idle:
        time.sleep(0.01)
    live.feed = live.Feed()
