"""A canary key and a canary prompt go through a whole studio: neither sings where it does not belong."""

import base64
import binascii
import json
import os
import re
import signal
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from sandbox import server
from sandbox.options import Options
from tests.paid import Sandbox
from tests.running import Studio, Visitor, running, wait_for

pytestmark = pytest.mark.slow
PROMPT = "xylophonecanary"
KEY = "quincunxcanary"
KEYS = {
    "fal": {"key": f"sandbox-id:sandbox-{KEY}"},
    "runware": {"key": f"sandbox-{KEY}-runware"},
    "kling": {"key": f"sandbox-{KEY}-kling", "hook_secret": f"whsec-{KEY}"},
}
# Decisions after a quarter of a minute.
ENV = {"HORIZON_SCALE": "0.002", "WORKERS": "1", "LOG_LEVEL": "DEBUG"}
PROJECT = "canaries"
# Where words are meant to be seen: composer, gallery, queue, detail with its code, viewer, decision.
PAGES_WITH_WORDS = re.compile(
    r"/projects/canaries/(composer|preview|generate|queue|strip|sending)?$|/queue/|/generations/|/outputs/"
)
COLUMNS_WITH_WORDS = {
    "generations_generation.prompt",
    "generations_generation.request",
    "generations_attempt.body",
    "generations_panel.text",
    "generations_series.style",
}
ENDED = "('succeeded', 'partial', 'failed', 'cancelled', 'needs_decision')"


class Witness:
    """Keeps every page that the visitor was shown."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.pages: list[tuple[str, int, str]] = []
        self.visitor = Visitor(studio)
        self.visitor.client.event_hooks = {"response": [self._keep]}
        self.orders = 0
        self.bells = ""  # what lay in the broker

    def _keep(self, answer: httpx.Response) -> None:
        answer.read()
        headers = " ".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.pages.append((answer.request.url.path, answer.status_code, f"{headers}\n{answer.text}"))

    def order(self, route: str) -> None:
        self.orders += 1
        prompt = f"A lighthouse, {PROMPT}, at dusk"
        answer = self.visitor.generate(PROJECT, str(UUID(int=self.orders)), prompt, 1, route)
        assert answer.status_code == 302, answer.text[-2000:]

    def settle(self) -> None:
        standing = f"SELECT route, state, waiting FROM generations_generation WHERE state NOT IN {ENDED}"
        wait_for(lambda: not self.studio.rows(standing), 90, lambda: str(self.studio.rows(standing)))

    def look(self, *paths: str) -> None:
        for path in paths:
            assert self.visitor.client.get(path).status_code < 500, path


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Witness]:
    """A studio in which everything happened that can happen to an order, and that still runs."""
    data = tmp_path_factory.mktemp("canaries") / "data"
    with server.running(Options()) as base, running(data, {**ENV, "SANDBOX_URL": base}) as studio:
        witness = Witness(studio)
        _begin(witness)
        witness.bells = _live(witness, Sandbox(base))
        _look_around(witness)
        yield witness


def _begin(witness: Witness) -> None:
    witness.visitor.become_owner()
    witness.visitor.post("/projects/new", {"name": "Canaries"})
    for route, secrets in KEYS.items():
        form = {**secrets, "name": route, "at_once": "5"}
        assert witness.visitor.post(f"/routes/add/{route}", dict(form)).status_code == 302
        refused = {**form, "at_once": "none"}
        assert witness.visitor.post(f"/routes/add/{route}", dict(refused)).status_code == 422


def _live(witness: Witness, room: Sandbox) -> str:
    """Orders that succeed, fail, get lost and wait for a person; answers what lay in the broker meanwhile."""
    for route in KEYS:
        room.fault("moderation", protocol=route, operation="submit")
        witness.order(route)
    witness.settle()
    for route in KEYS:
        room.fault("answer", protocol=route, operation="submit", status=422, body=_refusal(route))
        witness.order(route)
    witness.settle()
    for route in KEYS:
        room.fault("close", protocol=route, operation="submit", when="after")
        witness.order(route)
    witness.settle()
    room.fault("close", operation="submit", times=0)
    for operation in ("status", "history", "list", "details"):
        room.fault("answer", operation=operation, times=0, status=503, body="html")
    for route in KEYS:
        witness.order(route)
    witness.settle()
    _decide(witness)
    room.heal()
    bells = _bells(witness)
    witness.settle()
    return bells


def _refusal(route: str) -> str:
    """A provider that quotes our key."""
    said = f"The key {KEYS[route]['key']} may not do this."
    answers: dict[str, object] = {
        "fal": {"detail": [{"loc": ["body", "num_images"], "msg": said, "type": "value_error"}]},
        "runware": {"errors": [{"code": "invalidParameter", "message": said, "parameter": "seed"}]},
        "kling": {"code": 1201, "message": said, "request_id": "r"},
    }
    return json.dumps(answers[route])


def _decide(witness: Witness) -> None:
    undecided = witness.studio.rows("SELECT uuid FROM generations_generation WHERE state = 'needs_decision'")
    assert undecided
    for number, (uuid,) in enumerate(undecided):
        path = f"/generations/{UUID(str(uuid))}/decision"
        witness.look(path)
        witness.visitor.post(path, {"act": ("give_up", "again")[number % 2]})


def _bells(witness: Witness) -> str:
    """With the workers stopped, what is meant for them stays where it can be read."""
    studio = witness.studio
    queue = studio.data / "broker"
    for pid in studio.pids("celery"):
        os.kill(pid, signal.SIGSTOP)
    for route in ("draft", *KEYS):
        witness.order(route)
    wait_for(lambda: len(_files(queue / "queue")) >= 2, 60, studio.log.read_text)
    found = "\n".join(_readings(file.read_bytes()) for file in _files(queue))
    for pid in studio.pids("celery"):
        os.kill(pid, signal.SIGCONT)
    return found


def _look_around(witness: Witness) -> None:
    look, rows = witness.look, witness.studio.rows
    look(f"/projects/{PROJECT}/", f"/projects/{PROJECT}/queue", "/queue/", "/projects/", "/studio/health")
    look(f"/projects/{PROJECT}/?q={PROMPT}", f"/projects/{PROJECT}/composer", f"/projects/{PROJECT}/settings")
    look("/routes/", f"/projects/{PROJECT}/routes/", "/people/", "/healthz", "/readyz", "/elements/")
    look("/spend/", "/spend/budgets", "/spend/rows.csv", "/spend/entries.csv", "/nowhere", "/routes/keys/x/")
    look("/spend/?since=never", f"/projects/{PROJECT}/generate", f"/nowhere/?q={PROMPT}", "/queue/running")
    for (key,) in rows("SELECT uuid FROM routes_credential"):
        look(f"/routes/keys/{UUID(str(key))}/", f"/routes/keys/{UUID(str(key))}/state")
    for (uuid,) in rows("SELECT uuid FROM generations_generation"):
        look(f"/generations/{UUID(str(uuid))}/", f"/generations/{UUID(str(uuid))}/code")
    for (uuid,) in rows("SELECT uuid FROM generations_output WHERE state = 'stored'"):
        look(f"/outputs/{UUID(str(uuid))}/")
    witness.visitor.generate("nowhere", str(UUID(int=99)), PROMPT)
    witness.visitor.generate(PROJECT, "no key", PROMPT * 400)
    witness.visitor.client.post(f"/projects/{PROJECT}/generate", data={"prompt": PROMPT})


def test_everything_happened_that_can_happen_to_an_order(lived: Witness) -> None:
    states = lived.studio.rows("SELECT DISTINCT route, state FROM generations_generation")
    for route in KEYS:
        assert {state for one, state in states if one == route} >= {"succeeded", "failed"}
    decided = (
        "SELECT count(*) FROM generations_event WHERE to_state = 'needs_decision' AND from_state != to_state"
    )
    assert lived.studio.rows(decided)[0][0] == len(KEYS)


def test_no_line_of_the_log_holds_the_key_or_the_words(lived: Witness) -> None:
    lines = lived.studio.log.read_text().splitlines()
    assert any("dispatcher" in line for line in lines)
    assert any("DEBUG" in line for line in lines)
    assert [line[:300] for line in lines if KEY in line] == []
    assert [line[:300] for line in lines if PROMPT in line] == []


def test_no_page_shows_the_key_and_words_stand_only_where_they_belong(lived: Witness) -> None:
    assert [(path, status) for path, status, text in lived.pages if KEY in text] == []
    shown = {path for path, _, text in lived.pages if PROMPT in text}
    assert shown
    assert sorted(path for path in shown if not PAGES_WITH_WORDS.search(path)) == []


def test_the_broker_carries_neither(lived: Witness) -> None:
    assert "generations" in lived.bells
    assert KEY not in lived.bells
    assert PROMPT not in lived.bells


def test_the_database_holds_words_in_their_columns_and_the_key_nowhere(lived: Witness) -> None:
    cells = list(_cells(lived.studio.data / "framehouse.sqlite3"))
    assert sorted({column for column, text in cells if KEY in text}) == []
    held = {column for column, text in cells if PROMPT in text}
    assert "generations_attempt.body" in held
    assert sorted(held - COLUMNS_WITH_WORDS) == []


def test_no_file_of_the_data_directory_holds_the_key(lived: Witness) -> None:
    files = _files(lived.studio.data)
    assert any(file.suffix == ".sqlite3" for file in files)
    assert [str(file) for file in files if KEY.encode() in file.read_bytes()] == []


def _cells(database: Path) -> Iterator[tuple[str, str]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=20)) as one:
        tables = one.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            rows = one.execute(f'SELECT * FROM "{table}"')
            names = [column[0] for column in rows.description]
            for row in rows:
                for name, value in zip(names, row, strict=True):
                    if isinstance(value, str | bytes):
                        raw = value.encode() if isinstance(value, str) else value
                        yield f"{table}.{name}", _readings(raw)


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def _readings(raw: bytes) -> str:
    """The bytes as they are, and whatever in them is base64, packed or not, opened once or twice."""
    found = [raw]
    for _ in range(2):
        found += [opened for one in found for opened in _opened(one) if opened not in found]
    return "\n".join(one.decode("utf-8", "replace") for one in found)


def _opened(raw: bytes) -> Iterator[bytes]:
    for token in re.findall(rb"[A-Za-z0-9+/_-]{20,}={0,2}", raw):
        try:
            bare = token.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
            plain = base64.b64decode(bare + b"=" * (-len(bare) % 4))
        except (binascii.Error, ValueError):
            continue
        yield plain
        try:
            yield zlib.decompress(plain)
        except zlib.error:
            continue
