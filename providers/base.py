"""What a route is asked for and what it answers: plain values and files by path, never a row or a session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from providers.catalogue.rows import Endpoint

type Body = dict[str, object] | list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """A picture on this machine that guides an order.

    `role` is one of subject, scene, composition, style, palette, texture, product, lighting, character;
    `name` is how the prompt mentions it, without the @.
    """

    path: Path
    role: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ElementFile:
    """A recurring character, object, product, costume, place or style, with its photos on this machine.

    `kind` is one of these six. `name` is its handle, as the prompt mentions it without the @; `version` names
    the frozen version ("mara@3"); `title` has at most 20 characters and `description` at most 100, as Kling
    asks; `angles` stand best first; `panels` counts from 1 and says where in a series it appears, empty for
    everywhere.
    """

    name: str
    version: str
    kind: str
    title: str
    description: str
    front: Path
    angles: tuple[Path, ...] = ()
    panels: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """One request for pictures, complete in itself.

    `width` and `height` are pixels of each picture; `media_format` is "png", "jpeg" or "webp"; `count` is
    pictures, or panels when `series` is true; `seed` is a non-negative integer; `references` and `elements`
    stand in the order that was chosen. `resolution` is "1K", "2K" or "4K" and `ratio` "16:9" and so on or
    "auto": what a provider takes instead of pixels. The prompt mentions elements and references as `@name`;
    what a provider writes in their place is its adapter's business. `watermark` asks for a copy of each
    picture with the provider's own watermark as well, where the endpoint makes one.
    """

    prompt: str
    negative_prompt: str
    width: int
    height: int
    media_format: str
    count: int
    series: bool
    seed: int
    references: tuple[ReferenceFile, ...] = ()
    elements: tuple[ElementFile, ...] = ()
    resolution: str = "1K"
    ratio: str = "16:9"
    watermark: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """A key of a route. `secret` is never shown, logged or compared; `bases` are its services' addresses.

    `number` tells accounts apart in the database. `loopback` marks an account of the sandbox. `pace` shortens
    the adapter's own waits, so that tests of faults need seconds.
    """

    number: int
    route: str
    secret: str = field(repr=False, compare=False)
    bases: Mapping[str, str] = field(hash=False)
    loopback: bool = False
    pace: float = 1.0


@dataclass(frozen=True, slots=True)
class Need:
    """An input that a provider must know before an order: a file, or an element where those are created."""

    file: Path | None = None
    element: ElementFile | None = None
    endpoint: Endpoint | None = None  # the order's, where an element is made for it


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the provider knows an input as from now on: an address, its own id or raw data."""

    remote: str
    expires_at: datetime | None = None


class Blame(StrEnum):
    """Whose matter a refusal is: it decides what happens next."""

    ORDER = "order"  # this order will never be taken as it is
    POLICY = "policy"  # refused for its content; never repeated by itself
    ACCOUNT = "account"  # the key is wrong, locked or without rights: its orders wait for a person
    MONEY = "money"  # the account is out of credit: its orders wait for a person
    RATE = "rate"  # too many at once: again after a while
    PROVIDER = "provider"  # the provider failed and says that nothing came of it


@dataclass(frozen=True, slots=True)
class Refused:
    """Definitely not accepted. `sentence` is for people; `field` names the field of the composer at fault.

    `after` is in seconds, from the provider; `may_be_billed` where a refusal can still cost.
    """

    blame: Blame
    sentence: str
    code: str = ""
    field: str = ""
    after: float | None = None
    may_be_billed: bool = False


@dataclass(frozen=True, slots=True)
class NotReached:
    """No connection came about: nothing was sent."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """It is not known whether anything came of it. `reason` is for the history, without bodies or keys."""

    reason: str


@dataclass(frozen=True, slots=True)
class Posting:
    """One order as it is posted once: the body that `wire.translate` wrote and that was committed before.

    `attempt` is our own UUID of this sending, `hook` the address for a webhook or empty.
    """

    endpoint: Endpoint
    body: Body = field(hash=False)
    attempt: str
    hook: str = ""


@dataclass(frozen=True, slots=True)
class JobRef:
    """An accepted order: the provider's id, the addresses it gave, and our own number of the attempt.

    `is_hooked`: a webhook came for it, so that it has most probably ended.
    """

    remote_id: str
    endpoint: Endpoint = field(hash=False)
    attempt: str
    urls: Mapping[str, str] = field(default_factory=dict, hash=False)
    count: int = 1
    is_hooked: bool = field(default=False, hash=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken the order."""

    remote_id: str
    urls: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class RemotePicture:
    """A finished picture at the provider, by its place in the order from 0.

    `twin` is the address of its copy with the provider's watermark, empty where there is none.
    """

    index: int
    url: str
    seed: int | None = None
    flagged: bool = False  # the provider's safety check: shown blurred until somebody looks
    expires_at: datetime | None = None
    twin: str = ""


class Stage(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    MISSING = "missing"  # the provider does not know the id: not visible, which proves nothing


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job stands by the provider's own word. `cost_usd` is what it charged, None while untold.

    `refused` says why a job failed. `note` is the provider's own text, cut and without markup.
    """

    stage: Stage
    pictures: tuple[RemotePicture, ...] = ()
    cost_usd: Decimal | None = None
    refused: Refused | None = None
    note: str = ""
    place: int | None = None  # in the provider's queue, from 0


@dataclass(frozen=True, slots=True)
class SentAttempt:
    """An attempt whose outcome is unclear: everything by which it can be found again."""

    attempt: str
    endpoint: Endpoint = field(hash=False)
    body: Body = field(hash=False)
    sent_at: datetime
    bound: frozenset[str] = frozenset()  # ids that belong to other attempts
    like: tuple[datetime, ...] = ()  # when others of this very body were sent that are not known either


@dataclass(frozen=True, slots=True)
class NotFound:
    """Nothing was found. `proof` says that nothing can have been accepted, not only that none is seen."""

    proof: bool
    reason: str


class CancelOutcome(StrEnum):
    STOPPED = "stopped"  # before it began: not billed
    ASKED = "asked"  # it may still finish, and be billed
    TOO_LATE = "too_late"
    IMPOSSIBLE = "impossible"  # the provider has no way to cancel


@dataclass(frozen=True, slots=True)
class KeyReport:
    """A free question to the account: `works`, its balance where it is told, and a sentence for people."""

    works: bool
    sentence: str
    balance_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BillLine:
    remote_id: str
    usd: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class RemoteThing:
    """Something that a provider keeps for us and that can be deleted there: an element or a file."""

    remote_id: str
    is_element: bool


@dataclass(frozen=True, slots=True)
class Hint:
    """What a webhook says, believed no further than to look at once. `verified` by its signature."""

    remote_id: str
    delivery: str  # the same for every repetition of one delivery
    verified: bool


@dataclass(frozen=True, slots=True)
class HookKeys:
    """What signatures are checked with: fal's public keys and our user id there, Kling's secrets."""

    public_keys: tuple[bytes, ...] = ()
    user_id: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    now: datetime | None = None


class BadHookError(ValueError):
    """A webhook that is forged, stale or unreadable; the text says which."""


type Submitted = Accepted | Refused | NotReached | Unclear


class Provider(Protocol):
    """One paid route through one account. Only `submit` can cost money; everything else may be repeated.

    A job that `poll` leaves out could not be asked about this time. `read_hook` raises BadHookError.
    """

    async def prepare(self, need: Need) -> Prepared | Refused | NotReached | Unclear: ...
    async def submit(self, posting: Posting) -> Submitted: ...
    async def poll(self, jobs: Sequence[JobRef]) -> Mapping[JobRef, Progress]: ...
    async def find(self, sent: SentAttempt) -> Accepted | NotFound | Unclear: ...
    async def cancel(self, job: JobRef) -> CancelOutcome | Unclear: ...
    async def check_key(self) -> KeyReport | Unclear: ...
    async def bill(self, since: datetime, until: datetime) -> Sequence[BillLine] | Unclear: ...
    async def forget(self, thing: RemoteThing) -> bool: ...
    def read_hook(self, headers: Mapping[str, str], body: bytes, keys: HookKeys) -> Hint: ...
