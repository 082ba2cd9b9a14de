"""fal's Platform API: history, prices, billing, balance; and the keys of its webhooks."""

from datetime import datetime

from aiohttp import web

from sandbox import clock
from sandbox.accounts import Account
from sandbox.answers import answered
from sandbox.fal import access, signing
from sandbox.fal.errors import Refused
from sandbox.fal.models import MODELS, UNIT_PRICE, USD
from sandbox.fal.queue import ending
from sandbox.jobs import Job, Json
from sandbox.world import world_of

BASE = "/fal/api/v1"
WINDOW = 24 * 3600
LIMIT = 50
LIMIT_MAX = 100


def routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/fal/rest/.well-known/jwks.json", keys),
        web.get(BASE + "/models/requests/by-endpoint", access.guarded(history)),
        web.get(BASE + "/models/pricing", access.guarded(pricing)),
        web.get(BASE + "/models/billing-events", access.guarded(billing)),
        web.get(BASE + "/account/billing", access.guarded(balance)),
        web.get(BASE + "/meta", meta),
    ]


async def keys(request: web.Request) -> web.Response:
    return answered(signing.jwks())


async def meta(request: web.Request) -> web.Response:
    return answered({"webhook_ip_ranges": ["127.0.0.0/8"]})


async def history(request: web.Request) -> web.Response:
    """Ended requests of one endpoint, latest first; what waits or runs is not listed."""
    account = _account(request)
    endpoint = request.query.get("endpoint_id", "")
    now = world_of(request).clock.now()
    start, end = _time(request.query.get("start"), now - WINDOW), _time(request.query.get("end"), now)
    if endpoint not in MODELS or start is None or end is None:
        return _refused("validation_error", "endpoint_id, start or end is not usable.", 422)
    wanted = request.query.get("request_id")
    jobs = [
        job
        for job in _ended(request, account)
        if job.endpoint == endpoint and start <= job.accepted_at <= end and wanted in (None, job.task)
    ]
    return _page(
        request, [_item(job, payloads="payloads" in request.query.get("expand", "")) for job in jobs]
    )


async def pricing(request: web.Request) -> web.Response:
    _account(request)
    asked = [name for name in request.query.getall("endpoint_id", []) if name in MODELS]
    price = {"unit_price": UNIT_PRICE / USD, "unit": "image", "currency": "USD"}
    return answered({"prices": [{"endpoint_id": name, **price} for name in asked or MODELS]})


async def billing(request: web.Request) -> web.Response:
    """What was charged, latest first; ?request_id= takes several, joined by commas."""
    account = _account(request)
    now = world_of(request).clock.now()
    start, end = _time(request.query.get("start"), now - WINDOW), _time(request.query.get("end"), now)
    if start is None or end is None:
        return _refused("validation_error", "start or end is not usable.", 422)
    wanted = set(request.query.get("request_id", "").split(",")) - {""}
    items = [
        _event(job)
        for job in _ended(request, account)
        if job.line.charged and start <= (job.ended_at or 0.0) <= end and (not wanted or job.task in wanted)
    ]
    return _page(request, items, "billing_events")


async def balance(request: web.Request) -> web.Response:
    account = _account(request)
    credit = {"current_balance": account.balance / USD, "currency": "USD"}
    shown = {"credits": credit} if "credits" in request.query.get("expand", "") else {}
    return answered({"username": account.name, **shown})


def _account(request: web.Request) -> Account:
    """The account, or `Refused` in this API's own shape."""
    try:
        return access.account(request)
    except Refused:
        raise Refused(_refused("authorization_error", "Invalid key.", 401)) from None


def _ended(request: web.Request, account: Account) -> list[Job]:
    jobs = world_of(request).works.of("fal", account.name)
    kept = [job for job in jobs if job.is_ended and job.extra.get("kept") and not job.body.get("sync_mode")]
    return sorted(kept, key=lambda job: job.ended_at or 0.0, reverse=True)


def _item(job: Job, *, payloads: bool) -> Json:
    status, body, _ = ending(job)
    started = job.started_at or job.accepted_at
    item: Json = {
        "request_id": job.task,
        "endpoint_id": job.endpoint,
        "sent_at": clock.iso(job.accepted_at),
        "started_at": clock.iso(started),
        "ended_at": clock.iso(job.ended_at or started),
        "status_code": status,
        "duration": round((job.ended_at or started) - started, 3),
    }
    return item | ({"json_input": job.body, "json_output": body} if payloads else {})


def _event(job: Job) -> Json:
    charged = job.line.charged or 0
    return {
        "request_id": job.task,
        "endpoint_id": job.endpoint,
        "timestamp": clock.iso(job.ended_at or job.accepted_at),
        "output_units": charged / UNIT_PRICE,
        "unit_price": UNIT_PRICE / USD,
        "percent_discount": None,
        "cost_total": charged / USD,
        "cost_estimate_nano_usd": charged * 1000,
    }


def _page(request: web.Request, items: list[Json], name: str = "items") -> web.Response:
    """Cursors are places in the list, which newer entries move: read quickly, and expect doubles."""
    limit = request.query.get("limit", str(LIMIT))
    start = request.query.get("cursor", "0")
    if not (limit.isdecimal() and start.isdecimal() and 0 < int(limit) <= LIMIT_MAX):
        return _refused("validation_error", "limit or cursor is not usable.", 422)
    end = int(start) + int(limit)
    more = end < len(items)
    return answered(
        {name: items[int(start) : end], "next_cursor": str(end) if more else None, "has_more": more}
    )


def _time(text: str | None, default: float) -> float | None:
    if text is None:
        return default
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return None


def _refused(kind: str, message: str, status: int) -> web.Response:
    return answered({"error": {"type": kind, "message": message}}, status)
