"""Pictures that clients bring: uploads, data URIs, base64, and addresses on our own delivery host."""

import base64
import binascii
from uuid import uuid4

from sandbox.accounts import Account
from sandbox.jobs import Json
from sandbox.links import Link
from sandbox.pictures import measure
from sandbox.runware.errors import Refused
from sandbox.world import World

ENDINGS = {"JPEG": ("jpg", "image/jpeg"), "PNG": ("png", "image/png"), "WEBP": ("webp", "image/webp")}


async def upload(world: World, account: Account, task: Json, field: str) -> Link:
    """Keep a picture under a UUID, or `Refused`."""
    data = await _bytes(world, task.get(field), field)
    found = measure(data)
    if found is None or found[2] not in ENDINGS:
        raise Refused("invalidImage", f"'{field}' is not a supported image.", field)
    ending, kind = ENDINGS[found[2]]
    name = str(uuid4())
    link = world.upload("runware", account.name, f"{name}.{ending}", kind, data)
    world.note("runware media")[name] = link
    return link


def delete(world: World, name: object) -> None:
    if world.note("runware media").pop(str(name), None) is None:
        raise Refused("mediaNotFound", "There is no such media.", "mediaUUID")


async def measured(world: World, value: object, field: str) -> tuple[int, int]:
    """Width and height of a reference, or `Refused`."""
    found = measure(await _bytes(world, value, field))
    if found is None:
        raise Refused("invalidReferenceImages", f"An image of '{field}' could not be read.", field)
    return found[0], found[1]


async def _bytes(world: World, value: object, field: str) -> bytes:
    if not isinstance(value, str) or not value:
        raise Refused("invalidImage", f"'{field}' is a UUID, an address, a data URI or base64.", field)
    kept = world.note("runware media").get(value)
    link = kept if isinstance(kept, Link) else world.links.at(value)
    if link is not None:
        return await world.links.read(link)
    try:
        return base64.b64decode(
            value.partition(",")[2] if value.startswith("data:") else value, validate=True
        )
    except (binascii.Error, ValueError):
        raise Refused("downloadFailed", f"'{field}' could not be fetched.", field) from None
