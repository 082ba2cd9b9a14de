"""C15, C20: a process is stopped and goes on later, as on a machine that swaps or is held in a debugger."""

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox import server
from sandbox.options import Options
from tests.faults import storm
from tests.faults.machine import ENDED_WITHIN, Machine, check, machine
from tests.faults.storm import ROUTES
from tests.running import wait_for

pytestmark = pytest.mark.slow
SCALE = 0.05  # a sending counts as lost after six seconds, and Runware's can be posted again for nine more
BEING_SENT = "SELECT id FROM generations_attempt WHERE outcome = 'none'"
POSTED_AGAIN = "SELECT id FROM generations_attempt WHERE posts = 2 AND outcome = 'unknown'"
NOT_HERE = "SELECT id FROM generations_output WHERE arrived_at IS NULL"
AWAKE = 3  # the shell that starts it again, the worker and its child
DECODED = "SELECT id FROM generations_output WHERE state = 'stored'"


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    data = tmp_path_factory.mktemp("paused") / "data"
    with server.running(Options()) as base, machine(data, base, SCALE) as one:
        one.open()
        yield one


def is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@contextmanager
def stopped(pids: list[int]) -> Iterator[None]:
    """None of these processes does anything while the block lasts."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        wait_for(lambda: all(map(is_stopped, pids)), 20)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def stopped_between_writes(one: Machine) -> Iterator[None]:
    """The worker does nothing while the block lasts. Amid a change of rows it would keep all others from
    writing, which is not what is looked at here."""
    while True:
        with stopped(one.studio.pids("celery")):
            if is_writable(one.studio.data / "framehouse.sqlite3"):
                yield
                return
        time.sleep(0.1)


def is_writable(database: Path) -> bool:
    with closing(sqlite3.connect(database, timeout=0.1, autocommit=True)) as one:
        try:
            one.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
    return True


def test_what_a_deaf_worker_leaves_lying_arrives_all_the_same_and_is_decoded_when_it_hears_again(
    one: Machine,
):
    before = len(storm.rows(one.studio, DECODED))
    wait_for(lambda: len(one.studio.pids("celery")) >= AWAKE, 60, one.story)
    with stopped_between_writes(one):
        orders = one.order(*ROUTES)
        pid = one.dispatch()
        wait_for(lambda: not storm.rows(one.studio, NOT_HERE), ENDED_WITHIN, one.story)
        assert {one.state(order) for order in orders} == {"collecting"}
        assert len(storm.rows(one.studio, DECODED)) == before
    wait_for(lambda: not storm.standing(one.studio), ENDED_WITHIN, one.story)
    one.stop(pid)
    assert {one.state(order) for order in orders} == {"succeeded"}
    check(one)


@dataclass(frozen=True, slots=True)
class Asleep:
    """A stopped dispatcher that had committed these orders; so many had been posted before."""

    pid: int
    orders: list[int]
    posts: int

    def wake(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


@pytest.fixture
def asleep(one: Machine) -> Iterator[Asleep]:
    """It stopped with an order of each route committed and not posted, which another one has found out."""
    posts = len(one.sandbox.submits())
    orders = one.order(*ROUTES)
    sleeper = one.dispatch("submit.after_claim:1:stop")
    wait_for(lambda: is_stopped(sleeper), 30, one.story)
    assert {one.state(order) for order in orders} == {"submitting"}
    assert len(one.sandbox.submits()) == posts
    other = one.dispatch()
    wait_for(lambda: storm.rows(one.studio, BEING_SENT) == [], ENDED_WITHIN, one.story)
    yield Asleep(sleeper, orders, posts)
    one.stop(other)
    one.stop(sleeper)


def test_a_dispatcher_that_was_stopped_before_its_post_sends_nothing_when_others_were_at_it(
    one: Machine, asleep: Asleep
):
    """At Runware the other one has posted the same order; elsewhere nobody has."""
    wait_for(
        lambda: one.state(asleep.orders[ROUTES.index("runware")]) == "succeeded", ENDED_WITHIN, one.story
    )
    asleep.wake()
    wait_for(lambda: not storm.standing(one.studio), ENDED_WITHIN, one.story)
    assert {one.state(order) for order in asleep.orders} == {"succeeded"}
    assert len(one.sandbox.submits()) == asleep.posts + len(ROUTES)
    check(one)


def test_a_dispatcher_that_wakes_while_another_posts_its_order_leaves_that_alone(
    one: Machine, asleep: Asleep
):
    one.sandbox.fault("slow", operation="submit", protocol="runware", seconds=1.5, times=1)
    wait_for(lambda: storm.rows(one.studio, POSTED_AGAIN) != [], ENDED_WITHIN, one.story)
    asleep.wake()
    wait_for(lambda: not storm.standing(one.studio), ENDED_WITHIN, one.story)
    check(one)
