"""fal's queue: submit, status, result, cancel; and the direct call that waits."""

from uuid import uuid4

from aiohttp import web

from sandbox import clock
from sandbox.accounts import Account
from sandbox.answers import Unreadable, answered, parsed
from sandbox.fal import access, errors
from sandbox.fal.access import guarded
from sandbox.fal.checks import check
from sandbox.fal.errors import Refused
from sandbox.fal.lifecycle import wish
from sandbox.fal.models import MODELS, UNIT_PRICE, price
from sandbox.jobs import Job, Json
from sandbox.world import STRIKES, Accepted, World, world_of

BASE = "/fal/queue"
YES = ("1", "true", "True")


def routes() -> list[web.AbstractRouteDef]:
    job = BASE + "/{app:.+}/requests/{id}"
    return [
        web.get(job + "/status", guarded(status)),
        web.put(job + "/cancel", guarded(cancel)),
        web.get(job + "/response", guarded(result)),
        web.get(job, guarded(result)),
        web.post(BASE + "/{endpoint:.+}", guarded(submit)),
        web.post("/fal/run/{endpoint:.+}", guarded(run)),
    ]


async def submit(request: web.Request) -> web.Response:
    """200 with the id and three addresses. Nearly any object is taken: the model looks at it later."""
    taken = await _taken(request)
    world = world_of(request)
    place = {"queue_position": world.works.position(taken), "status": "IN_QUEUE"}
    return answered({**place, **_addresses(world, taken)}, 200, {"x-fal-request-id": taken.task})


async def run(request: web.Request) -> web.Response:
    """The answer of the model itself, when it is there."""
    taken = await _taken(request)
    await taken.ended.wait()
    return _result(taken)


async def status(request: web.Request) -> web.Response:
    """202 while it waits or runs, 200 when it has ended, well or not."""
    job = _own_job(request)
    world = world_of(request)
    body: Json = dict(_addresses(world, job))
    if job.state == "queued":
        return answered({"status": "IN_QUEUE", "queue_position": world.works.position(job), **body}, 202)
    body["logs"] = _logs(job) if request.query.get("logs") in YES else None
    if not job.is_ended:
        return answered({"status": "IN_PROGRESS", **body}, 202)
    started = job.started_at or job.accepted_at
    metrics = {"inference_time": round((job.ended_at or started) - started, 3)}
    return answered({"status": "COMPLETED", **body, "metrics": metrics, **_error(job)})


async def result(request: web.Request) -> web.Response:
    job = _own_job(request)
    return _result(job) if job.is_ended else errors.plain(400, "Request is still in progress")


async def cancel(request: web.Request) -> web.Response:
    """202 takes it out of the queue, or asks a running one to stop, which here it does not."""
    job = _own_job(request)
    if job.is_ended:
        return answered({"status": "ALREADY_COMPLETED"}, 400)
    world_of(request).works.cancel(job)
    return answered({"status": "CANCELLATION_REQUESTED"}, 202)


def output(job: Job) -> Json:
    """What the model answers, bare."""
    images = [
        {
            "url": link.address,
            "content_type": link.content_type,
            "file_name": link.file_name,
            "file_size": None,
            "width": None,
            "height": None,
        }
        for link in job.links
    ]
    return {"images": images}


def ending(job: Job) -> tuple[int, object, dict[str, str]]:
    """Status, body and headers of the result of a job that has ended."""
    if job.state == "cancelled":
        body = {"detail": "Request was cancelled", "error_type": "client_cancelled"}
        return 499, body, {"X-Fal-Error-Type": "client_cancelled"}
    if job.failure == "checked":
        return 422, {"detail": job.detail}, {"X-Fal-Retryable": "false"}
    if job.state == "failed":
        return errors.failed(job.failure)
    units = (job.line.charged or 0) / UNIT_PRICE
    return 200, output(job), {"X-Fal-Billable-Units": f"{units:g}"}


async def _taken(request: web.Request) -> Job:
    account = access.account(request, spends=True)
    world = world_of(request)
    endpoint = request.match_info["endpoint"]
    if endpoint not in MODELS:
        raise Refused(errors.plain(404, f"Application '{endpoint}' not found"))
    try:
        body = parsed(await request.read())
    except Unreadable:
        raise Refused(errors.plain(400, "The body is not JSON.", "bad_request")) from None
    if not isinstance(body, dict):
        raise Refused(errors.plain(422, "The body is not an object."))
    if _is_full(request, world, account):
        raise Refused(errors.plain(429, "Queue is full.", "queue_full"))
    return await _accepted(request, world, account, endpoint, body)


async def _accepted(request: web.Request, world: World, account: Account, endpoint: str, body: Json) -> Job:
    checked = await check(world, MODELS[endpoint], body)
    hook = request.query.get("fal_webhook", "")
    order = Accepted(
        protocol="fal",
        task=str(uuid4()),
        account=account,
        endpoint=endpoint,
        reference=hook,
        body=body,
        body_sha256=world.digest(await request.read()),
        wishes=checked.wishes,
        unit_price=price(checked.resolution),
        strikes=request[STRIKES],
        hook=hook,
        failure="checked" if checked.details else "",
        detail=checked.details,
        ignored=checked.ignored,
        extra=_preferences(request),
        start_within=_start_within(request),
    )
    return await world.accept(order)


def _is_full(request: web.Request, world: World, account: Account) -> bool:
    most = request.query.get("fal_max_queue_length", "")
    if not most.isdecimal():
        return False
    waiting = [job for job in world.works.of("fal", account.name) if job.state == "queued"]
    return len(waiting) > int(most)


def _start_within(request: web.Request) -> float | None:
    try:
        seconds = float(request.headers.get("X-Fal-Request-Timeout", ""))
    except ValueError:
        return None
    return seconds if seconds > 0.1 else None


def _preferences(request: web.Request) -> Json:
    """How long the files last and who may see them, and whether the history keeps the request."""
    return {**wish(request), "kept": request.headers.get("X-Fal-Store-IO") != "0"}


def _own_job(request: web.Request) -> Job:
    account = access.account(request)
    job = world_of(request).works.get("fal", request.match_info["id"])
    app = "/".join(request.match_info["app"].split("/")[:2])
    if job is None or job.account is not account or app != _app(job.endpoint):
        raise Refused(answered({"status": "NOT_FOUND"}, 404))
    return job


def _app(endpoint: str) -> str:
    """Owner and app: what follows is the app's own path."""
    return "/".join(endpoint.split("/")[:2])


def _addresses(world: World, job: Job) -> Json:
    own = f"{world.base}{BASE}/{_app(job.endpoint)}/requests/{job.task}"
    return {
        "request_id": job.task,
        "response_url": own,
        "status_url": f"{own}/status",
        "cancel_url": f"{own}/cancel",
    }


def _logs(job: Job) -> list[Json]:
    when = clock.iso(job.started_at or job.accepted_at)
    return [{"message": "Generating.", "timestamp": when, "level": "INFO", "source": "USER"}]


def _error(job: Job) -> Json:
    status, body, headers = ending(job)
    if status == 200:
        return {}
    entries = body.get("detail") if isinstance(body, dict) else None
    kind = headers.get("X-Fal-Error-Type", "")
    if isinstance(entries, list) and entries:
        kind = str(entries[0]["type"])
    return {"error": f"Invalid status code: {status}", "error_type": kind}


def _result(job: Job) -> web.Response:
    status, body, headers = ending(job)
    return answered(body, status, {"x-fal-request-id": job.task, **headers})
