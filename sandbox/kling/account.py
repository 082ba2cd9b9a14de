"""What Kling says about an account: packs of units and what each task took from them."""

from aiohttp import web

from sandbox.jobs import Job, Json
from sandbox.kling import access
from sandbox.kling.errors import Refused, granted
from sandbox.kling.images import BASE, body_of, guarded
from sandbox.kling.models import UNIT
from sandbox.world import world_of

PACK = "Image-Sandbox-9Con-1Month"
LIMIT = 100
LIMIT_MAX = 500


def routes() -> list[web.AbstractRouteDef]:
    return [
        web.get(BASE + "/account/costs", guarded(costs)),
        web.post(BASE + "/account/billing/package", guarded(deductions)),
    ]


async def costs(request: web.Request) -> web.Response:
    """Packs with what is left of them, in a second envelope."""
    account, world = access.account(request), world_of(request)
    for name in ("start_time", "end_time"):
        if not request.query.get(name, "").isdecimal():
            raise Refused(1201, f"{name} is invalid")
    spent = sum(line.charged or 0 for line in world.bill.of("kling", account.name))
    now = int(world.clock.now() * 1000)
    pack = {
        "resource_pack_name": PACK,
        "resource_pack_id": "sandbox-pack",
        "resource_pack_type": "decreasing_total",
        "total_quantity": (account.balance + spent) / UNIT,
        "remaining_quantity": account.balance / UNIT,
        "purchase_time": now - 86_400_000,
        "effective_time": now - 86_400_000,
        "invalid_time": now + 30 * 86_400_000,
        "status": "runOut" if account.exhausted else "online",
    }
    return granted({"code": 0, "msg": "SUCCEED", "resource_pack_subscribe_infos": [pack]})


async def deductions(request: web.Request) -> web.Response:
    """A page of charged tasks; times are milliseconds, a cursor is a place in the list."""
    account, world, body = access.account(request), world_of(request), await body_of(request)
    limit, cursor = body.get("limit", LIMIT), str(body.get("cursor") or "0")
    if not isinstance(limit, int) or not 1 <= limit <= LIMIT_MAX or not cursor.isdecimal():
        raise Refused(1201, "limit or cursor is invalid")
    start, end = (_ms(body.get(name), default) for name, default in (("start_time", 0), ("end_time", 10**15)))
    jobs = [
        job
        for job in world.works.of("kling", account.name)
        if job.line.charged and start <= (job.ended_at or 0) * 1000 <= end
    ]
    upto = int(cursor) + limit
    more = upto < len(jobs)
    rows = [_row(job) for job in jobs[int(cursor) : upto]]
    found = {"result": rows, "count": len(rows), "has_more": more, "next_cursor": str(upto) if more else ""}
    return granted(found)


def _row(job: Job) -> Json:
    return {
        "task_id": job.task,
        "external_task_id": job.reference,
        "product_type": "image",
        "package_name": PACK,
        "model_name": job.endpoint.rpartition(" ")[2],
        "resolution": str(job.body.get("resolution", "1k")),
        "deduction_amount": f"{(job.line.charged or 0) / UNIT:g}",
        "deduction_time": int((job.ended_at or 0) * 1000),
    }


def _ms(value: object, default: int) -> int:
    return int(value) if isinstance(value, int | str) and str(value).isdecimal() else default
