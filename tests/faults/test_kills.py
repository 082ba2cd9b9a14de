"""Processes are killed at random moments while generations run: nothing is lost, doubled or left behind."""

import random
import time
from pathlib import Path
from uuid import UUID

import pytest

from tests.running import Studio, Visitor, running, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.drill]
# Leases of three seconds, so that healing takes seconds; the rest is the studio as people run it.
FAST = {"HORIZON_SCALE": "0.2", "WORKERS": "2"}
PROJECT = "kills"
ENDED = "('succeeded', 'partial', 'failed', 'cancelled')"
OPEN = f"SELECT count(*) FROM generations_generation WHERE state NOT IN {ENDED}"


@pytest.fixture
def studio(tmp_path: Path):
    with running(tmp_path / "data", FAST) as studio:
        yield studio


def kill(studio: Studio, word: str) -> None:
    for pid in studio.pids(word):
        studio.kill(pid)


def kill_everything(studio: Studio) -> None:
    for pid in studio.processes():
        studio.kill(pid)
    assert studio.process is not None
    studio.process.wait(20)


def settled(studio: Studio) -> bool:
    return studio.rows(OPEN) == [(0,)]


def test_generations_survive_random_kills_of_every_process(studio: Studio):
    visitor = Visitor(studio)
    visitor.become_owner()
    visitor.post("/projects/new", {"name": "Kills"})
    chance = random.Random(4)
    for number in range(20):
        visitor.generate_surely(
            PROJECT, str(UUID(int=number + 1)), f"Figure {number} walks in a city street at night"
        )
        if number % 2:
            time.sleep(chance.uniform(0, 0.8))
            kill(studio, chance.choice(["gunicorn", "celery", "dispatch"]))
    kill_everything(studio)
    wait_for(lambda: studio.processes() == {}, 20, lambda: str(studio.processes()))
    studio.start()
    wait_for(lambda: settled(studio), 300, lambda: studio.log.read_text()[-3000:])
    _all_there_and_none_twice(studio)
    assert studio.stop() == 0
    wait_for(lambda: studio.processes() == {}, 20, lambda: str(studio.processes()))


def _all_there_and_none_twice(studio: Studio) -> None:
    keys = [str(UUID(int=number + 1)).replace("-", "") for number in range(20)]
    rows = studio.rows("SELECT form_key, state, count FROM generations_generation")
    ours = [(state, count) for key, state, count in rows if key in keys]
    assert ours == [("succeeded", 1)] * 20
    made = studio.rows(
        "SELECT output_id, count(*) FROM generations_event WHERE to_state = 'stored' GROUP BY output_id"
    )
    assert len(made) == studio.rows("SELECT sum(count) FROM generations_generation")[0][0]
    assert {times for _, times in made} == {1}
    assert studio.rows("SELECT count(*) FROM generations_output WHERE blob_id IS NULL") == [(0,)]
    books = studio.rows(
        "SELECT generation, sum(reserved), count(*) FROM spend_ledgerentry GROUP BY generation"
    )
    assert {(reserved, entries) for _, reserved, entries in books} == {(0, 2)}
