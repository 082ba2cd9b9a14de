"""Everything the sandbox knows, in one place, and what a protocol brings to it."""

import asyncio
import hashlib
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.accounts import Account, Accounts
from sandbox.bill import Bill, Line
from sandbox.clock import Clock
from sandbox.faults import Call, Faults, Rule, find
from sandbox.hooks import Hooks, Message
from sandbox.jobs import Job, Json, Works
from sandbox.links import Link, Links, address, token
from sandbox.options import Options, Wish
from sandbox.pictures import ENDINGS, TYPES, Picture, Pictures

GETS_KEPT = 20_000


@dataclass(slots=True)
class Record:
    """A request that arrived; `status` is 0 where the answer was withheld, None while it is at work."""

    at: float
    protocol: str
    operation: str
    method: str
    path: str
    body_sha256: str
    size: int
    attempt: int
    account: str = ""
    status: int | None = None
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a protocol knows of an order that it takes; `unit_price` is micro-USD a picture."""

    protocol: str
    task: str
    account: Account
    endpoint: str
    reference: str
    body: Json
    body_sha256: str
    wishes: list[Wish]
    unit_price: int
    strikes: Sequence[Rule]
    hook: str = ""
    failure: str = ""
    detail: object = None
    ignored: Sequence[str] = ()
    extra: Json = field(default_factory=dict)
    start_within: float | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """`operation` names a request for the rules; `error` words a kind of fault; `messages` tells a step."""

    name: str
    routes: Sequence[web.AbstractRouteDef]
    operation: Callable[[str, str, bytes], str]
    error: Callable[[str], web.Response]
    messages: Callable[["World", Job], list[Message]]


class World:
    def __init__(self, options: Options, protocols: Sequence[Protocol]) -> None:
        self.options = options
        self.protocols: Mapping[str, Protocol] = {protocol.name: protocol for protocol in protocols}
        self.base = ""  # set when the port is known
        self.clock = Clock()
        self.faults = Faults()
        self.pictures = Pictures(options.pool, options.draw)
        self.hooks = Hooks(self.clock, options.hook_retry_seconds)
        self._empty()

    def _empty(self) -> None:
        self.accounts, self.bill = Accounts(), Bill()
        self.links = Links(self._read)
        self.works = Works(self.options, self.clock, self.bill, self._make, self._changed)
        self.gets: deque[Record] = deque(maxlen=GETS_KEPT)
        self.posts: list[Record] = []
        self.notes: dict[str, dict[str, object]] = {}  # what protocols keep: elements, uploads, sessions
        self._arrivals: Counter[str] = Counter()

    def reset(self) -> None:
        """Forget everything but the keys that sign."""
        self.works.stop()
        self.hooks.stop()
        self.hooks.deliveries.clear()
        self.faults.rules.clear()
        self.clock.offset = 0.0
        self._empty()

    def arrive(self, method: str, path: str, body: bytes) -> tuple[Record, list[Rule]]:
        """Write a request down and ask the rules about it."""
        name = path.split("/")[1]
        protocol = self.protocols.get(name)
        operation = protocol.operation(method, path, body) if protocol else ""
        digest = self.digest(body)
        self._arrivals[path + digest] += 1
        attempt = self._arrivals[path + digest]
        strikes = self.faults.striking(Call(name, operation, method, path, body, attempt))
        record = Record(self.clock.now(), name, operation, method, path, digest, len(body), attempt)
        record.faults = [rule.do for rule in strikes]
        (self.gets if method == "GET" else self.posts).append(record)
        return record, strikes

    async def accept(self, order: Accepted) -> Job:
        """Take an order; when its webhook is to come first, this waits for it."""
        job = self.works.accept(_job(order, self.clock.now()))
        if find(job.strikes, "hook-early"):
            await job.told.wait()
        return job

    @staticmethod
    def digest(body: bytes) -> str:
        return hashlib.sha256(body).hexdigest()

    def note(self, name: str) -> dict[str, object]:
        return self.notes.setdefault(name, {})

    def upload(self, protocol: str, account: str, file_name: str, content_type: str, data: bytes) -> Link:
        name = token()
        where = address(self.base, protocol, name, file_name)
        return self.links.add(Link(name, account, file_name, content_type, None, data, None, address=where))

    async def _read(self, picture: Picture) -> bytes:
        return await asyncio.to_thread(self.pictures.read, picture)

    def _changed(self, job: Job) -> None:
        self.hooks.tell(job, self.protocols[job.protocol].messages(self, job))

    def _make(self, job: Job) -> list[Link]:
        wishes = list(job.wishes)
        fewer, more = find(job.strikes, "fewer"), find(job.strikes, "more")
        wishes = wishes[: max(0, len(wishes) - fewer.number)] if fewer else wishes
        wishes += wishes[-1:] * more.number if more else []
        first = self.pictures.new(wishes[0]) if wishes and find(job.strikes, "same") else None
        return [self._link(job, first or self.pictures.new(wish)) for wish in wishes]

    def _link(self, job: Job, picture: Picture) -> Link:
        name, wish = token(), picture.wish
        file_name = f"{name}.{ENDINGS[wish.media_format]}"
        lasts = job.extra.get("expires", self.options.link_seconds)
        expires = self.clock.now() + lasts if isinstance(lasts, int | float) else None
        link = Link(name, job.account.name, file_name, TYPES[wish.media_format], picture, b"", expires)
        link.access = str(job.extra.get("access", "allow"))
        elsewhere = find(job.strikes, "link-elsewhere")
        link.address = address(elsewhere.body if elsewhere else self.base, job.protocol, name, file_name)
        link.fault = find(job.strikes, "picture")
        if find(job.strikes, "link-expired"):
            link.expires_at = self.clock.now()
        return self.links.add(link)


def _job(order: Accepted, now: float) -> Job:
    pictures = len(order.wishes)
    line = Line(
        order.protocol,
        order.account.name,
        order.endpoint,
        order.task,
        order.reference,
        order.body_sha256,
        now,
        pictures,
        order.unit_price,
        order.unit_price * pictures,
        list(order.ignored),
    )
    return Job(
        protocol=order.protocol,
        task=order.task,
        account=order.account,
        endpoint=order.endpoint,
        reference=order.reference,
        body=order.body,
        line=line,
        wishes=order.wishes,
        strikes=list(order.strikes),
        hook=order.hook,
        failure=order.failure,
        detail=order.detail,
        extra=order.extra,
        start_within=order.start_within,
    )


WORLD = web.AppKey("world", World)
ACCOUNT = web.RequestKey("account", str)
STRIKES = web.RequestKey("strikes", Sequence[Rule])


def world_of(request: web.Request) -> World:
    return request.app[WORLD]
