"""Pictures and elements that an order refers to."""

import base64
import binascii

from sandbox.accounts import Account
from sandbox.jobs import Json
from sandbox.kling.errors import Refused
from sandbox.kling.models import IMAGE_BYTES, IMAGE_FORMATS, IMAGE_SHAPE, IMAGE_SIDE
from sandbox.pictures import measure
from sandbox.world import World


async def measured(world: World, value: object, field: str) -> tuple[int, int]:
    """Width and height of an address or raw base64, or `Refused`; a data URI is neither."""
    if not isinstance(value, str) or not value:
        raise Refused(1201, f"{field} is invalid")
    link = world.links.at(value)
    if link:
        data = await world.links.read(link)
    else:
        try:
            data = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise Refused(1201, f"{field} is invalid: neither a reachable url nor base64") from None
    if len(data) > IMAGE_BYTES:
        raise Refused(1201, f"{field} is invalid: file size exceeds 10MB")
    found = measure(data)
    if found is None or found[2] not in IMAGE_FORMATS:
        raise Refused(1201, f"{field} is invalid: image format is not supported")
    width, height, _ = found
    if min(width, height) < IMAGE_SIDE or max(width, height) > IMAGE_SHAPE * min(width, height):
        raise Refused(1201, f"{field} is invalid: image size or aspect ratio is not supported")
    return width, height


def elements(world: World, account: Account, body: Json) -> int:
    """How many elements an order names; each is a number of the account's own."""
    value = body.get("element_list") or []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise Refused(1201, "element_list is invalid")
    for entry in value:
        number = entry.get("element_id")
        known = world.note("kling elements").get(str(number)) if type(number) is int else None
        if not isinstance(known, dict) or known["account"] != account.name or known["status"] != "succeed":
            raise Refused(1201, f"element_id {number} is invalid")
    return len(value)
