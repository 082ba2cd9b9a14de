"""Tasks as Kling shows them, and the ids that find them."""

import secrets

from sandbox.accounts import Account
from sandbox.jobs import Job, Json
from sandbox.kling import twins
from sandbox.kling.errors import Refused, reason
from sandbox.kling.models import UNIT
from sandbox.world import World

WORDS = {"queued": "submitted", "running": "processing", "done": "succeed"}


def new_id() -> str:
    """18 digits, beyond what a JavaScript number holds."""
    return str(10**17 + secrets.randbelow(9 * 10**17))


def reserve(world: World, account: Account, body: Json, task: str) -> str:
    """The client's own id, which one account may use only once over all products."""
    name = body.get("external_task_id") or ""
    if not isinstance(name, str):
        raise Refused(1201, "external_task_id is invalid")
    known = world.note(f"kling ids of {account.name}")
    if name in known:
        raise Refused(1201, f"External_task_id {name} already exists")
    if name:
        known[name] = task
    return name


def free(world: World, account: Account, name: str) -> None:
    """Give a reserved id back, since its order was not taken."""
    world.note(f"kling ids of {account.name}").pop(name, None)


def resolve(world: World, account: Account, name: str) -> str:
    """The task id behind a task id or an external one."""
    return str(world.note(f"kling ids of {account.name}").get(name, name))


def status(job: Job) -> str:
    return WORDS.get(job.state, "failed")


def short(job: Job) -> Json:
    """What the answer to a create says."""
    return {
        "task_id": job.task,
        "task_status": "submitted",
        "task_info": {"external_task_id": job.reference},
        "created_at": _ms(job.accepted_at),
        "updated_at": _ms(job.accepted_at),
    }


def full(world: World, job: Job, *, in_callback: bool = False) -> Json:
    """What a query says; callbacks leave series and watermarks out."""
    found: Json = {
        "task_id": job.task,
        "task_status": status(job),
        "task_status_msg": reason(job.failure) if job.state == "failed" else "",
        "task_info": {"external_task_id": job.reference},
        "created_at": _ms(job.accepted_at),
        "updated_at": _ms(job.changed_at),
    }
    if not in_callback:
        found["watermark_info"] = {"enabled": twins.is_asked(job)}
    if job.state != "done":
        return found
    charged = job.line.charged or 0
    found["final_unit_deduction"] = f"{charged / UNIT:g}"
    return found | {"task_result": _result(world, job, in_callback=in_callback)}


def unified(world: World, job: Job) -> Json:
    """The same task as the newer `GET /tasks` shows it."""
    word = {"succeed": "succeeded"}.get(status(job), status(job))
    charged = (job.line.charged or 0) / UNIT
    outputs: list[Json] = [{"type": "image", "url": link.address} for link in job.links]
    _add_twins(world, job, outputs)
    billing = [{"charge_type": "unit", "amount": f"{charged:g}", "package_type": "image"}] if charged else []
    return {
        "id": job.task,
        "status": word,
        "message": reason(job.failure) if job.state == "failed" else "",
        "external_id": job.reference,
        "create_time": _ms(job.accepted_at),
        "update_time": _ms(job.changed_at),
        "outputs": outputs,
        "billing": billing,
    }


def _result(world: World, job: Job, *, in_callback: bool) -> Json:
    images: list[Json] = [{"index": place, "url": link.address} for place, link in enumerate(job.links)]
    if not in_callback:
        _add_twins(world, job, images)
    is_series = bool(job.extra.get("series"))
    if in_callback or not job.extra.get("omni"):
        return {"images": images}
    kind = "series" if is_series else "single"
    found: Json = {"result_type": kind, "images": [] if is_series else images}
    return found | ({"series_images": images} if is_series else {})


def _add_twins(world: World, job: Job, images: list[Json]) -> None:
    for image, twin in zip(images, twins.of(world, job), strict=False):
        image["watermark_url"] = twin.address


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
