"""Random SIGKILLs of web, dispatcher and worker while paid orders flow: no intent is charged twice."""

import os
from pathlib import Path

import pytest

from sandbox import server
from sandbox.options import Options
from tests import services
from tests.faults import storm
from tests.faults.storm import HASTE, Plan
from tests.paid import Sandbox
from tests.running import running

pytestmark = [pytest.mark.slow, pytest.mark.drill]
# `make soak` asks for thousands.
KILLS = int(os.environ.get("STUDIO_STORM_KILLS", "200"))


def test_a_storm_of_kills_charges_no_intent_twice_and_loses_nothing(tmp_path: Path) -> None:
    # A long storm leaves few to heal, or what waits for a worker grows with it.
    at_once = 100 if KILLS > 200 else 300
    plan = Plan(orders=max(300, KILLS // 3), kills=KILLS, seed=4, at_once=at_once)
    with server.running(Options()) as base, running(tmp_path / "data", _env(base)) as studio:
        storm.blow(studio, plan)
        storm.check(studio, Sandbox(base), plan.orders)


def _env(base: str) -> dict[str, str]:
    return {**HASTE, "SANDBOX_URL": base}


@pytest.mark.scale
def test_a_shorter_storm_does_the_same_on_postgresql_and_redis(tmp_path: Path) -> None:
    with server.running(Options()) as base, services.database() as url:
        env = {**_env(base), "DATABASE_URL": url, "CELERY_BROKER_URL": services.REDIS}
        with running(tmp_path / "data", env) as studio:
            plan = Plan(orders=60, kills=40, seed=7)
            storm.blow(studio, plan)
            storm.check(studio, Sandbox(base), plan.orders)
