"""The drill with money: orders that the backup shows open are settled, and never sent a second time."""

import json
import shutil
from pathlib import Path

import pytest

from sandbox import server
from sandbox.options import Options
from tests import services
from tests.faults import storm
from tests.faults.machine import Machine, check, machine
from tests.faults.storm import ROUTES
from tests.running import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.drill]
SCALE = 0.002  # a person decides after fifteen seconds
SLOW = 4.0  # seconds that the first orders run at their providers


@pytest.fixture
def base():
    with server.running(Options()) as base:
        yield base


def states(one: Machine, orders: list[int]) -> list[str]:
    return [one.state(order) for order in orders]


def back_up_between(one: Machine, target: Path) -> tuple[list[int], list[int]]:
    """A backup while one order of each route is with its provider and one is queued; all end later."""
    one.sandbox.fault("job-slow", seconds=SLOW, times=len(ROUTES))
    one.open()
    first = one.order(*ROUTES)
    pid = one.dispatch()
    wait_for(lambda: set(states(one, first)) == {"submitted"}, 30, one.story)
    one.stop(pid)
    second = one.order(*ROUTES)
    made = one.studio.manage("backup", str(target), "--with-secrets")
    assert made.returncode == 0, made.stderr
    assert states(one, first + second) == ["submitted"] * 3 + ["queued"] * 3
    one.settle()
    assert set(states(one, first + second)) == {"succeeded"}
    check(one)
    one.close()
    return first, second


def drill(one: Machine, again: Machine, target: Path) -> None:
    first, second = back_up_between(one, target)
    shutil.rmtree(one.studio.data)
    bill, sent = one.sandbox.bill(), len(one.sandbox.submits())
    assert len(bill) == 2 * len(ROUTES)
    restored = again.studio.manage(
        "restore", str(target), *(["--force"] if one.studio.env.get("DATABASE_URL") else [])
    )
    assert restored.returncode == 0, restored.stderr
    again.open()
    pid = again.dispatch()
    # Held: what was sent is fetched, and what waits keeps waiting.
    wait_for(lambda: set(states(again, first)) == {"succeeded"}, 30, again.story)
    assert set(states(again, second)) == {"queued"}
    told = again.studio.manage("after_restore", "--json")
    assert told.returncode == 0, told.stderr
    stands = {line["route"]: line["state"] for line in json.loads(told.stdout)["orders"]}
    assert stands.keys() == set(ROUTES)
    # Where our own number finds the job it is ours again, and may be fetched by the time of the report.
    assert stands["fal"] == "unknown"
    assert {stands["runware"], stands["kling"]} <= {"submitted", "collecting", "succeeded"}
    wait_for(lambda: not storm.standing(again.studio), 60, again.story)
    again.stop(pid)
    assert dict(zip(ROUTES, states(again, second), strict=True)) == {
        "fal": "needs_decision",
        "runware": "succeeded",
        "kling": "succeeded",
    }
    assert again.sandbox.bill() == bill
    assert len(again.sandbox.submits()) == sent


def test_open_orders_of_a_backup_are_charged_once_each(tmp_path: Path, base: str):
    with machine(tmp_path / "data", base, SCALE) as one, machine(tmp_path / "again", base, SCALE) as again:
        drill(one, again, tmp_path / "b.tar")


@pytest.mark.scale
def test_the_same_on_postgresql(tmp_path: Path, base: str):
    with services.database() as url:
        env = {"DATABASE_URL": url}
        with (
            machine(tmp_path / "data", base, SCALE, env) as one,
            machine(tmp_path / "again", base, SCALE, env) as again,
        ):
            drill(one, again, tmp_path / "b.tar")
