"""One machine on a data directory: a sandbox, a worker that lives on, and dispatchers that come and go."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.faults import storm
from tests.paid import Sandbox
from tests.running import ROOT, Studio, wait_for

# A message that is cut short ends Celery's worker; somebody starts it again, as the supervisor does.
WORKER = (
    f"while :; do {sys.executable} -m celery --app studio --quiet worker --pool prefork --concurrency 1"
    " --loglevel WARNING --without-gossip --without-mingle --without-heartbeat; done"
)
NURSERY = "from tests.faults import nursery; nursery.main()"
ENDED_WITHIN = 60.0


@dataclass
class Machine:
    """`studio` is never started as a whole; it only knows the data directory and its environment."""

    studio: Studio
    sandbox: Sandbox
    _started: list["subprocess.Popen[Any]"] = field(default_factory=list)
    _ended: dict[int, int] = field(default_factory=dict)
    _nursery: "subprocess.Popen[str] | None" = None

    def open(self) -> None:
        """Start the nursery and the worker."""
        self.studio.data.mkdir(parents=True, exist_ok=True)
        self._nursery = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", NURSERY],
            cwd=ROOT,
            env=self.studio.env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.studio.log.open("ab"),
            text=True,
        )
        self._started.append(self._nursery)
        self._hear()
        self._start(WORKER)

    def order(self, *routes: str) -> list[int]:
        """Queue an order on each route; their keys in the database."""
        return list(self._ask({"do": "order", "routes": routes}))

    def cancel(self, order: int) -> None:
        self._ask({"do": "cancel", "order": order})

    def dispatch(self, fault: str = "") -> int:
        """Start a dispatcher; its pid."""
        return int(self._ask({"do": "dispatch", "fault": fault}))

    def ended(self, pid: int) -> int | None:
        """What a dispatcher ended with, negative for a signal; None while it lives."""
        if pid not in self._ended:
            status = self._ask({"do": "ended", "pid": pid})
            if status is None:
                return None
            self._ended[pid] = int(status)
        return self._ended[pid]

    def stop(self, pid: int) -> None:
        """End a dispatcher, which may not have come as far as to catch the signal."""
        os.kill(pid, signal.SIGTERM)
        wait_for(lambda: self.ended(pid) is not None, 20, self.story)
        assert self.ended(pid) in (0, -signal.SIGTERM)

    def state(self, order: int) -> str:
        return str(
            storm.rows(self.studio, f"SELECT state FROM generations_generation WHERE id = {order}")[0][0]
        )

    def settle(self) -> None:
        """Let a dispatcher work until no order stands."""
        pid = self.dispatch()
        wait_for(lambda: not storm.standing(self.studio), ENDED_WITHIN, self.story)
        self.stop(pid)

    def story(self) -> str:
        left = [str(row) for row in storm.standing(self.studio)]
        return "\n".join([*left, self.studio.log.read_text()[-3000:]])

    def charged(self) -> Counter[int]:
        """How often each order was charged."""
        attempts = storm.rows(self.studio, "SELECT uuid, generation_id FROM generations_attempt")
        of = {UUID(str(uuid)): int(str(key)) for uuid, key in attempts}
        return Counter(of[storm.attempt_of(line)] for line in self.sandbox.bill())

    def close(self) -> None:
        for process in self._started:
            process.kill()
            process.wait(20)
        for pid in self.studio.processes():
            self.studio.kill(pid)
        self._started.clear()

    def _start(self, command: str) -> None:
        with self.studio.log.open("ab") as log:
            self._started.append(
                subprocess.Popen(
                    ["sh", "-c", command],
                    cwd=ROOT,
                    env=self.studio.env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                )
            )

    def _ask(self, asked: dict[str, object]) -> Any:
        assert self._nursery is not None
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(json.dumps(asked) + "\n")
        self._nursery.stdin.flush()
        return self._hear()

    def _hear(self) -> Any:
        assert self._nursery is not None
        assert self._nursery.stdout is not None
        line = self._nursery.stdout.readline()
        assert line, self.studio.log.read_text()[-3000:]
        return json.loads(line)


@contextmanager
def machine(data: Path, base: str, scale: float, env: dict[str, str] | None = None) -> Iterator[Machine]:
    """A machine whose paid routes lead to the sandbox at `base`; not opened yet."""
    hasty = {"SANDBOX_URL": base, "HORIZON_SCALE": str(scale), "WORKERS": "1", **(env or {})}
    data.mkdir(parents=True, exist_ok=True)
    found = Machine(Studio(data, hasty), Sandbox(base))
    try:
        yield found
    finally:
        found.close()


def check(one: Machine) -> None:
    """Nobody was charged twice, the books are the bill, and every picture that was paid for is here."""
    charged = one.charged()
    assert {order: times for order, times in charged.items() if times > 1} == {}
    assert storm.spent(one.studio) == one.sandbox.charged()
    stored = "SELECT generation_id FROM generations_output WHERE state = 'stored' AND blob_id IS NOT NULL"
    assert {key for (key,) in storm.rows(one.studio, stored)} == set(charged)
    undecided = "SELECT id FROM generations_generation WHERE state = 'needs_decision'"
    assert set(storm.reserved(one.studio)) == {key for (key,) in storm.rows(one.studio, undecided)}
