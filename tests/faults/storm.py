"""A storm: orders on every paid route flow while processes are killed at random; then the books are read."""

import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from uuid import UUID

import psycopg

from tests.paid import Sandbox
from tests.running import Studio, Visitor, wait_for

# Leases of two seconds and decisions after half a minute; what people wait hours for is over in one.
HASTE = {"HORIZON_SCALE": "0.005", "WORKERS": "2"}
ROUTES = ("fal", "runware", "kling")
VICTIMS = ("dispatch", "dispatch", "dispatch", "celery", "celery", "gunicorn")
AHEAD = 100  # orders that may be laid before it is their turn among the kills
HEALED_WITHIN = 60.0
PROJECT = "storm"
KEYS = "from studio import rehearsal; rehearsal.lay_keys()"
ENDED = ("succeeded", "partial", "failed", "cancelled", "needs_decision")


@dataclass(frozen=True, slots=True)
class Plan:
    """How many orders, how many kills at least, from which seed, how many orders may stand at once while more
    are laid, and the seconds between two kills on average."""

    orders: int
    kills: int
    seed: int
    at_once: int = 300
    pace: float = 0.5


def blow(studio: Studio, plan: Plan) -> None:
    """Order and kill until both are done, side by side, then wait until everything has healed.

    Orders flow: they are spread over the kills, and only so many stand at once, since processes that are
    killed before they have started would leave all of them for the end.
    """
    studio.manage("shell", "-c", KEYS).check_returncode()
    visitor = Visitor(studio)
    visitor.become_owner()
    visitor.post("/projects/new", {"name": "Storm"})
    killed: list[str] = []
    laid = threading.Event()
    killer = threading.Thread(target=_kill, args=(studio, plan, killed, laid), name="storm")
    killer.start()
    for number in range(plan.orders):
        while _is_early(number, len(killed), plan) or len(standing(studio)) > plan.at_once:
            time.sleep(plan.pace)
        route = ROUTES[number % len(ROUTES)]
        visitor.generate_surely(PROJECT, str(UUID(int=number + 1)), f"Boat {number} at sea", 1, route)
    laid.set()
    killer.join()
    wait_for(lambda: not standing(studio), HEALED_WITHIN, lambda: _story(studio))


def _is_early(number: int, killed: int, plan: Plan) -> bool:
    return number - AHEAD > killed * plan.orders / plan.kills


def _kill(studio: Studio, plan: Plan, killed: list[str], laid: threading.Event) -> None:
    chance = random.Random(plan.seed)
    while len(killed) < plan.kills or not laid.is_set():
        time.sleep(chance.uniform(0, 2 * plan.pace))
        killed.append(chance.choice(VICTIMS))
        for pid in studio.pids(killed[-1]):
            studio.kill(pid)


def rows(studio: Studio, query: str) -> list[tuple[object, ...]]:
    """What the studio's own database answers, on whichever server it is."""
    if url := studio.env.get("DATABASE_URL"):
        with psycopg.connect(url) as connection:
            return connection.execute(query).fetchall()
    with closing(
        sqlite3.connect(f"file:{studio.data}/framehouse.sqlite3?mode=ro", uri=True, timeout=20)
    ) as one:
        return one.execute(query).fetchall()


def standing(studio: Studio) -> list[tuple[object, ...]]:
    """Orders that have neither ended nor wait for a person."""
    return rows(
        studio, f"SELECT id, route, state, waiting FROM generations_generation WHERE state NOT IN {ENDED}"
    )


def check(studio: Studio, sandbox: Sandbox, orders: int) -> None:
    """Nothing was paid twice, nothing paid is lost, and the ledger is the sandbox's bill."""
    made = {key: state for key, state in rows(studio, "SELECT id, state FROM generations_generation")}  # noqa: C416
    assert len(made) == orders
    attempts = rows(studio, "SELECT uuid, generation_id FROM generations_attempt")
    generation_of = {UUID(str(uuid)): key for uuid, key in attempts}
    charged: Counter[object] = Counter(generation_of[attempt_of(line)] for line in sandbox.bill())
    assert {key: times for key, times in charged.items() if times > 1} == {}
    assert spent(studio) == sandbox.charged()
    paid = {key for key in charged if made[key] == "succeeded"}
    assert paid == set(charged), f"paid for and not there: {set(charged) - paid}"
    stored = rows(studio, "SELECT generation_id FROM generations_output WHERE state = 'stored'")
    assert {key for (key,) in stored} == paid
    assert rows(studio, "SELECT id FROM generations_output WHERE state = 'stored' AND blob_id IS NULL") == []
    still_reserved = reserved(studio)
    undecided = [key for key, state in made.items() if state == "needs_decision"]
    assert set(still_reserved) == set(undecided)


def attempt_of(line: dict[str, object]) -> UUID:
    """Whose order a line of the bill is: by our own number, or by the address of its webhook."""
    reference = str(line["reference"])
    return UUID(reference.split("/hooks/")[1].split("/")[0] if "/hooks/" in reference else reference)


def spent(studio: Studio) -> int:
    return int(str(rows(studio, "SELECT coalesce(sum(spent), 0) FROM spend_ledgerentry")[0][0]))


def reserved(studio: Studio) -> Sequence[object]:
    query = (
        "SELECT g.id FROM spend_ledgerentry e JOIN generations_generation g ON g.uuid = e.generation"
        " GROUP BY g.id HAVING sum(e.reserved) <> 0"
    )
    return [key for (key,) in rows(studio, query)]


def _story(studio: Studio) -> str:
    left = standing(studio)
    lines = [str(row) for row in left[:20]]
    for row in left[:3]:
        events = rows(
            studio,
            f"SELECT at, to_state, note FROM generations_event WHERE generation_id = {row[0]} ORDER BY id",
        )
        lines += [f"  {event}" for event in events]
        lines += [
            f"  {one}"
            for one in rows(
                studio,
                "SELECT number, outcome, looks, due_at, is_done, reason, remote_id FROM generations_attempt"
                f" WHERE generation_id = {row[0]}",
            )
        ]
    return "\n".join([f"{len(left)} orders stand.", *lines, studio.log.read_text()[-2000:]])
