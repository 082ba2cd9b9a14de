"""Runware: arrays of tasks posted to one address, by its schemas of 2026-10-12.

An attempt's own UUID is the task's: a second order with it is refused as a conflict, which says that the
first was taken. Orders are always asynchronous, and one POST asks about many of them.
"""

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import batched
from uuid import uuid4

from providers import runware_answers
from providers.base import (
    Accepted,
    Account,
    BadHookError,
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
from providers.http import Answer, Exits, NoAnswer, NotSent, parsed
from providers.replies import fields, identifier, key_text, number, picture_type, rows
from providers.runware_answers import Family, Item, Told

BASES = {"api": "https://api.runware.ai/v1"}
RESULT_HOSTS = ("runware.ai",)
REUSED = timedelta(days=25)  # an upload is removed 30 days after its last use
KEPT = timedelta(days=6)  # results are asked to last seven days, from when they are made
QUIET_SECONDS = 15.0  # a task that runs nothing and lacks pictures has ended when nothing came for so long
_AT_ONCE = 50  # tasks asked about in one POST
_BALANCES = ("amount", "balance", "available", "total", "value")


class Runware:
    """One account at Runware."""

    def __init__(self, account: Account, exits: Exits) -> None:
        self._exits = exits
        self._key = key_text(account.secret)
        self._url = account.bases.get("api", BASES["api"]).rstrip("/")
        self._pace = account.pace
        self._quiet: dict[str, tuple[int, float]] = {}  # pictures of a task, and since when so many

    async def prepare(self, need: Need) -> Prepared | Refused | NotReached | Unclear:
        """Upload a picture. Elements do not exist here."""
        if need.file is None:
            return Prepared("")
        data = await asyncio.to_thread(need.file.read_bytes)
        media = f"data:{picture_type(data)};base64,{base64.b64encode(data).decode()}"
        found = await self._one({"taskType": "mediaStorage", "operation": "upload", "media": media})
        if not isinstance(found, dict):
            return found
        remote = identifier(found.get("mediaUUID"))
        return Prepared(remote, datetime.now(UTC) + REUSED) if remote else Unclear("an upload without an id")

    async def submit(self, posting: Posting) -> Submitted:
        hook = {"webhookURL": posting.hook} if posting.hook else {}
        tasks = [{**task, **hook} for task in posting.body if isinstance(task, dict)]
        answer = await self._exits.post_once(self._url, _json(tasks), self._headers())
        if isinstance(answer, NotSent):
            return NotReached(answer.reason)
        if isinstance(answer, NoAnswer):
            return Unclear(answer.reason)
        return runware_answers.submitted(answer, posting.attempt, self._key)

    async def poll(self, jobs: Sequence[JobRef]) -> Mapping[JobRef, Progress]:
        parts = await asyncio.gather(*(self._polled(part) for part in batched(jobs, _AT_ONCE, strict=False)))
        return {job: progress for part in parts for job, progress in part.items()}

    async def _polled(self, jobs: Sequence[JobRef]) -> dict[JobRef, Progress]:
        tasks = [{"taskType": "getResponse", "taskUUID": job.remote_id} for job in jobs]
        answer = await self._exits.ask("POST", self._url, self._headers(), _json(tasks))
        told = None if isinstance(answer, NoAnswer) else runware_answers.told(answer)
        if isinstance(answer, NoAnswer) or told is None:
            return {}
        found = {job: self._progress(job, told, answer) for job in jobs}
        return {job: progress for job, progress in found.items() if progress}

    def _progress(self, job: JobRef, told: Told, answer: Answer) -> Progress | None:
        task, until = job.remote_id, datetime.now(UTC) + KEPT
        pictures = runware_answers.finished(told, task)
        count = pictures if self._is_quiet(task, pictures) else job.count
        found = runware_answers.progress(told, task, count, answer, until, self._key)
        if found and found.stage in (Stage.DONE, Stage.FAILED):
            self._quiet.pop(task, None)
        return found

    def _is_quiet(self, task: str, pictures: int) -> bool:
        """Whether a task has stopped at some pictures for a while."""
        if not pictures:
            return False
        now = time.monotonic()
        seen, since = self._quiet.get(task, (0, now))
        self._quiet[task] = (pictures, since if seen == pictures else now)
        return seen == pictures and now - since >= QUIET_SECONDS * self._pace

    async def find(self, sent: SentAttempt) -> Accepted | NotFound | Unclear:
        """Whether Runware knows the task; that it knows nothing proves nothing."""
        tasks: list[dict[str, object]] = [{"taskType": "getResponse", "taskUUID": sent.attempt}]
        answer = await self._exits.ask("POST", self._url, self._headers(), _json(tasks))
        if isinstance(answer, NoAnswer):
            return Unclear(answer.reason)
        told = runware_answers.told(answer)
        if told is None:
            return Unclear(f"status {answer.status} that tells nothing")
        errors = told.errors.get(sent.attempt, ())
        if told.data.get(sent.attempt) or any(
            runware_answers.is_own(error, answer.status) for error in errors
        ):
            return Accepted(sent.attempt)
        found = runware_answers.progress(told, sent.attempt, 1, answer, datetime.now(UTC), self._key)
        if found is None or found.stage is not Stage.MISSING:
            return Unclear("Runware did not answer the question")
        return NotFound(proof=False, reason="Runware does not list it")

    async def cancel(self, job: JobRef) -> CancelOutcome | Unclear:
        """Nothing can be cancelled; a task that is dropped is charged all the same."""
        return CancelOutcome.IMPOSSIBLE

    async def check_key(self) -> KeyReport | Unclear:
        found = await self._one({"taskType": "accountManagement", "operation": "getDetails"})
        if isinstance(found, Refused) and found.blame in (Blame.ACCOUNT, Blame.MONEY):
            return KeyReport(False, found.sentence)
        if not isinstance(found, dict):
            return Unclear(found.sentence if isinstance(found, Refused) else found.reason)
        told = found.get("balance")
        amounts = [fields(told).get(name) for name in _BALANCES] if isinstance(told, dict) else [told]
        balance = next((figure for figure in map(number, amounts) if figure is not None), None)
        return KeyReport(True, "The key works.", balance)

    async def bill(self, since: datetime, until: datetime) -> Sequence[BillLine] | Unclear:
        return Unclear("Runware tells each cost with its result, and has no list of them")

    async def forget(self, thing: RemoteThing) -> bool:
        if thing.is_element:
            return False
        task = {"taskType": "mediaStorage", "operation": "delete", "mediaUUID": thing.remote_id}
        found = await self._one(task)
        return isinstance(found, dict) or (isinstance(found, Refused) and "NotFound" in found.code)

    def read_hook(self, headers: Mapping[str, str], body: bytes, keys: HookKeys) -> Hint:
        return hint(headers, body, keys)

    async def _one(self, task: Mapping[str, object]) -> dict[str, object] | Refused | Unclear:
        """What a free task answers."""
        own = str(uuid4())
        body = _json([{**task, "taskUUID": own}])
        answer = await self._exits.ask("POST", self._url, self._headers(), body)
        if isinstance(answer, NoAnswer):
            return Unclear(answer.reason)
        told = runware_answers.told(answer)
        if told is None:
            return Unclear(f"status {answer.status} that tells nothing")
        errors = [*told.errors.get(own, ()), *told.errors.get("", ())]
        if errors:
            return self._refused(errors[0], answer)
        data = told.data.get(own)
        return dict(data[0]) if data else Unclear("an answer about other tasks")

    def _refused(self, error: Item, answer: Answer) -> Refused | Unclear:
        if runware_answers.family(error, answer.status) is Family.SERVER:
            return Unclear("Runware failed")
        return runware_answers.refusal(error, answer, self._key)

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._key}", "content-type": "application/json"}


def hint(headers: Mapping[str, str], body: bytes, keys: HookKeys) -> Hint:
    """Runware signs nothing: a webhook is a hint, and the address it came to is all that it proves."""
    value = fields(parsed(body))
    entries = [value, *rows(value.get("data")), *rows(value.get("errors"))]
    remote = next(filter(None, (identifier(entry.get("taskUUID")) for entry in entries)), "")
    if not remote:
        raise BadHookError("This webhook names no task.")
    return Hint(remote, hashlib.sha256(body).hexdigest(), verified=False)


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
