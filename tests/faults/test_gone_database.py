"""C23 to C25: the database drops a transaction, is away for a while, or has no room for an attempt."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import httpx
import psycopg
import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from psycopg import sql

from generations.dispatch import loop
from generations.dispatch.database import read
from generations.models import Attempt, State
from projects.models import Project
from sandbox import server
from sandbox.options import Options
from tests import services
from tests.dispatch import oracle
from tests.dispatch.hands import one_of_each, states
from tests.faults import storm
from tests.faults.storm import ROUTES
from tests.paid import Sandbox, dispatch_all, sandbox
from tests.running import Studio, Visitor, running, wait_for

pytestmark = pytest.mark.slow
SCALE = "0.02"
WITHIN = 60.0
STALLED = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    " AND query LIKE 'INSERT INTO \"generations_attempt\"%'"
)
HEAVY = (
    "CREATE TRIGGER heavy_attempts BEFORE INSERT ON generations_attempt"
    " BEGIN INSERT INTO ballast VALUES (zeroblob(1000000)); END"
)
STUMBLED = "The dispatcher stumbled and goes on: OperationalError"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with server.running(Options()) as base:
        yield base


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, base: str) -> Iterator[Studio]:
    """On PostgreSQL, with keys for all routes."""
    with services.database() as url:
        env = {"DATABASE_URL": url, "SANDBOX_URL": base, "HORIZON_SCALE": SCALE, "WORKERS": "1"}
        with running(tmp_path_factory.mktemp("gone") / "data", env) as studio:
            studio.manage("shell", "-c", storm.KEYS).check_returncode()
            yield studio


@pytest.fixture(scope="module")
def visitor(studio: Studio) -> Visitor:
    visitor = Visitor(studio)
    visitor.become_owner()
    visitor.post("/projects/new", {"name": "Storm"})
    return visitor


def order_one_of_each(visitor: Visitor) -> None:
    for route in ROUTES:
        visitor.generate_surely(storm.PROJECT, str(uuid4()), f"Boat {uuid4()} at sea", 1, route)


def all_ended(studio: Studio, sandbox: Sandbox) -> None:
    wait_for(lambda: not storm.standing(studio), WITHIN, studio.log.read_text)
    (count,) = storm.rows(studio, "SELECT count(*) FROM generations_generation")[0]
    storm.check(studio, sandbox, int(str(count)))


def timed(answer: Callable[[], httpx.Response]) -> tuple[int, str, float]:
    """Its status, its page, and after how many seconds."""
    began = time.monotonic()
    found = answer()
    return found.status_code, found.text, time.monotonic() - began


@contextmanager
def away(url: str) -> Iterator[None]:
    """Nobody is connected to this database or can connect to it while the block lasts."""
    name = url.rpartition("/")[2]
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(services.POSTGRES, autocommit=True) as server:
        server.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        try:
            server.execute(CUT, (name,))
            yield
        finally:
            server.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


@pytest.mark.scale
def test_an_attempt_whose_commit_is_cut_off_is_not_posted_and_the_order_goes_later(
    studio: Studio, visitor: Visitor, base: str
):
    sandbox = Sandbox(base)
    posts = len(sandbox.submits())
    with psycopg.connect(studio.env["DATABASE_URL"]) as holder:
        holder.execute("LOCK TABLE generations_attempt IN SHARE MODE")  # it may be read, not added to
        order_one_of_each(visitor)
        with psycopg.connect(studio.env["DATABASE_URL"], autocommit=True) as cutter:
            wait_for(lambda: bool(cutter.execute(STALLED).fetchall()), WITHIN, studio.log.read_text)
            for (pid,) in cutter.execute(STALLED).fetchall():
                cutter.execute("SELECT pg_terminate_backend(%s)", (pid,))
        assert {state for _, _, state, _ in storm.standing(studio)} == {"queued"}
        assert len(sandbox.submits()) == posts
    all_ended(studio, sandbox)


@pytest.mark.scale
def test_a_database_that_is_away_is_waited_for_by_the_dispatcher_and_said_by_the_pages(
    studio: Studio, visitor: Visitor, base: str
):
    sandbox = Sandbox(base)

    def look() -> httpx.Response:
        return visitor.client.get(f"/projects/{storm.PROJECT}/")

    def press() -> httpx.Response:
        return visitor.generate(storm.PROJECT, str(uuid4()), "Nobody takes this", 1, "fal")

    sandbox.fault("job-slow", seconds=1.5, times=2 * len(ROUTES))
    before, posts = studio.pids("dispatch"), len(sandbox.submits()) + len(ROUTES)
    order_one_of_each(visitor)
    # An attempt that was committed may be posted while the database is away; here none is on its way.
    wait_for(lambda: len(sandbox.submits()) == posts, WITHIN, studio.log.read_text)
    with away(studio.env["DATABASE_URL"]):
        answers = [timed(ask) for ask in (look, press, look, press)]
        assert len(sandbox.submits()) == posts
    for status, text, seconds in answers:
        assert status == 503
        assert "database does not answer" in text
        assert seconds < 10
    all_ended(studio, sandbox)
    assert studio.pids("dispatch") == before


@contextmanager
def no_room_for_attempts() -> Iterator[None]:
    """SQLite takes a few pages more than it has, and an attempt many, while the block lasts."""
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute("CREATE TABLE ballast (bytes BLOB)")
        cursor.execute(HEAVY)
        cursor.execute(f"PRAGMA max_page_count = {pages + 50}")
        try:
            yield
        finally:
            cursor.execute("PRAGMA max_page_count = 4294967294")
            cursor.execute("DROP TRIGGER heavy_attempts")
            cursor.execute("DROP TABLE ballast")


async def only_dispatch(until: Callable[[], bool]) -> None:
    """The dispatcher alone, since whoever commits together with it has no room either."""
    stop = asyncio.Event()
    work = asyncio.create_task(loop.run(stop))
    end = time.monotonic() + WITHIN
    while not await read(until):
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    stop.set()
    await work


@pytest.mark.skipif(connection.vendor != "sqlite", reason="Only SQLite can be told to be full.")
@pytest.mark.django_db(transaction=True)
def test_without_room_for_its_attempt_an_order_is_not_sent_and_goes_when_there_is_room(
    project: Project, caplog: pytest.LogCaptureFixture
):
    with sandbox() as room:
        orders = one_of_each(project)
        with no_room_for_attempts():
            async_to_sync(only_dispatch)(lambda: caplog.text.count(STUMBLED) >= len(orders))
            assert room.submits() == []
            assert not Attempt.objects.exists()
            assert states(orders) == {State.QUEUED}
        dispatch_all()
        assert states(orders) == {State.SUCCEEDED}
        assert len(room.submits()) == len(orders)
        oracle.check(room)
