"""Paid work in a test: a sandbox, keys for it, orders, and the dispatcher at work in this process."""

import asyncio
import importlib
import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from asgiref.sync import async_to_sync
from django.test import override_settings

from accounts.models import User
from generations import arrivals, horizons, plan
from generations.dispatch import loop
from generations.dispatch.database import change, read
from generations.models import TERMINAL, Generation, Output, OutputState, State
from generations.plan import Intent
from projects.models import Project
from providers import catalogue
from routes import vault
from routes.models import Credential
from sandbox import server
from sandbox.options import Options

KEYS = {"fal": "sandbox-fal:secret", "runware": "sandbox-runware", "kling": "sandbox-kling"}
ENDPOINTS = {"fal": "fal-o3-text", "runware": "runware-o3-text", "kling": "kling-o3-text"}
WITHIN = 30.0
SCALE = 0.02
DECIDE = 3.0  # seconds until a person decides


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox, and what it says of itself."""

    base: str

    def bill(self) -> list[dict[str, object]]:
        return self._rows("/_/bill", "lines")

    def charged(self) -> int:
        """Micro-USD in all."""
        return int(str(self._asked("GET", "/_/bill")["total"]))

    def submits(self) -> list[dict[str, object]]:
        return self.requests("submit")

    def requests(self, operation: str) -> list[dict[str, object]]:
        """What arrived, oldest first; of GETs only the latest."""
        return self._rows(f"/_/requests?operation={operation}", "requests")

    def deliveries(self) -> list[dict[str, object]]:
        """Webhooks as they were sent."""
        return self._rows("/_/hooks", "deliveries")

    def fault(self, do: str, **more: object) -> None:
        """Have the sandbox go wrong; see `sandbox/faults.py` for the words."""
        self._asked("POST", "/_/faults", {"do": do, **more})

    def heal(self) -> None:
        self._asked("DELETE", "/_/faults")

    def account(self, protocol: str, name: str, **changes: object) -> None:
        self._asked("POST", "/_/accounts", {"protocol": protocol, "name": name, **changes})

    def clock(self, offset: float) -> None:
        """Let its clock be wrong by so many seconds."""
        self._asked("POST", "/_/clock", {"offset": offset})

    def reset(self) -> None:
        self._asked("POST", "/_/reset")

    def _rows(self, path: str, name: str) -> list[dict[str, object]]:
        found: Any = self._asked("GET", path)[name]
        return list(found)

    def _asked(self, method: str, path: str, body: object = None) -> dict[str, object]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            value: dict[str, object] = json.loads(answer.read())
        return value


@contextmanager
def sandbox(options: Options | None = None) -> Iterator[Sandbox]:
    """A sandbox that all paid routes lead to while the block lasts."""
    with server.running(options or Options()) as base, leading_to(base) as found:
        yield found


@contextmanager
def leading_to(base: str) -> Iterator[Sandbox]:
    """All paid routes lead to this running sandbox while the block lasts."""
    with override_settings(SANDBOX_URL=base), _in_haste():
        yield Sandbox(base)


@contextmanager
def _in_haste() -> Iterator[None]:
    """What people wait minutes for takes a second or two. Leases stay as long as they are: the thread that
    renews them would wait for the test's own transaction."""
    lease = horizons.LEASE
    try:
        with override_settings(HORIZON_SCALE=SCALE):
            importlib.reload(horizons)
            horizons.LEASE = lease
            horizons.DECIDE = timedelta(seconds=DECIDE)
            yield
    finally:
        importlib.reload(horizons)


def make_key(route: str, project: Project | None = None, **more: Any) -> Credential:
    """A key of the sandbox's account."""
    return Credential.objects.create(
        route=route, project=project, name=f"{route} key", sealed=vault.seal(KEYS[route]), **more
    )


def order(project: Project, endpoint: str, user: User | None = None, **changes: Any) -> Generation:
    """A queued generation on this endpoint, of one picture of a lighthouse."""
    row = catalogue.endpoint(endpoint)
    values: dict[str, Any] = {
        "prompt": "A lighthouse at dusk",
        "negative_prompt": "",
        "ratio": "16:9",
        "resolution": row.resolution_default,
        "count": 1,
        "series": False,
        "media_format": row.formats[0] if row.formats else "png",
        "seed": None,
    }
    return plan.start(
        Intent(project=project, user=user, form_key=uuid4(), endpoint=row, **{**values, **changes})
    )


def dispatch(until: Callable[[], bool], within: float = WITHIN, also: Callable[[], object] = int) -> None:
    """Let the dispatcher and a worker work until the condition holds; AssertionError when it never does.

    `also` is done again and again meanwhile.
    """
    async_to_sync(_dispatch)(until, within, also)


def dispatch_all(within: float = WITHIN, also: Callable[[], object] = int) -> None:
    """Until every generation has ended or waits for a person."""
    dispatch(settled, within, also)


def settled() -> bool:
    return not Generation.objects.exclude(state__in=(*TERMINAL, State.NEEDS_DECISION)).exists()


async def _dispatch(until: Callable[[], bool], within: float, also: Callable[[], object]) -> None:
    stop = asyncio.Event()
    work = asyncio.create_task(loop.run(stop))
    end = time.monotonic() + within
    try:
        while not await read(until):
            assert time.monotonic() < end, await read(_standing)
            assert not work.done(), work
            await change(_take_in)
            await change(also)
            await asyncio.sleep(0.01)
    finally:
        stop.set()
        await work


def _take_in() -> None:
    """The worker's part."""
    waiting = Output.objects.filter(state=OutputState.PENDING, arrived_at__isnull=False)
    for pk in waiting.values_list("pk", flat=True):
        arrivals.take_in(pk)


def _standing() -> str:
    lines = []
    for generation in Generation.objects.all():
        story = "; ".join(f"{event.to_state} {event.note}" for event in generation.events.order_by("pk"))
        lines.append(f"{generation.endpoint} {generation.state}: {story}")
    return "\n".join(lines)
