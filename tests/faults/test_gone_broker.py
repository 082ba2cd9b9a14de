"""C19, C20: Redis is away at the start, comes, goes, and hangs, while paid orders are in flight."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from sandbox import server
from sandbox.options import Options
from tests.faults import storm, wire
from tests.faults.storm import ROUTES
from tests.paid import Sandbox
from tests.running import Studio, Visitor, free_port, wait_for

REDIS = shutil.which("redis-server")
pytestmark = [
    pytest.mark.scale,
    pytest.mark.slow,
    pytest.mark.skipif(REDIS is None, reason="There is no redis-server to start."),
]
DEAFEN = """
from studio.celery import app
[[worker, queues]] = app.control.inspect().active_queues().items()
for queue in queues:
    app.control.cancel_consumer(queue["name"], destination=[worker], reply=True)
assert app.control.inspect().active_queues() == {worker: []}
"""
WITHIN = 90.0
PRESSED_WITHIN = 5.0  # the goal is two, on a machine that does nothing else
NOT_HERE = "SELECT id FROM generations_output WHERE arrived_at IS NULL"
DECODED = "SELECT id FROM generations_output WHERE state = 'stored'"


class Early(Studio):
    """Without a broker no worker is heard from: ready is who shows pages."""

    def wait_ready(self) -> None:
        wait_for(lambda: self.probe("/healthz") == 200, WITHIN, self.log.read_text)


class Redis:
    """A server that keeps nothing, to be started and killed."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert REDIS is not None
        place = ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self._folder)]
        self._process = subprocess.Popen([REDIS, *place, "--save", ""], stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)
            self._process = None


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """Not started yet."""
    redis = Redis(tmp_path)
    yield redis
    redis.kill()


def press(visitor: Visitor) -> None:
    """Generate on every route; each answer comes soon and takes the order."""
    for route in ROUTES:
        began = time.monotonic()
        answer = visitor.generate(storm.PROJECT, str(uuid4()), f"Boat {uuid4()} at sea", 1, route)
        assert answer.status_code == 302
        assert time.monotonic() - began < PRESSED_WITHIN


@contextmanager
def started(data: Path, broker: str) -> Iterator[Studio]:
    """It need not wait for its broker."""
    with server.running(Options()) as base:
        env = {"SANDBOX_URL": base, "HORIZON_SCALE": "0.02", "WORKERS": "1", "CELERY_BROKER_URL": broker}
        studio = Early(data, env)
        try:
            studio.start()
            studio.manage("shell", "-c", storm.KEYS).check_returncode()
            yield studio
        finally:
            studio.stop()
            for pid in studio.processes():
                studio.kill(pid)


def arrived(studio: Studio) -> None:
    wait_for(lambda: not storm.rows(studio, NOT_HERE), WITHIN, studio.log.read_text)


def ended(studio: Studio) -> None:
    wait_for(lambda: not storm.standing(studio), WITHIN, studio.log.read_text)


def become_owner(studio: Studio) -> Visitor:
    visitor = Visitor(studio)
    visitor.become_owner()
    visitor.post("/projects/new", {"name": "Storm"})
    return visitor


def leave_lying(studio: Studio, visitor: Visitor) -> None:
    """What is ordered now arrives, and nobody decodes more than the pictures of the first press."""
    press(visitor)
    arrived(studio)
    assert len(storm.rows(studio, DECODED)) == len(ROUTES)


def check(studio: Studio, presses: int) -> None:
    storm.check(studio, Sandbox(studio.env["SANDBOX_URL"]), presses * len(ROUTES))


def test_paid_orders_go_on_without_redis_and_are_decoded_when_it_is_there(tmp_path: Path, redis: Redis):
    with started(tmp_path / "data", redis.url) as studio:
        sandbox = Sandbox(studio.env["SANDBOX_URL"])
        visitor = become_owner(studio)
        press(visitor)
        arrived(studio)
        assert storm.rows(studio, DECODED) == []
        redis.start()
        ended(studio)
        sandbox.fault("job-slow", seconds=2.0, times=len(ROUTES))
        press(visitor)
        redis.kill()
        leave_lying(studio, visitor)
        redis.start()
        ended(studio)
        check(studio, 3)


def test_a_worker_whose_connections_to_redis_hang_lets_go_of_them_and_decodes(tmp_path: Path, redis: Redis):
    redis.start()
    with (
        wire.laid(redis.port) as between,
        started(tmp_path / "data", f"redis://127.0.0.1:{between.port}/0") as studio,
    ):
        visitor = become_owner(studio)
        press(visitor)
        ended(studio)
        between.fall_silent()
        leave_lying(studio, visitor)
        between.serve_new()
        ended(studio)
        check(studio, 2)


def test_a_worker_that_hears_nothing_any_more_ends_and_is_started_anew(tmp_path: Path, redis: Redis):
    redis.start()
    with started(tmp_path / "data", redis.url) as studio:
        visitor = become_owner(studio)
        press(visitor)
        ended(studio)
        studio.manage("shell", "-c", DEAFEN).check_returncode()
        leave_lying(studio, visitor)
        ended(studio)
        assert "ending, to be started anew" in studio.log.read_text()
        check(studio, 2)
