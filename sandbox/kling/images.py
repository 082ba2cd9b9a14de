"""Kling's image endpoints: create, query one, list."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.accounts import Account
from sandbox.answers import Unreadable, parsed
from sandbox.jobs import Job, Json
from sandbox.kling import access, tasks, twins
from sandbox.kling.checks import Checked, check
from sandbox.kling.errors import Refused, granted, refusal
from sandbox.kling.models import GENERATIONS, MULTI, OMNI, UNIT
from sandbox.world import STRIKES, Accepted, World, world_of

Handler = Callable[[web.Request], Awaitable[web.Response]]
BASE = "/kling"
PAGES = 1000
PAGE_SIZE = 500


def routes() -> list[web.AbstractRouteDef]:
    found: list[web.AbstractRouteDef] = []
    for path in (GENERATIONS, OMNI, MULTI):
        found += [
            web.post(BASE + path, guarded(create)),
            web.get(BASE + path, guarded(listed)),
            web.get(BASE + path + "/{id}", guarded(query)),
        ]
    return [*found, web.get(BASE + "/tasks", guarded(several))]


def guarded(handler: Handler) -> Handler:
    """The handler, with what it refuses in Kling's envelope."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except Refused as refused:
            return refusal(refused.code, refused.message)

    return answer


async def body_of(request: web.Request) -> Json:
    try:
        body = parsed(await request.read())
    except Unreadable:
        body = None
    if not isinstance(body, dict):
        raise Refused(1200)
    return body


async def create(request: web.Request) -> web.Response:
    """A task, unless the account already used its external id or has no free slots."""
    account = access.account(request, spends=True)
    world, body = world_of(request), await body_of(request)
    path = request.path.removeprefix(BASE)
    task = tasks.new_id()
    name = tasks.reserve(world, account, body, task)
    try:
        checked = await check(world, account, path, body)
        _check_slots(world, account, checked)
    except Refused:
        tasks.free(world, account, name)
        raise
    hook = body.get("callback_url")
    order = Accepted(
        protocol="kling",
        task=task,
        account=account,
        endpoint=f"{path} {checked.model.name}",
        reference=name,
        body=body,
        body_sha256=world.digest(await request.read()),
        wishes=checked.wishes,
        unit_price=checked.units * UNIT,
        strikes=request[STRIKES],
        hook=hook if isinstance(hook, str) else "",
        ignored=checked.ignored,
        extra={"series": checked.is_series, "omni": path == OMNI, "expires": 30 * 86400},
    )
    return granted(tasks.short(await world.accept(order)))


async def query(request: web.Request) -> web.Response:
    """By task id or external id; it says not found for what was made on another path."""
    account, world = access.account(request), world_of(request)
    name = request.match_info["id"]
    job = world.works.get("kling", tasks.resolve(world, account, name))
    path = request.path.removeprefix(BASE).rpartition("/")[0]
    if job is None or job.account is not account or not job.endpoint.startswith(path + " "):
        raise Refused(1201, f"Task not found by id/external id: {name}")
    await twins.make(world, job)
    return granted(tasks.full(world, job))


async def listed(request: web.Request) -> web.Response:
    """A page of this path's tasks, newest first."""
    account, world = access.account(request), world_of(request)
    path = request.path.removeprefix(BASE)
    jobs = [job for job in world.works.of("kling", account.name) if job.endpoint.startswith(path + " ")]
    shown = page(request, jobs[::-1])
    for job in shown:
        await twins.make(world, job)
    return granted([tasks.full(world, job) for job in shown])


async def several(request: web.Request) -> web.Response:
    """Up to twenty tasks of any kind; those that are not found are left out."""
    account, world = access.account(request, signed=False), world_of(request)
    names = request.query.get("task_ids") or request.query.get("external_task_ids", "")
    asked = [name for name in names.split(",") if name]
    if len(asked) > 20:
        raise Refused(1201, "task_ids cannot exceed 20 in total")
    found = [world.works.get("kling", tasks.resolve(world, account, name)) for name in asked]
    jobs = [job for job in found if job and job.account is account]
    for job in jobs:
        await twins.make(world, job)
    return granted([tasks.unified(world, job) for job in jobs])


def page[Row](request: web.Request, rows: list[Row]) -> list[Row]:
    number, size = request.query.get("pageNum", "1"), request.query.get("pageSize", "30")
    if not (number.isdecimal() and 1 <= int(number) <= PAGES):
        raise Refused(1201, "pageNum is invalid")
    if not (size.isdecimal() and 1 <= int(size) <= PAGE_SIZE):
        raise Refused(1201, "pageSize is invalid")
    start = (int(number) - 1) * int(size)
    return rows[start : start + int(size)]


def _check_slots(world: World, account: Account, checked: Checked) -> None:
    """Pictures in flight of one model; a full account creates nothing and charges nothing."""
    name = checked.model.name
    flying = sum(len(job.wishes) for job in _flying(world, account) if job.endpoint.endswith(" " + name))
    if flying + len(checked.wishes) > (account.slots or world.options.kling_slots):
        raise Refused(1303)


def _flying(world: World, account: Account) -> list[Job]:
    return [job for job in world.works.of("kling", account.name) if not job.is_ended]
