"""At every fault point the dispatcher is killed with an order of each route on its way; the next heals it.

A pair of a point and a route that never meet is named here, with the reason.
"""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from providers.registry import REFUSES_TWINS
from sandbox import server
from sandbox.options import Options
from tests.faults.machine import Machine, check, machine
from tests.faults.storm import ENDED, ROUTES
from tests.running import ROOT, wait_for

pytestmark = pytest.mark.slow
# A person decides after fifteen seconds; leases keep their two seconds, and a sending its five.
SCALE = 0.002
TRIES = 4  # the time in which an order may be posted again is half a second here, and can be missed
DIES_WITHIN = 30.0
SENDING = ["before_prepare", "after_claim", "before_send", "after_response", "after_commit"]
PLAIN = [
    *(f"submit.{name}" for name in SENDING),
    "poll.after_response",
    "poll.after_commit",
    "collect.after_download",
    "collect.after_rename",
    "collect.after_commit",
]
LOST = {"recon.after_evidence": "after", "recon.before_resend": "before"}
CANCEL = "cancel.after_call"
# Elsewhere the same order is never posted again, because a second one would be taken and charged.
NEVER_MEET = {("recon.before_resend", route) for route in ROUTES if route not in REFUSES_TWINS}


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Machine]]:
    """One for each route, so that what one of them left behind dies at no other's point."""
    folder = tmp_path_factory.mktemp("points")
    with ExitStack() as stack:
        found = {}
        for route in ROUTES:
            base = stack.enter_context(server.running(Options()))
            found[route] = stack.enter_context(machine(folder / route, base, SCALE))
        _everywhere(found, lambda _, one: one.open())
        yield found


def _everywhere(machines: dict[str, Machine], act: Callable[[str, Machine], None]) -> None:
    with ThreadPoolExecutor(len(machines)) as pool:
        for done in [pool.submit(act, route, one) for route, one in machines.items()]:
            done.result()


def test_every_point_in_the_code_is_tried_here():
    found = set()
    for folder in ("generations", "providers"):
        for file in (ROOT / folder).rglob("*.py"):
            found |= set(re.findall(r'\bfaultpoint\("([^"]+)"\)', file.read_text()))
    assert found == {*PLAIN, *LOST, CANCEL}


@pytest.mark.parametrize("point", [*PLAIN, *LOST, CANCEL])
def test_a_dispatcher_killed_here_is_healed_by_the_next(machines: dict[str, Machine], point: str):
    meeting = {route: one for route, one in machines.items() if (point, route) not in NEVER_MEET}
    _everywhere(meeting, lambda route, one: _kill_and_heal(one, route, point))


def _kill_and_heal(one: Machine, route: str, point: str) -> None:
    pid = one.dispatch(f"{point}:1")
    for _ in range(TRIES):
        if _is_killed_by_an_order(one, route, point, pid):
            break
    else:
        raise AssertionError(f"{point} was never passed at {route}. {one.story()}")
    one.settle()
    check(one)


def _is_killed_by_an_order(one: Machine, route: str, point: str, pid: int) -> bool:
    """Whether the dispatcher died on one more order; False when that has ended otherwise."""
    _go_wrong(one, point)
    (order,) = one.order(route)
    if point == CANCEL:
        wait_for(lambda: one.state(order) == "submitted", DIES_WITHIN, one.story)
        one.cancel(order)
    wait_for(lambda: one.state(order) in ENDED or _is_killed(one, pid), DIES_WITHIN, one.story)
    return one.state(order) not in ENDED or _is_killed(one, pid)


def _go_wrong(one: Machine, point: str) -> None:
    one.sandbox.heal()
    if point in LOST:
        one.sandbox.fault("close", operation="submit", when=LOST[point], times=1)
    if point == CANCEL:
        one.sandbox.fault("job-slow", seconds=2.0)


def _is_killed(one: Machine, pid: int) -> bool:
    status = one.ended(pid)
    assert status in (None, -signal.SIGKILL)
    return status is not None


def test_the_command_itself_dies_as_its_forks_do(machines: dict[str, Machine]):
    one = machines["runware"]
    _go_wrong(one, "")
    one.order("runware")
    ended = subprocess.run(
        [sys.executable, "manage.py", "dispatch"],
        cwd=ROOT,
        env={**one.studio.env, "FRAMEHOUSE_FAULT": "submit.after_commit:1"},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    one.settle()
    check(one)


@pytest.mark.parametrize("point", sorted({point for point, _ in NEVER_MEET}))
def test_what_never_meets_passes_no_such_point(machines: dict[str, Machine], point: str):
    strangers = {route: one for route, one in machines.items() if (point, route) in NEVER_MEET}
    _everywhere(strangers, lambda route, one: _pass_by(one, route, point))


def _pass_by(one: Machine, route: str, point: str) -> None:
    _go_wrong(one, point)
    (order,) = one.order(route)
    pid = one.dispatch(f"{point}:1")
    wait_for(lambda: one.state(order) in ENDED, DIES_WITHIN, one.story)
    one.stop(pid)
    check(one)
