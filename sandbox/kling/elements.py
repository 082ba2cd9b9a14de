"""Kling's library of elements: made once, then named by number."""

import asyncio

from aiohttp import web

from sandbox.accounts import Account
from sandbox.jobs import Json
from sandbox.kling import access, inputs, tasks
from sandbox.kling.errors import Refused, granted
from sandbox.kling.images import BASE, body_of, guarded, page
from sandbox.world import World, world_of

CREATE = BASE + "/v1/general/advanced-custom-elements"
PRESETS = BASE + "/v1/general/advanced-presets-elements"
DELETES = (BASE + "/v1/general/delete-elements", BASE + "/v1/general/delete-advanced-elements")
NAME_MAX = 20
DESCRIPTION_MAX = 100
OTHERS = (1, 3)
TAGS = {f"o_{number}" for number in range(101, 109)}


def routes() -> list[web.AbstractRouteDef]:
    return [
        web.post(CREATE, guarded(create)),
        web.get(CREATE, guarded(listed)),
        web.get(CREATE + "/{id}", guarded(query)),
        web.get(PRESETS, guarded(presets)),
        *[web.post(path, guarded(delete)) for path in DELETES],
    ]


async def create(request: web.Request) -> web.Response:
    """A task that makes an element, free of charge."""
    account, world, body = access.account(request), world_of(request), await body_of(request)
    task = tasks.new_id()
    name = tasks.reserve(world, account, body, task)
    try:
        await _check(world, body)
    except Refused:
        tasks.free(world, account, name)
        raise
    now = int(world.clock.now() * 1000)
    made: Json = {
        "account": account.name,
        "task_id": task,
        "task_status": "submitted",
        "task_status_msg": "",
        "task_info": {"external_task_id": name},
        "created_at": now,
        "updated_at": now,
    }
    world.note("kling element tasks")[task] = made
    lasts = world.options.queue_seconds + world.options.run_seconds
    asyncio.get_running_loop().call_later(lasts, _finish, world, account, made, body)
    return granted(_shown(made))


async def query(request: web.Request) -> web.Response:
    account, world = access.account(request), world_of(request)
    name = request.match_info["id"]
    made = world.note("kling element tasks").get(tasks.resolve(world, account, name))
    if not isinstance(made, dict) or made["account"] != account.name:
        raise Refused(1201, f"Task not found by id/external id: {name}")
    return granted(_shown(made))


async def listed(request: web.Request) -> web.Response:
    account, world = access.account(request), world_of(request)
    made = [entry for entry in world.note("kling element tasks").values() if isinstance(entry, dict)]
    own = [entry for entry in made if entry["account"] == account.name]
    return granted([_shown(entry) for entry in page(request, own[::-1])])


async def presets(request: web.Request) -> web.Response:
    access.account(request)
    return granted([])


async def delete(request: web.Request) -> web.Response:
    """An element of one's own; its number is refused from then on."""
    account, world, body = access.account(request), world_of(request), await body_of(request)
    element = world.note("kling elements").get(str(body.get("element_id")))
    mine = isinstance(element, dict) and element["account"] == account.name
    if not isinstance(element, dict) or not mine or element["status"] != "succeed":
        raise Refused(1201, f"element_id {body.get('element_id')} is invalid")
    element["status"] = "deleted"
    return granted({"task_id": element["task_id"], "task_status": "succeed"})


async def _check(world: World, body: Json) -> None:
    for field, most in (("element_name", NAME_MAX), ("element_description", DESCRIPTION_MAX)):
        value = body.get(field)
        if not isinstance(value, str) or not 1 <= len(value) <= most:
            raise Refused(1201, f"{field} is invalid: 1 to {most} characters")
    if body.get("reference_type") != "image_refer":
        raise Refused(1201, "reference_type is invalid")
    images = body.get("element_image_list")
    others = images.get("refer_images") if isinstance(images, dict) else None
    if not isinstance(images, dict) or not isinstance(others, list):
        raise Refused(1201, "element_image_list is invalid")
    if not OTHERS[0] <= len(others) <= OTHERS[1]:
        raise Refused(1201, f"refer_images is invalid: {OTHERS[0]} to {OTHERS[1]} images")
    await inputs.measured(world, images.get("frontal_image"), "frontal_image")
    for entry in others:
        value = entry.get("image_url") if isinstance(entry, dict) else None
        await inputs.measured(world, value, "refer_images.image_url")
    tags = body.get("tag_list") or []
    if not isinstance(tags, list) or any(
        not isinstance(tag, dict) or tag.get("tag_id") not in TAGS for tag in tags
    ):
        raise Refused(1201, "tag_list is invalid")


def _finish(world: World, account: Account, made: Json, body: Json) -> None:
    number = tasks.new_id()
    element: Json = {
        "account": account.name,
        "task_id": made["task_id"],
        "element_id": int(number),
        "element_name": body["element_name"],
        "element_description": body["element_description"],
        "reference_type": "image_refer",
        "tag_list": body.get("tag_list") or [],
        "owned_by": account.name,
        "status": "succeed",
    }
    world.note("kling elements")[number] = element
    made["task_status"] = "succeed"
    made["element"] = element


def _shown(made: Json) -> Json:
    shown = {name: value for name, value in made.items() if name not in ("account", "element")}
    element = made.get("element")
    if isinstance(element, dict):
        hidden = ("account", "task_id")
        told = {name: value for name, value in element.items() if name not in hidden}
        shown["task_result"] = {"elements": [told]}
        shown["final_unit_deduction"] = "0"
    return shown
