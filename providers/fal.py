"""fal.ai: its queue, storage and Platform API, by fal's clients and OpenAPI of 2026-08.

fal takes no id of ours and refuses no twin: one POST an attempt, and what got lost is looked up in its
history, which lists requests that have ended. `X-Fal-Store-IO` is never sent, since it would empty that
history, nor `X-Fal-No-Retry`: fal starts a request again under the same id, which is charged once.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from providers import fal_answers, fal_hooks
from providers.addresses import Hosts, allowed
from providers.base import (
    Accepted,
    Account,
    BillLine,
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
from providers.http import Answer, Exits, NoAnswer, NotSent
from providers.replies import (
    fields,
    identifier,
    key_text,
    link,
    moment,
    number,
    picture_type,
    plain,
    rows,
)

BASES = {"queue": "https://queue.fal.run", "rest": "https://rest.fal.ai", "api": "https://api.fal.ai/v1"}
RESULT_HOSTS = ("fal.media", "fal.run", "fal.ai")
UPLOAD_HOSTS = (*RESULT_HOSTS, "storage.googleapis.com")
START_WITHIN = 600  # seconds: what fal has not started by then it drops, and charges nothing
KEPT_SECONDS = 7 * 86400  # how long fal is told to keep results and uploads
KEPT = timedelta(days=6)  # how long a result or an upload is counted on
_BEFORE, _AFTER = timedelta(minutes=2), timedelta(minutes=3)  # clocks apart, and the time a POST may take
_PAGES = 10
_KEY_TEST = "fal-ai/kling-image/v3/text-to-image"
_LIFECYCLE = {"x-fal-object-lifecycle-preference": json.dumps({"expiration_duration_seconds": KEPT_SECONDS})}


class Fal:
    """One account at fal.ai."""

    def __init__(self, account: Account, exits: Exits) -> None:
        self._exits = exits
        self._key = key_text(account.secret)
        self._bases = {name: account.bases.get(name, base).rstrip("/") for name, base in BASES.items()}
        self._uploads = Hosts(UPLOAD_HOSTS, account.loopback)

    async def prepare(self, need: Need) -> Prepared | Refused | NotReached | Unclear:
        """Upload a picture: fal tells where to put it, and where anybody who has the address finds it.

        An element needs nothing beforehand: its photos stand in the order.
        """
        if need.file is None:
            return Prepared("")
        data = await asyncio.to_thread(need.file.read_bytes)
        kind = picture_type(data)
        wanted = {"file_name": f"input.{kind.partition('/')[2]}", "content_type": kind}
        url = f"{self._bases['rest']}/storage/upload/initiate?storage_type=fal-cdn-v3"
        answer = await self._asked("POST", url, _json(wanted), _LIFECYCLE)
        if isinstance(answer, NoAnswer):
            return Unclear(answer.reason)
        if answer.status in fal_answers.REFUSALS:
            return fal_answers.refusal(answer, self._key)
        told = fields(answer.json())
        return await self._put(link(told.get("upload_url")), link(told.get("file_url")), data, kind)

    async def _put(self, upload: str, found: str, data: bytes, kind: str) -> Prepared | Unclear:
        """The bytes go without the key, and only to where fal keeps files."""
        try:
            allowed(upload, self._uploads)
            allowed(found, self._uploads)
        except ValueError:
            return Unclear("an upload to an address that is not fal's")
        answer = await self._exits.ask("PUT", upload, {"content-type": kind}, data)
        if isinstance(answer, NoAnswer) or not 200 <= answer.status < 300:
            return Unclear(_why(answer))
        return Prepared(found, datetime.now(UTC) + KEPT)

    async def submit(self, posting: Posting) -> Submitted:
        url = self._bases["queue"] + posting.endpoint.path
        if posting.hook:
            url += "?" + urlencode({"fal_webhook": posting.hook})
        headers = {**self._headers(), **_LIFECYCLE, "x-fal-request-timeout": str(START_WITHIN)}
        answer = await self._exits.post_once(url, _json(posting.body), headers)
        if isinstance(answer, NotSent):
            return NotReached(answer.reason)
        if isinstance(answer, NoAnswer):
            return Unclear(answer.reason)
        if remote := fal_answers.accepted_id(answer):
            return Accepted(remote, self._given(fields(answer.json())))
        if answer.status in fal_answers.REFUSALS:
            return fal_answers.refusal(answer, self._key)
        return Unclear(_why(answer))

    async def poll(self, jobs: Sequence[JobRef]) -> Mapping[JobRef, Progress]:
        found = await asyncio.gather(*(self._progress(job) for job in jobs))
        return {job: progress for job, progress in zip(jobs, found, strict=True) if progress}

    async def _progress(self, job: JobRef) -> Progress | None:
        if job.is_hooked and (made := await self._made(job)):
            return made
        status = await self._asked("GET", self._url(job, "status"))
        stands = None if isinstance(status, NoAnswer) else fal_answers.standing(status)
        if isinstance(status, NoAnswer) or stands is None or stands.stage is not Stage.DONE:
            return stands
        result = await self._asked("GET", self._url(job, "response"))
        if isinstance(result, NoAnswer):
            return None
        return fal_answers.outcome(status, result, job.endpoint, datetime.now(UTC) + KEPT, self._key)

    async def _made(self, job: JobRef) -> Progress | None:
        """The pictures, without asking first where it stands; None for whatever else is answered."""
        result = await self._asked("GET", self._url(job, "response"))
        if isinstance(result, NoAnswer):
            return None
        return fal_answers.made(result, job.endpoint, datetime.now(UTC) + KEPT)

    async def find(self, sent: SentAttempt) -> Accepted | NotFound | Unclear:
        """A request of the time in question that has this very body and is not yet somebody's.

        Absence proves nothing: what waits or runs is not listed.
        """
        asked = {"endpoint_id": sent.endpoint.remote, "start": _iso(sent.sent_at - _BEFORE)}
        asked |= {"end": _iso(datetime.now(UTC) + _BEFORE), "limit": "100", "expand": "payloads"}
        items = await self._pages("/models/requests/by-endpoint", asked, "items")
        if isinstance(items, Unclear):
            return items
        found = {identifier(item.get("request_id")): item for item in items if _is_twin(item, sent)}
        twins = {
            remote: moment(item.get("sent_at"))
            for remote, item in found.items()
            if remote and remote not in sent.bound
        }
        if not twins:
            return NotFound(proof=False, reason="not in fal's history")
        remote = paired(twins, sent.sent_at, sent.like)
        return Accepted(remote) if remote else Unclear("several requests in fal's history have this body")

    async def cancel(self, job: JobRef) -> CancelOutcome | Unclear:
        """Even a cancellation that is taken may come too late: only asking again tells."""
        answer = await self._asked("PUT", self._url(job, "cancel"))
        if isinstance(answer, NoAnswer):
            return Unclear(answer.reason)
        if 200 <= answer.status < 300 and isinstance(answer.json(), dict):
            return CancelOutcome.ASKED
        if plain(fields(answer.json()).get("status")) == "ALREADY_COMPLETED":
            return CancelOutcome.TOO_LATE
        return Unclear(_why(answer))

    async def check_key(self) -> KeyReport | Unclear:
        """The balance, which only some keys may read; otherwise a price, which every key may."""
        answer = await self._asked("GET", f"{self._bases['api']}/account/billing?expand=credits")
        if isinstance(answer, NoAnswer):
            return Unclear(answer.reason)
        credit = fields(fields(answer.json()).get("credits"))
        if answer.status == 200 and isinstance(answer.json(), dict):
            balance = number(credit.get("current_balance"))
            return KeyReport(True, "The key works.", balance if credit.get("currency") == "USD" else None)
        if answer.status == 403 and "error" in fields(answer.json()):
            return await self._check_with_a_price()
        return self._reported(answer)

    async def _check_with_a_price(self) -> KeyReport | Unclear:
        url = f"{self._bases['api']}/models/pricing?{urlencode({'endpoint_id': _KEY_TEST})}"
        answer = await self._asked("GET", url)
        if isinstance(answer, NoAnswer):
            return Unclear(answer.reason)
        if answer.status == 200 and isinstance(answer.json(), dict):
            return KeyReport(True, "The key works. It may not read the balance.")
        return self._reported(answer)

    def _reported(self, answer: Answer) -> KeyReport | Unclear:
        if answer.status in (401, 402, 403):
            return KeyReport(False, fal_answers.refusal(answer, self._key).sentence)
        return Unclear(_why(answer))

    async def bill(self, since: datetime, until: datetime) -> Sequence[BillLine] | Unclear:
        asked = {"start": _iso(since), "end": _iso(until), "limit": "100"}
        events = await self._pages("/models/billing-events", asked, "billing_events")
        if isinstance(events, Unclear):
            return events
        lines = []
        for event in events:
            remote, usd = identifier(event.get("request_id")), number(event.get("cost_total"))
            at = moment(event.get("timestamp"))
            if remote and usd is not None and at:
                lines.append(BillLine(remote, usd, at))
        return lines

    async def forget(self, thing: RemoteThing) -> bool:
        """fal has no way to delete an upload: it expires."""
        return False

    def read_hook(self, headers: Mapping[str, str], body: bytes, keys: HookKeys) -> Hint:
        return fal_hooks.hint(headers, body, keys)

    async def public_keys(self) -> tuple[bytes, ...] | Unclear:
        """What fal signs webhooks with at present; good for a day."""
        answer = await self._exits.ask("GET", f"{self._bases['rest']}/.well-known/jwks.json", {})
        if isinstance(answer, NoAnswer):
            return Unclear(answer.reason)
        return fal_hooks.public_keys(answer) or Unclear(_why(answer))

    async def _pages(
        self, path: str, asked: Mapping[str, str], name: str
    ) -> list[Mapping[str, object]] | Unclear:
        """Every entry of a list that comes in pages, or Unclear: half a list settles nothing."""
        found: list[Mapping[str, object]] = []
        cursor = ""
        for _ in range(_PAGES):
            query = {**asked, **({"cursor": cursor} if cursor else {})}
            answer = await self._asked("GET", f"{self._bases['api']}{path}?{urlencode(query)}")
            if isinstance(answer, NoAnswer):
                return Unclear(answer.reason)
            body = fields(answer.json())
            if answer.status != 200 or not isinstance(body.get(name), list):
                return Unclear(_why(answer))
            found += rows(body[name])
            cursor = plain(body.get("next_cursor"), 2000)
            if not cursor:
                return found
        return Unclear("a list that is too long")

    def _given(self, body: Mapping[str, object]) -> dict[str, str]:
        """The addresses of an answer, as far as they lead to the account's own queue."""
        urls = {name: link(body.get(f"{name}_url")) for name in ("status", "response", "cancel")}
        return {name: url for name, url in urls.items() if self._is_queue(url)}

    def _url(self, job: JobRef, name: str) -> str:
        """The address that fal gave, or the same one built: it names the app, not the endpoint in it."""
        given = link(job.urls.get(name, ""))
        if self._is_queue(given):
            return given
        app = "/".join(job.endpoint.remote.split("/")[:2])
        own = f"{self._bases['queue']}/{app}/requests/{identifier(job.remote_id)}"
        return own if name == "response" else f"{own}/{name}"

    def _is_queue(self, url: str) -> bool:
        return url.startswith(self._bases["queue"] + "/")

    async def _asked(
        self, method: str, url: str, body: bytes | None = None, more: Mapping[str, str] | None = None
    ) -> Answer | NoAnswer:
        return await self._exits.ask(method, url, {**self._headers(), **(more or {})}, body)

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Key {self._key}", "content-type": "application/json"}


def paired(twins: Mapping[str, datetime | None], sent_at: datetime, like: Sequence[datetime]) -> str:
    """Of requests that all have our body and may be ours, the one that came closest to when we sent it.

    Each of our attempts of one body may take any of them, since it asked for the same. Empty where there are
    more than we can have sent: then somebody else uses the key, and which are ours nobody can tell.
    """
    rivals = sum(any(_is_in_time(at, other) for at in twins.values()) for other in like)
    if len(twins) > 1 + rivals:
        return ""
    return min(twins, key=lambda remote: (abs((twins[remote] or sent_at + _AFTER) - sent_at), remote))


def _is_twin(item: Mapping[str, object], sent: SentAttempt) -> bool:
    """Whether a request of the history has our body, whatever fal filled in, and came when we sent it."""
    given = fields(item.get("json_input"))
    if (
        not isinstance(sent.body, dict)
        or not sent.body
        or any(given.get(name) != sent.body[name] for name in sent.body)
    ):
        return False
    return _is_in_time(moment(item.get("sent_at")), sent.sent_at)


def _is_in_time(at: datetime | None, sent_at: datetime) -> bool:
    return at is None or sent_at - _BEFORE <= at <= sent_at + _AFTER


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _why(answer: Answer | NoAnswer) -> str:
    return answer.reason if isinstance(answer, NoAnswer) else f"status {answer.status} that tells nothing"
