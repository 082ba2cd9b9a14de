"""Pictures that an order refers to: fetched from our own delivery host or from a data URI."""

import base64
import binascii
from urllib.parse import unquote_to_bytes

from sandbox.fal.models import IMAGE_BYTES, IMAGE_SHAPE, IMAGE_SIDE
from sandbox.pictures import measure
from sandbox.world import World

Detail = dict[str, object]
FORMATS = ("JPEG", "PNG", "WEBP", "MPO")


def detail(where: list[object], kind: str, message: str, **context: object) -> Detail:
    """One entry of a 422."""
    found: Detail = {"loc": ["body", *where], "msg": message, "type": kind}
    found["url"] = f"https://docs.fal.ai/errors#{kind}"
    return found | ({"ctx": context} if context else {})


async def looked_at(
    world: World, where: list[object], url: object
) -> tuple[list[Detail], tuple[int, int] | None]:
    """What is wrong with the picture at `url`, and its size."""
    if not isinstance(url, str) or not url:
        return [detail(where, "string_type", "Input should be a valid string")], None
    data = await _bytes(world, url)
    if data is None:
        return [detail(where, "file_download_error", "Failed to download the file.")], None
    if len(data) > IMAGE_BYTES:
        return [detail(where, "file_too_large", "File size exceeds the maximum.", max_size=IMAGE_BYTES)], None
    found = measure(data)
    if found is None:
        return [detail(where, "image_load_error", "Failed to load the image.")], None
    width, height, kind = found
    if kind not in FORMATS:
        formats = ["jpeg", "png", "webp"]
        message = "Unsupported image format."
        return [detail(where, "unsupported_image_format", message, supported_formats=formats)], None
    return _size(where, width, height), (width, height)


def _size(where: list[object], width: int, height: int) -> list[Detail]:
    least, most = IMAGE_SHAPE
    if width < IMAGE_SIDE or height < IMAGE_SIDE:
        limits = {"min_width": IMAGE_SIDE, "min_height": IMAGE_SIDE}
        return [detail(where, "image_too_small", "Image dimensions are too small.", **limits)]
    if not least <= width / height <= most:
        return [detail(where, "value_error", f"Aspect ratio must be between {least:.2f} and {most:.2f}.")]
    return []


async def _bytes(world: World, url: str) -> bytes | None:
    if url.startswith("data:"):
        head, _, body = url[5:].partition(",")
        try:
            plain = head.endswith(";base64")
            return base64.b64decode(body, validate=True) if plain else unquote_to_bytes(body)
        except (binascii.Error, ValueError):
            return None
    link = world.links.at(url)
    if link is None or (link.expires_at is not None and world.clock.now() >= link.expires_at):
        return None
    return await world.links.read(link)
