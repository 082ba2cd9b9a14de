"""Accounts at the sandbox, orders for them, and waiting for what comes of an order."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import uvloop

from providers import catalogue, wire
from providers.base import (
    Accepted,
    Account,
    JobRef,
    NotFound,
    Order,
    Posting,
    Progress,
    Provider,
    SentAttempt,
    Stage,
)
from providers.http import Exits
from providers.known import Known
from providers.registry import provider

PLACES = {
    "fal": {"queue": "/fal/queue", "rest": "/fal/rest", "api": "/fal/api/v1"},
    "runware": {"api": "/runware/v1"},
    "kling": {"api": "/kling"},
}
KEYS = {
    "fal": "sandbox-contract:secret",
    "runware": "sandbox-contract",
    "kling": "sandbox-contract",
    "kling-signed": "sandbox-contract:sandbox-secret-key-of-thirty-two-bytes",
}
CASES = list(KEYS)


@dataclass(frozen=True)
class Case:
    """One account at the sandbox, and the order that is tried with it."""

    route: str
    secret: str
    base: str
    http: httpx.Client

    def account(self, secret: str | None = None) -> Account:
        bases = {name: self.base + path for name, path in PLACES[self.route].items()}
        return Account(1, self.route, secret or self.secret, bases, loopback=True)

    def fault(self, do: str, operation: str = "submit", **rule: object) -> None:
        asked = {"protocol": self.route, "operation": operation, "do": do, **rule}
        answer = self.http.post(f"{self.base}/_/faults", json=asked)
        assert answer.status_code == 200, answer.text

    def charges(self) -> list[dict[str, Any]]:
        lines = self.http.get(f"{self.base}/_/bill").json()["lines"]
        return [line for line in lines if line["protocol"] == self.route]

    def talk[Found](self, talk: Callable[[Provider], Awaitable[Found]], secret: str | None = None) -> Found:
        async def run() -> Found:
            exits = Exits(loopback=True)
            try:
                return await talk(provider(self.account(secret), exits))
            finally:
                await exits.close()

        return uvloop.run(run())


def an_order(count: int = 3, **values: Any) -> Order:
    given = {"width": 1360, "height": 768, "media_format": "png", "series": False, "seed": 7}
    return Order("A pier at dawn.", "", count=count, **{**given, **values})


def posting(case: Case, order: Order, known: Known | None = None, hook: str = "") -> Posting:
    row = catalogue.find(case.route, "o3", len(order.references), order.series, len(order.elements))
    assert row is not None
    attempt = str(uuid4())
    return Posting(row, wire.translate(order, row, known or Known(), attempt), attempt, hook)


def job(sent: Posting, accepted: Accepted, count: int = 3) -> JobRef:
    return JobRef(accepted.remote_id, sent.endpoint, sent.attempt, accepted.urls, count)


def lost(sent: Posting, bound: frozenset[str] = frozenset()) -> SentAttempt:
    return SentAttempt(sent.attempt, sent.endpoint, sent.body, datetime.now(UTC), bound)


async def ended(asking: Provider, ref: JobRef) -> Progress:
    """What came of a job, asked about until it has ended."""
    async with asyncio.timeout(20):
        while True:
            found = (await asking.poll([ref])).get(ref)
            if found and found.stage in (Stage.DONE, Stage.FAILED, Stage.CANCELLED):
                return found
            await asyncio.sleep(0.02)


def carried_out(case: Case, sent: Posting, count: int = 3) -> Progress:
    async def talk(asking: Provider) -> Progress:
        accepted = await asking.submit(sent)
        assert isinstance(accepted, Accepted)
        return await ended(asking, job(sent, accepted, count))

    return case.talk(talk)


async def until_found(asking: Provider, sent: SentAttempt) -> Accepted:
    async with asyncio.timeout(20):
        while True:
            found = await asking.find(sent)
            if isinstance(found, Accepted):
                return found
            assert isinstance(found, NotFound)
            assert not found.proof
            await asyncio.sleep(0.02)
