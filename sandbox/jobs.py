"""The life of an accepted order: queued, running, ended. Every step may be told to a webhook."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from sandbox.accounts import Account
from sandbox.bill import Bill, Line
from sandbox.clock import Clock
from sandbox.faults import Rule, find
from sandbox.links import Link
from sandbox.options import Options, Wish

Json = dict[str, object]
ENDED = ("done", "failed", "cancelled")


@dataclass(slots=True, eq=False)
class Job:
    """`state` is queued, running, done, failed or cancelled; `failure` is a kind the protocol words."""

    protocol: str
    task: str
    account: Account
    endpoint: str
    reference: str
    body: Json
    line: Line
    wishes: list[Wish]
    strikes: list[Rule]
    hook: str = ""
    state: str = "queued"
    failure: str = ""
    detail: object = None  # what is wrong with the input, in the protocol's own words
    extra: Json = field(default_factory=dict)
    start_within: float | None = None  # seconds of waiting after which it will not start
    place: int = 0
    accepted_at: float = 0.0
    started_at: float | None = None
    ended_at: float | None = None
    changed_at: float = 0.0
    links: list[Link] = field(default_factory=list)
    messages: list[object] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    told: asyncio.Event = field(default_factory=asyncio.Event)  # the last webhook was sent

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED


class Works:
    """Runs jobs. `make` turns a job into links; `changed` is told of every step."""

    def __init__(
        self,
        options: Options,
        clock: Clock,
        bill: Bill,
        make: Callable[[Job], list[Link]],
        changed: Callable[[Job], None],
    ) -> None:
        self._options, self._clock, self._bill = options, clock, bill
        self._make, self._changed = make, changed
        self.jobs: dict[tuple[str, str], Job] = {}
        self._slots: dict[tuple[str, str], asyncio.Semaphore] = {}
        self._accepted: Counter[tuple[str, str]] = Counter()
        self._left: Counter[tuple[str, str]] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    def accept(self, job: Job) -> Job:
        """The order exists, and is on the bill, from here on."""
        key = (job.protocol, job.account.name)
        job.accepted_at = job.changed_at = self._clock.now()
        job.place = self._accepted[key]
        self._accepted[key] += 1
        self.jobs[job.protocol, job.task] = job
        self._bill.open(job.line)
        self._changed(job)
        task = asyncio.create_task(self._live(job))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def get(self, protocol: str, task: str) -> Job | None:
        return self.jobs.get((protocol, task))

    def of(self, protocol: str, account: str) -> list[Job]:
        return [
            job for (name, _), job in self.jobs.items() if (name, job.account.name) == (protocol, account)
        ]

    def position(self, job: Job) -> int:
        """How many wait before this one."""
        return max(0, job.place - self._left[job.protocol, job.account.name])

    def cancel(self, job: Job) -> bool:
        """Take a job out of the queue; one that runs goes on."""
        if job.state != "queued":
            return False
        self._end(job, "cancelled", charged=0)
        return True

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self.jobs.clear()

    async def _live(self, job: Job) -> None:
        await asyncio.sleep(self._options.queue_seconds)
        slot = self._slot(job)
        try:
            async with asyncio.timeout(job.start_within):
                await slot.acquire()
        except TimeoutError:
            job.failure = job.failure or "start"
        self._left[job.protocol, job.account.name] += 1
        if job.failure == "start":
            self._finish(job)
            return
        try:
            await self._work(job)
        finally:
            slot.release()

    async def _work(self, job: Job) -> None:
        if job.is_ended:
            return
        job.state, job.started_at = "running", self._clock.now()
        job.changed_at = job.started_at
        self._changed(job)
        slow = find(job.strikes, "job-slow")
        await asyncio.sleep(slow.seconds if slow else self._run_seconds(job))
        if not find(job.strikes, "job-hangs"):
            self._finish(job)

    def _run_seconds(self, job: Job) -> float:
        """The same for the same order in every run of the sandbox."""
        seed = f"{self._options.seed} {job.protocol} {job.place}"
        luck = Random(seed).uniform(-1, 1)  # noqa: S311 - nobody gains by guessing it
        return self._options.run_seconds * (1 + luck * self._options.run_spread)

    def _slot(self, job: Job) -> asyncio.Semaphore:
        """fal runs so many of an account at once; the others refuse or take what comes."""
        key = (job.protocol, job.account.name)
        number = job.account.slots or self._options.fal_slots if job.protocol == "fal" else 1_000_000
        return self._slots.setdefault(key, asyncio.Semaphore(number))

    def _finish(self, job: Job) -> None:
        if job.is_ended:
            return
        failure = _failure(job)
        if failure:
            job.failure = failure
            self._end(job, "failed", job.line.quoted if find(job.strikes, "bill-failed") else 0)
            return
        job.links = self._make(job)
        over = find(job.strikes, "overcharge")
        charged = job.line.unit_price * len(job.links) + (over.number if over else 0)
        self._end(job, "done", charged)

    def _end(self, job: Job, state: str, charged: int) -> None:
        job.state, job.ended_at = state, self._clock.now()
        job.changed_at = job.ended_at
        self._bill.close(job.line, job.account, charged=charged, outcome=state, now=job.ended_at)
        job.ended.set()
        self._changed(job)


def _failure(job: Job) -> str:
    if job.failure:
        return job.failure
    if find(job.strikes, "moderation"):
        return "safety"
    fails = find(job.strikes, "job-fails")
    return (fails.kind or "provider") if fails else ""
