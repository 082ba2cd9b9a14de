"""C49 and C69: webhooks come in heaps to the real web server, during an order and after its end."""

import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

import httpx
import pytest

from sandbox import server
from sandbox.fal import signing
from sandbox.fal.access import user_id
from sandbox.options import Options
from tests.faults import storm
from tests.faults.storm import HASTE, ROUTES
from tests.paid import Sandbox
from tests.running import Studio, Visitor, running, wait_for

pytestmark = pytest.mark.slow
AT_ONCE = 50
FLOOD = 1500
WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Letter:
    """A webhook as the sandbox sent it, to be sent again."""

    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    studio: Studio
    room: Sandbox
    visitor: Visitor


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A studio as people run it, whose paid routes lead to a sandbox."""
    folder = tmp_path_factory.mktemp("flood") / "data"
    with server.running(Options()) as base, running(folder, {**HASTE, "SANDBOX_URL": base}) as studio:
        studio.manage("shell", "-c", storm.KEYS).check_returncode()
        visitor = Visitor(studio)
        visitor.become_owner()
        visitor.post("/projects/new", {"name": "Storm"})
        yield Place(studio, Sandbox(base), visitor)


def test_fifty_at_once_and_in_any_order_are_one_state_and_one_entry(place: Place) -> None:
    """The order of each route is still at its provider; what it will say comes fifty times before it does."""
    place.room.fault("job-slow", operation="submit", seconds=12.0, times=0)
    orders = _order(place, "one of fifty")
    wait_for(lambda: _states(place, orders) == ["submitted"] * len(ROUTES), WITHIN)
    heap = [letter for order in orders for letter in [_early(place, order)] * AT_ONCE]
    assert set(_post(heap)) == {200}
    wait_for(lambda: _states(place, orders) == ["succeeded"] * len(ROUTES), WITHIN)
    place.room.heal()
    _has_one_of_each(place, orders)
    storm.check(place.studio, place.room, len(storm.rows(place.studio, _ALL)))


def test_what_comes_after_the_end_changes_nothing(place: Place) -> None:
    """All that was ever sent, fifty times, shuffled: known ones and some whose bytes are new."""
    orders = _order(place, "long ended")
    wait_for(lambda: _states(place, orders) == ["succeeded"] * len(ROUTES), WITHIN)
    wait_for(lambda: all(one["statuses"] for one in place.room.deliveries()), WITHIN)
    before = _books(place)
    letters = [_of(one) for one in place.room.deliveries()] + [_early(place, order) for order in orders]
    heap = letters * AT_ONCE
    random.Random(7).shuffle(heap)
    assert set(_post(heap)) == {200}
    assert _books(place) == before
    _has_one_of_each(place, orders)
    storm.check(place.studio, place.room, len(storm.rows(place.studio, _ALL)))


def test_a_flood_from_one_address_is_answered_and_people_are_too(place: Place) -> None:
    """Guessed addresses, one that is ours with junk in it; pages of people and true webhooks in between."""
    orders = _order(place, "beside a flood")
    good = _early(place, orders[0])
    junk = [Letter(good.url, b"\xff" * 64), _guess(good), _guess(good), Letter(good.url, b"[]")]
    seen: list[int] = []
    heard: list[int] = []
    with _meanwhile(lambda: _look(place.visitor, seen)), _meanwhile(lambda: heard.extend(_post([good]))):
        answers = Counter(_post([junk[number % 4] for number in range(FLOOD)]))
    assert answers[400] == FLOOD / 2, "whoever knows an address is let in, though what they say is junk"
    # Who is turned away unread may see the connection end before its answer.
    assert answers[429] + answers[404] + answers[0] == FLOOD / 2
    assert answers[0] <= FLOOD / 100
    assert answers[404] <= answers[429], "guesses are turned away after a while"
    assert set(heard) == {200}
    assert set(seen) == {200}
    wait_for(lambda: _states(place, orders) == ["succeeded"] * len(ROUTES), WITHIN)
    _has_one_of_each(place, orders)
    storm.check(place.studio, place.room, len(storm.rows(place.studio, _ALL)))


def test_who_guesses_too_often_is_turned_away_unread(place: Place) -> None:
    """Of a body that is announced not a byte is waited for; who knows an address comes in all the same."""
    orders = _order(place, "behind a closed door")
    good = _early(place, orders[0])
    wait_for(lambda: 429 in _post([_guess(good)] * AT_ONCE), WITHIN)
    assert _status_without_body(_guess(good)) == 429
    assert _post([good]) == [200]
    wait_for(lambda: _states(place, orders) == ["succeeded"] * len(ROUTES), WITHIN)
    _has_one_of_each(place, orders)
    storm.check(place.studio, place.room, len(storm.rows(place.studio, _ALL)))


_ALL = "SELECT id FROM generations_generation"


def _order(place: Place, words: str) -> list[int]:
    """An order on each route, by the web; their keys."""
    known = {key for (key,) in storm.rows(place.studio, _ALL)}
    for number, route in enumerate(ROUTES):
        key = str(uuid5(NAMESPACE_URL, f"{words} {route}"))
        place.visitor.generate_surely(storm.PROJECT, key, f"Boat {number}, {words}", 1, route)
    return sorted(int(str(key)) for (key,) in storm.rows(place.studio, _ALL) if key not in known)


def _states(place: Place, orders: Sequence[int]) -> list[str]:
    found = storm.rows(
        place.studio, f"SELECT state FROM generations_generation WHERE id IN ({_list(orders)})"
    )
    return [str(state) for (state,) in found]


def _early(place: Place, order: int) -> Letter:
    """A hint to this order's own address, signed as its provider signs, of bytes that it never wrote."""
    rows = (
        f"SELECT route, remote_id FROM generations_attempt WHERE generation_id = {order} AND remote_id <> ''"
    )
    wait_for(lambda: bool(storm.rows(place.studio, rows)), WITHIN)
    ((route, remote),) = storm.rows(place.studio, rows)
    body = f'{{"request_id": "{remote}", "task_id": "{remote}", "taskUUID": "{remote}"}}'
    return Letter(_address(place, order), body.encode(), _signed(str(route), str(remote), body.encode()))


def _signed(route: str, remote: str, body: bytes) -> dict[str, str]:
    """Runware signs nothing, and Kling nothing that a studio without its secret could check."""
    user = user_id("sandbox-fal")
    return signing.headers(remote, user, int(time.time()), body, forged=False) if route == "fal" else {}


def _address(place: Place, order: int) -> str:
    code = (
        "from generations import hooks; from generations.models import Attempt;"
        f"print(hooks.address(Attempt.objects.get(generation_id={order}).uuid, is_loopback=True))"
    )
    return place.studio.manage("shell", "--no-imports", "-c", code).stdout.strip().splitlines()[-1]


def _of(delivery: dict[str, Any]) -> Letter:
    body = str(delivery["body"]).encode()
    return Letter(str(delivery["url"]), body, _signed(delivery["protocol"], delivery["task"], body))


def _post(letters: Sequence[Letter]) -> list[int]:
    """All of them, many at a time, each by a connection of its own, since a kept one may be closed just then;
    the status of each, 0 where nobody answered."""
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=0)
    with (
        httpx.Client(trust_env=False, verify=False, timeout=30, limits=limits) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        return list(pool.map(lambda letter: _answer(client, letter), letters))


def _answer(client: httpx.Client, letter: Letter) -> int:
    try:
        return client.post(letter.url, content=letter.body, headers=letter.headers).status_code
    except httpx.HTTPError:
        return 0


def _guess(letter: Letter) -> Letter:
    """An address that is nobody's, though only its last letter is wrong."""
    return Letter(letter.url[:-1] + ("0" if letter.url[-1] != "0" else "1"), b"{}")


def _status_without_body(letter: Letter) -> int:
    """What is answered to who announces a megabyte and never sends it."""
    place = urlsplit(letter.url)
    head = f"POST {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: 1000000\r\n\r\n"
    with socket.create_connection((str(place.hostname), place.port or 80), WITHIN) as line:
        line.sendall(head.encode())
        return int(line.recv(64).split()[1])


def _look(visitor: Visitor, seen: list[int]) -> None:
    seen.append(visitor.client.get(f"/projects/{storm.PROJECT}/").status_code)


@contextmanager
def _meanwhile(work: Callable[[], None]) -> Iterator[None]:
    """Do it again and again until the block ends."""
    done = threading.Event()

    def run() -> None:
        while not done.is_set():
            work()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _books(place: Place) -> list[list[tuple[object, ...]]]:
    tables = ("generations_event", "spend_ledgerentry", "generations_output")
    counts = [storm.rows(place.studio, f"SELECT count(*) FROM {table}") for table in tables]
    return [*counts, storm.rows(place.studio, "SELECT id, state FROM generations_generation ORDER BY id")]


def _has_one_of_each(place: Place, orders: Sequence[int]) -> None:
    """One end in the history, one reserve and one settle in the books, no delivery noted twice."""
    keys = _list(orders)
    ends = (
        "SELECT generation_id FROM generations_event"
        f" WHERE to_state = 'succeeded' AND output_id IS NULL AND generation_id IN ({keys})"
    )
    assert sorted(storm.rows(place.studio, ends)) == [(order,) for order in orders]
    entries = (
        "SELECT g.id, e.kind FROM spend_ledgerentry e JOIN generations_generation g ON g.uuid = e.generation"
        f" WHERE g.id IN ({keys}) ORDER BY g.id, e.kind"
    )
    expected = [(order, kind) for order in orders for kind in ("reserve", "settle")]
    assert storm.rows(place.studio, entries) == expected
    twice = "SELECT attempt_id FROM generations_inboxevent GROUP BY attempt_id, delivery HAVING count(*) > 1"
    assert storm.rows(place.studio, twice) == []


def _list(orders: Sequence[int]) -> str:
    return ", ".join(map(str, orders))
