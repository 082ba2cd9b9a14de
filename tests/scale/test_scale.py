"""The same studio on PostgreSQL and Redis, chosen by two variables."""

import json
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests import services
from tests.running import Studio, Visitor, running, wait_for

pytestmark = [pytest.mark.scale, pytest.mark.slow]


@pytest.fixture
def studio(tmp_path: Path):
    with services.database() as url:
        env = {
            "DATABASE_URL": url,
            "CELERY_BROKER_URL": services.REDIS,
            "WORKERS": "2",
            "HORIZON_SCALE": "0.2",
        }
        with running(tmp_path / "data", env) as studio:
            yield studio


def outputs(studio: Studio) -> list[tuple[str, int]]:
    with psycopg.connect(studio.env["DATABASE_URL"]) as connection:
        query = "SELECT state, count(*) FROM generations_output GROUP BY state"
        return [(str(state), int(count)) for state, count in connection.execute(query)]


def test_stills_are_made_on_postgresql_and_redis_even_when_workers_are_killed(studio: Studio):
    visitor = Visitor(studio)
    visitor.become_owner()
    visitor.post("/projects/new", {"name": "Scale"})
    visitor.generate_surely("scale", str(uuid4()), "A figure walks in a city street at night", count=4)
    wait_for(lambda: "stored" in dict(outputs(studio)), 120, lambda: str(outputs(studio)))
    for pid in studio.pids("celery"):
        studio.kill(pid)
    wait_for(lambda: outputs(studio) == [("stored", 4)], 180, lambda: str(outputs(studio)))
    made = studio.manage("generate", "--project", "scale", "--prompt", "A figure in a street", "--json")
    assert json.loads(made.stdout)["state"] == "succeeded"
    assert not (studio.data / "framehouse.sqlite3").exists()
    assert list((studio.data / "broker" / "queue").iterdir()) == []
