"""The embedded broker's folder disappears while paid orders are in flight: only bells are lost."""

import itertools
from pathlib import Path

import pytest

from sandbox import server
from sandbox.options import Options
from tests.faults import storm
from tests.faults.machine import Machine, check, machine
from tests.faults.storm import ROUTES
from tests.running import wait_for

pytestmark = pytest.mark.slow
SCALE = 0.02
EACH = 7  # orders on each route
WAITING = "SELECT id FROM generations_output WHERE arrived_at IS NULL"
ENDED = "SELECT id FROM generations_generation WHERE state = 'succeeded'"


@pytest.fixture
def one(tmp_path: Path):
    with server.running(Options()) as base, machine(tmp_path / "data", base, SCALE) as one:
        one.open()
        yield one


def put_in_the_way(folder: Path) -> None:
    """A file instead of it, although the dispatcher writes into it and lays it anew at any moment."""
    for turn in itertools.count():
        folder.rename(folder.with_name(f"gone-{turn}"))
        try:
            return folder.touch(exist_ok=False)
        except FileExistsError:
            continue


def test_originals_arrive_without_the_broker_and_are_decoded_when_it_is_back(one: Machine):
    one.sandbox.fault("job-slow", seconds=2.0, times=0)
    orders = one.order(*(ROUTES * EACH))
    pid = one.dispatch()
    wait_for(lambda: any(one.state(order) == "submitted" for order in orders), 30, one.story)
    broker = one.studio.data / "broker"
    put_in_the_way(broker)
    wait_for(lambda: not storm.rows(one.studio, WAITING), 60, one.story)
    assert len(storm.rows(one.studio, ENDED)) < len(orders)
    broker.unlink()
    wait_for(lambda: not storm.standing(one.studio), 60, one.story)
    one.stop(pid)
    assert len(storm.rows(one.studio, ENDED)) == len(orders)
    check(one)
