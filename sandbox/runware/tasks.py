"""One task of an array: what it does and what it answers."""

import asyncio
import base64
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from sandbox.accounts import Account
from sandbox.answers import compact
from sandbox.bill import Line
from sandbox.faults import Rule, find
from sandbox.jobs import Job, Json
from sandbox.runware import media
from sandbox.runware.checks import check, task_uuid
from sandbox.runware.errors import KINDS, Refused, entry
from sandbox.runware.models import USD, price
from sandbox.world import Accepted, World

Answers = tuple[list[Json], list[Json]]  # data, errors


@dataclass(frozen=True, slots=True)
class Asked:
    """A task with the account it comes from and the faults that strike it."""

    world: World
    account: Account
    task: Json
    strikes: Sequence[Rule] = ()


async def carry_out(asked: Asked) -> Answers:
    """Data and errors of one task."""
    doing = {
        "imageInference": _infer,
        "getResponse": _response,
        "getTaskDetails": _details,
        "imageUpload": _upload_image,
        "mediaStorage": _store,
        "accountManagement": _manage,
        "ping": _pong,
    }
    task = asked.task
    try:
        do = doing.get(str(task.get("taskType")))
        if do is None:
            raise Refused("invalidTaskType", "Invalid value for 'taskType' parameter.", "taskType")
        if task["taskType"] == "imageInference" and asked.account.exhausted:
            raise Refused(*KINDS["money"])
        return await do(asked)
    except Refused as refused:
        return [], [entry(task, refused.code, refused.message, refused.parameter)]


async def results(world: World, job: Job) -> list[Json]:
    """One item for every picture of a job that is done."""
    return [await _with_bytes(world, job, place) for place in range(len(job.links))]


def item(job: Job, place: int) -> Json:
    """The result of one picture, with its address."""
    link = job.links[place]
    image = str(uuid5(NAMESPACE_URL, link.token))
    found: Json = {"taskType": "imageInference", "taskUUID": job.task, "imageUUID": image}
    found["imageURL"] = link.address
    found["seed"] = job.wishes[min(place, len(job.wishes) - 1)].seed
    safety = job.body.get("safety")
    if find(job.strikes, "nsfw") or (isinstance(safety, dict) and safety.get("checkContent")):
        found["NSFWContent"] = find(job.strikes, "nsfw") is not None
    if job.body.get("includeCost"):
        found["cost"] = job.line.unit_price / USD
    return found


def failures(job: Job) -> list[Json]:
    """One error for a job that failed, and one for each picture that a job which is done did not make."""
    number = 1 if job.state == "failed" else len(job.wishes) - len(job.links)
    code, message = KINDS.get(job.failure, KINDS["provider"])
    missing = entry({"taskType": "imageInference", "taskUUID": job.task}, code, message)
    return [{"status": "error", **missing}] * number


async def _infer(asked: Asked) -> Answers:
    world, task = asked.world, asked.task
    name = task_uuid(task)
    _refuse_known(world, name)
    checked = await check(world, task)
    _refuse_known(world, name)  # a twin may have been accepted while this one was looked at
    order = Accepted(
        protocol="runware",
        task=name,
        account=asked.account,
        endpoint=checked.model.id,
        reference=name,
        body=task,
        body_sha256=world.digest(compact(task)),
        wishes=checked.wishes,
        unit_price=price(checked.resolution),
        strikes=asked.strikes,
        hook=str(task.get("webhookURL", "")),
        extra={"expires": task["ttl"]} if "ttl" in task else {},
    )
    job = await world.accept(order)
    if task.get("deliveryMethod", "sync") == "async":
        return [{"taskType": "imageInference", "taskUUID": name}], []
    await job.ended.wait()
    return await results(world, job), failures(job)


def _refuse_known(world: World, name: str) -> None:
    job = world.works.get("runware", name)
    memory = world.options.runware_memory_seconds
    if job and (memory is None or world.clock.now() - job.accepted_at < memory):
        message = "A task with this 'taskUUID' has already been submitted."
        raise Refused("conflictTaskUUID", message, "taskUUID")


async def _response(asked: Asked) -> Answers:
    """What there is of a task; nothing at all for an id that is not known."""
    job = _own(asked, task_uuid(asked.task))
    if job is None:
        return [], []
    processing: Json = {"taskType": "imageInference", "taskUUID": job.task, "status": "processing"}
    if job.state == "done":
        items = [{"status": "success", **item} for item in await results(asked.world, job)]
        told = _told(job, len(items))
        rest = [processing] if told < len(items) else []
        return items[:told] + rest, [] if rest else failures(job)
    return ([], failures(job)) if job.state == "failed" else ([processing], [])


def _told(job: Job, made: int) -> int:
    """How many pictures this answer tells of."""
    if not find(job.strikes, "trickle"):
        return made
    asked = job.extra.get("asked", 0)
    job.extra["asked"] = asked + 1 if isinstance(asked, int) else 1
    return min(made, int(str(job.extra["asked"])))


async def _details(asked: Asked) -> Answers:
    name = task_uuid(asked.task)
    job = _own(asked, name)
    if job is None:
        raise Refused("taskFailedOrNotFound", "There is no such task.", "taskUUID")
    acknowledged: list[Json] = [{"taskType": "imageInference", "taskUUID": name}]
    shown = {"data": await results(asked.world, job) if job.state == "done" else acknowledged}
    return [{"taskType": "getTaskDetails", "taskUUID": name, "request": [job.body], "response": shown}], []


async def _upload_image(asked: Asked) -> Answers:
    name = task_uuid(asked.task)
    link = await media.upload(asked.world, asked.account, asked.task, "image")
    kept = link.file_name.partition(".")[0]
    found: Json = {"taskType": "imageUpload", "taskUUID": name, "imageUUID": kept, "imageURL": link.address}
    return [found], []


async def _store(asked: Asked) -> Answers:
    task = asked.task
    found: Json = {
        "taskType": "mediaStorage",
        "taskUUID": task_uuid(task),
        "operation": task.get("operation"),
    }
    if task.get("operation") == "delete":
        media.delete(asked.world, task.get("mediaUUID", task.get("media")))
        return [found], []
    if task.get("operation") != "upload":
        raise Refused("invalidOperation", "'operation' is upload or delete.", "operation")
    link = await media.upload(asked.world, asked.account, task, "media")
    return [found | {"mediaUUID": link.file_name.partition(".")[0], "mediaURL": link.address}], []


async def _manage(asked: Asked) -> Answers:
    """The account, with its usage in dollars."""
    if asked.task.get("operation") != "getDetails":
        raise Refused("invalidOperation", "'operation' is getDetails.", "operation")
    lines = asked.world.bill.of("runware", asked.account.name)
    found: Json = {
        "taskType": "accountManagement",
        "taskUUID": task_uuid(asked.task),
        "operation": "getDetails",
        "organizationName": asked.account.name,
        "balance": asked.account.balance / USD,
        "team": [],
        "apiKeys": [],
        "usage": {"total": {"credits": sum(map(_charged, lines)) / USD, "requests": len(lines)}},
    }
    return [found], []


async def _pong(asked: Asked) -> Answers:
    await asyncio.sleep(0)
    return [{"taskType": "ping", "pong": True}], []


async def _with_bytes(world: World, job: Job, place: int) -> Json:
    """The item with the picture inside, where the task asked for it so."""
    found, link = item(job, place), job.links[place]
    kind = job.body.get("outputType", "URL")
    if kind != "URL":
        encoded = base64.b64encode(await world.links.read(link)).decode()
        del found["imageURL"]
        inside = {"imageBase64Data": encoded}
        found |= (
            {"imageDataURI": f"data:{link.content_type};base64,{encoded}"} if kind == "dataURI" else inside
        )
    return found


def _own(asked: Asked, name: str) -> Job | None:
    job = asked.world.works.get("runware", name)
    return job if job and job.account is asked.account else None


def _charged(line: Line) -> int:
    return line.charged or 0
