"""Delivers webhooks to loopback, in order and with retries, unless a rule says otherwise."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from sandbox.clock import Clock
from sandbox.faults import find
from sandbox.jobs import Job

TRIES = 10
ANSWER_WITHIN = 15.0


@dataclass(frozen=True, slots=True)
class Stamp:
    """How a message is to be signed; `forged` with a key nobody knows, `stranger` for another account."""

    time: int
    forged: bool
    stranger: bool
    unsigned: bool


@dataclass(frozen=True, slots=True)
class Message:
    body: bytes
    headers: Callable[[Stamp], Mapping[str, str]]


@dataclass(slots=True)
class Delivery:
    """One message as sent: `statuses` of the tries, 0 where nobody answered."""

    protocol: str
    task: str
    url: str
    body: str
    statuses: list[int]


class Hooks:
    def __init__(self, clock: Clock, retry_seconds: float) -> None:
        self._clock, self._retry = clock, retry_seconds
        self._session: aiohttp.ClientSession | None = None
        self._queues: dict[Job, asyncio.Queue[list[Message] | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.deliveries: list[Delivery] = []

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ANSWER_WITHIN))

    async def close(self) -> None:
        self.stop()
        if self._session:
            await self._session.close()

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._queues.clear()

    def tell(self, job: Job, messages: list[Message]) -> None:
        """Queue messages of one step; those of a job go out one after another."""
        if not job.hook or find(job.strikes, "hook-lost"):
            job.told.set()
            return
        if job not in self._queues:
            self._queues[job] = asyncio.Queue()
            task = asyncio.create_task(self._deliver_all(job, self._queues[job]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._queues[job].put_nowait(messages)
        if job.is_ended:
            self._queues[job].put_nowait(None)

    async def _deliver_all(self, job: Job, queue: asyncio.Queue[list[Message] | None]) -> None:
        kept: list[Message] = []
        reordered = find(job.strikes, "hook-reordered")
        while (messages := await queue.get()) is not None:
            kept += messages
            if not reordered:
                await self._deliver_each(job, messages)
        if reordered:
            await self._deliver_each(job, kept[::-1])
        self._queues.pop(job, None)
        job.told.set()

    async def _deliver_each(self, job: Job, messages: list[Message]) -> None:
        late = find(job.strikes, "hook-late")
        await asyncio.sleep(late.seconds if late else 0)
        for message in messages:
            for _ in range(2 if find(job.strikes, "hook-twice") else 1):
                await self._deliver(job, message)

    async def _deliver(self, job: Job, message: Message) -> None:
        stale = find(job.strikes, "hook-stale")
        stamp = Stamp(
            time=int(self._clock.now() - (stale.seconds if stale else 0)),
            forged=find(job.strikes, "hook-forged") is not None,
            stranger=find(job.strikes, "hook-stranger") is not None,
            unsigned=find(job.strikes, "hook-unsigned") is not None,
        )
        headers = {"Content-Type": "application/json", **message.headers(stamp)}
        body = message.body
        if find(job.strikes, "hook-changed"):
            body = body.replace(b'"', b' "', 1)
        delivery = Delivery(job.protocol, job.task, job.hook, body.decode(), [])
        self.deliveries.append(delivery)
        for attempt in range(TRIES):
            delivery.statuses.append(await self._post(job.hook, body, headers))
            if delivery.statuses[-1] and delivery.statuses[-1] < 400:  # a redirect is final as well
                return
            await asyncio.sleep(self._retry * 2**attempt)

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        if not await _on_loopback(url) or self._session is None:
            return 0
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0


async def _on_loopback(url: str) -> bool:
    """Nothing of the sandbox ever leaves the machine."""
    parts = urlsplit(url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(parts.hostname, parts.port or 80)
    except (OSError, UnicodeError):
        return False
    return bool(found) and all(
        str(entry[4][0]).startswith("127.") or str(entry[4][0]) == "::1"
        for entry in found
        if entry[0] in (socket.AF_INET, socket.AF_INET6)
    )
