"""Kling's own API, the standard that pictures and elements speak, by its pages of 2026-09-20.

An attempt's own UUID is the `external_task_id`: a second order with it is refused, and it finds the first.
Pictures travel inside the order as raw base64; there is nothing to upload, and nothing can be cancelled.
"""

import asyncio
import base64
import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import batched
from pathlib import Path
from uuid import uuid4

from providers import kling_answers, kling_hooks
from providers.base import (
    Accepted,
    Account,
    BillLine,
    Blame,
    CancelOutcome,
    Hint,
    HookKeys,
    JobRef,
    KeyReport,
    Need,
    NotFound,
    NotReached,
    Posting,
    Prepared,
    Progress,
    Refused,
    RemoteThing,
    SentAttempt,
    Stage,
    Submitted,
    Unclear,
)
from providers.http import Exits, NoAnswer, NotSent
from providers.kling_answers import STALE_TOKEN, UNIT_USD, Told
from providers.kling_elements import Elements
from providers.kling_keys import Key
from providers.replies import fields, identifier, moment, number, picture_type, plain, rows

BASES = {"api": "https://api-singapore.klingai.com"}
RESULT_HOSTS = ("klingai.com", "kling.ai", "kwimgs.com")
BODY_LIMIT = 40 * 1024 * 1024  # bytes of one order
PICTURE_LIMIT = 10 * 1024 * 1024
_TAKEN = ("image/jpeg", "image/png")
_KEY_TEST = "/v1/images/generations"
_ALONE = 3  # up to so many tasks are asked about one by one
_AT_ONCE = 20
_PAGE, _PAGES = 500, 4
_SETTLED = timedelta(seconds=140)  # after this an order that is not seen may be proven not to exist
_APART = 60.0  # seconds between the two looks that this takes
_PACKS_BACK = timedelta(days=31)


class Kling:
    """One account at Kling."""

    def __init__(self, account: Account, exits: Exits) -> None:
        self._exits = exits
        self._key = Key(account.secret)
        self._base = account.bases.get("api", BASES["api"]).rstrip("/")
        self._elements = Elements(account.number, self._ask, account.pace)
        self._pace = account.pace
        self._unseen: dict[str, float] = {}  # when an attempt was first looked for in vain

    async def prepare(self, need: Need) -> Prepared | Refused | NotReached | Unclear:
        """A picture as it stands in the order, which costs no request and is not worth keeping; or the number
        of an element, which is made here, free of charge, and stays."""
        if need.element is not None and need.endpoint is not None:
            return await self._elements.made(need.element, need.endpoint)
        return await asyncio.to_thread(_encoded, need.file) if need.file else Prepared("")

    async def submit(self, posting: Posting) -> Submitted:
        order = posting.body if isinstance(posting.body, dict) else {}
        body = _json({**order, **({"callback_url": posting.hook} if posting.hook else {})})
        if len(body) > BODY_LIMIT:
            said = "The pictures of this order are too large together. Nothing was sent. Use smaller ones."
            return Refused(Blame.ORDER, said, "too_large", "reference")
        answer = await self._exits.post_once(self._base + posting.endpoint.path, body, self._headers())
        if isinstance(answer, NotSent):
            return NotReached(answer.reason)
        if isinstance(answer, NoAnswer):
            return Unclear(answer.reason)
        found = kling_answers.submitted(answer, *self._key.hidden())
        if isinstance(found, Refused) and found.code in {str(code) for code in STALE_TOKEN}:
            self._key.renew()
        return found

    async def poll(self, jobs: Sequence[JobRef]) -> Mapping[JobRef, Progress]:
        """One by one, or by the list that both standards share; what that says has ended is asked for itself.

        Signed tokens are not taken by that list.
        """
        flying = await self._flying(jobs) if len(jobs) > _ALONE and not self._key.signs else {}
        rest = [job for job in jobs if job not in flying]
        found = await asyncio.gather(*(self._progress(job) for job in rest))
        return flying | {job: progress for job, progress in zip(rest, found, strict=True) if progress}

    async def _flying(self, jobs: Sequence[JobRef]) -> dict[JobRef, Progress]:
        """Those of the jobs that wait or run."""
        parts = await asyncio.gather(
            *(self._standing(part) for part in batched(jobs, _AT_ONCE, strict=False))
        )
        stages = {remote: stage for part in parts for remote, stage in part.items()}
        running = (Stage.WAITING, Stage.RUNNING)
        return {job: Progress(stages[job.remote_id]) for job in jobs if stages.get(job.remote_id) in running}

    async def _standing(self, jobs: Sequence[JobRef]) -> dict[str, Stage]:
        found = await self._ask(
            "GET", "/tasks?task_ids=" + ",".join(identifier(job.remote_id) for job in jobs)
        )
        if isinstance(found, Unclear) or found.code != 0:
            return {}
        return {identifier(one.get("id")): kling_answers.standing(one) for one in rows(found.data)}

    async def _progress(self, job: JobRef) -> Progress | None:
        found = await self._ask("GET", f"{job.endpoint.path}/{identifier(job.remote_id)}")
        return None if isinstance(found, Unclear) else kling_answers.progress(found, *self._key.hidden())

    async def find(self, sent: SentAttempt) -> Accepted | NotFound | Unclear:
        """By our own id. Two looks in vain, a minute apart and long after the sending, and a whole list
        without it prove that nothing was accepted."""
        found = await self._ask("GET", f"{sent.endpoint.path}/{sent.attempt}")
        if isinstance(found, Unclear):
            return found
        remote = identifier(fields(found.data).get("task_id"))
        if found.code == 0 and remote:
            self._unseen.pop(sent.attempt, None)
            return Accepted(remote)
        if not found.is_unknown_task():
            return Unclear(f"the code {found.code}")
        first = self._unseen.setdefault(sent.attempt, time.monotonic())
        late = datetime.now(UTC) - sent.sent_at >= _SETTLED * self._pace
        if not late or time.monotonic() - first < _APART * self._pace:
            return NotFound(proof=False, reason="Kling does not see it yet")
        return await self._listed(sent)

    async def _listed(self, sent: SentAttempt) -> Accepted | NotFound | Unclear:
        for page in range(1, _PAGES + 1):
            found = await self._ask("GET", f"{sent.endpoint.path}?pageNum={page}&pageSize={_PAGE}")
            if isinstance(found, Unclear) or found.code != 0 or not isinstance(found.data, list):
                return Unclear("Kling's list could not be read")
            for task in rows(found.data):
                remote = identifier(task.get("task_id"))
                if remote and fields(task.get("task_info")).get("external_task_id") == sent.attempt:
                    return Accepted(remote)
            if len(found.data) < _PAGE:
                return NotFound(proof=True, reason="Kling neither sees nor lists it")
        return NotFound(proof=False, reason="Kling's list is too long to read to its end")

    async def cancel(self, job: JobRef) -> CancelOutcome | Unclear:
        return CancelOutcome.IMPOSSIBLE

    async def check_key(self) -> KeyReport | Unclear:
        """A task that cannot exist: only a good key is told that it does not."""
        found = await self._ask("GET", f"{_KEY_TEST}/{uuid4()}")
        if isinstance(found, Unclear):
            return found
        if found.is_unknown_task() or found.code == 0:
            return await self._balance()
        refused = kling_answers.refusal(found)
        if refused and refused.blame in (Blame.ACCOUNT, Blame.MONEY):
            return KeyReport(False, refused.sentence)
        return Unclear(f"the code {found.code}")

    async def _balance(self) -> KeyReport:
        """With the units that are left in packs for pictures, where Kling tells."""
        now = datetime.now(UTC)
        found = await self._ask(
            "GET", f"/account/costs?start_time={_ms(now - _PACKS_BACK)}&end_time={_ms(now)}"
        )
        packs = (
            []
            if isinstance(found, Unclear)
            else rows(fields(found.data).get("resource_pack_subscribe_infos"))
        )
        left = [
            number(pack.get("remaining_quantity"))
            for pack in packs
            if pack.get("status") == "online" and "image" in plain(pack.get("resource_pack_name")).lower()
        ]
        if not left or None in left:
            return KeyReport(True, "The key works.")
        units = sum((one for one in left if one is not None), Decimal(0))
        said = f"The key works. {int(units)} units for pictures are left."
        return KeyReport(True, said, round(units * UNIT_USD, 2))

    async def bill(self, since: datetime, until: datetime) -> Sequence[BillLine] | Unclear:
        """What was taken from packs of units for pictures; cash is not in it."""
        asked: dict[str, object] = {"start_time": _ms(since), "end_time": _ms(until), "limit": _PAGE}
        asked["filters"] = [{"key": "product_type", "values": ["image"]}]
        lines: list[BillLine] = []
        for _ in range(_PAGES * 5):
            found = await self._ask("POST", "/account/billing/package", _json(asked))
            if isinstance(found, Unclear):
                return found
            data = fields(found.data)
            if found.code != 0 or not isinstance(data.get("result"), list):
                return Unclear(f"the code {found.code}")
            lines += [line for line in map(_line, rows(data["result"])) if line]
            cursor = plain(data.get("next_cursor"), 2000)
            if not cursor or data.get("has_more") is False:
                return lines
            asked["cursor"] = cursor
        return Unclear("a list that is too long")

    async def forget(self, thing: RemoteThing) -> bool:
        return thing.is_element and await self._elements.deleted(thing.remote_id)

    def read_hook(self, headers: Mapping[str, str], body: bytes, keys: HookKeys) -> Hint:
        return kling_hooks.hint(headers, body, keys)

    async def _ask(self, method: str, path: str, body: bytes | None = None) -> Told | Unclear:
        """A free question; once more with a new token when the first is too old or too young."""
        found = await self._asked(method, path, body)
        if isinstance(found, Told) and found.code in STALE_TOKEN and self._key.signs:
            self._key.renew()
            found = await self._asked(method, path, body)
        return found

    async def _asked(self, method: str, path: str, body: bytes | None) -> Told | Unclear:
        answer = await self._exits.ask(method, self._base + path, self._headers(), body)
        if isinstance(answer, NoAnswer):
            return Unclear(answer.reason)
        told = kling_answers.told(answer, *self._key.hidden())
        return told or Unclear(f"status {answer.status} that tells nothing")

    def _headers(self) -> dict[str, str]:
        return {"authorization": self._key.header(), "content-type": "application/json"}


def _encoded(file: Path) -> Prepared | Refused:
    data = file.read_bytes()
    if len(data) > PICTURE_LIMIT or picture_type(data) not in _TAKEN:
        said = "Kling takes PNG and JPEG of at most 10 MB. Nothing was sent. Convert this picture."
        return Refused(Blame.ORDER, said, "picture", "reference")
    return Prepared(base64.b64encode(data).decode())


def _line(row: Mapping[str, object]) -> BillLine | None:
    remote, units = identifier(row.get("task_id")), number(row.get("deduction_amount"))
    at = moment(row.get("deduction_time"))
    return BillLine(remote, units * UNIT_USD, at) if remote and units is not None and at else None


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
