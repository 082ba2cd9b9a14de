"""Copies of pictures with a watermark, made only for orders that ask for them."""

import asyncio
import io

from PIL import Image, ImageDraw

from sandbox.jobs import Job
from sandbox.links import Link, address, token
from sandbox.world import World

WORDS = "SANDBOX WATERMARK"


def is_asked(job: Job) -> bool:
    info = job.body.get("watermark_info")
    return isinstance(info, dict) and info.get("enabled") is True


async def make(world: World, job: Job) -> None:
    """Have the copies of a finished task ready before somebody is told of them."""
    if job.state != "done" or not is_asked(job) or job.task in _kept(world):
        return
    copies = [await asyncio.to_thread(marked, await world.links.read(link)) for link in job.links]
    made = [_link(world, link, data) for link, data in zip(job.links, copies, strict=True)]
    _kept(world).setdefault(job.task, made)


def of(world: World, job: Job) -> list[Link]:
    found = _kept(world).get(job.task)
    return found if isinstance(found, list) else []


def marked(data: bytes) -> bytes:
    """The picture as PNG with words on a dark band in its lower right corner."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    width, height = image.size
    pen = ImageDraw.Draw(image)
    pen.rectangle((width // 2, height - height // 8, width, height), fill=(0, 0, 0))
    place = (width * 3 // 4, height - height // 16)
    pen.text(place, WORDS, fill=(255, 255, 255), anchor="mm", font_size=max(10, height // 24))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _kept(world: World) -> dict[str, object]:
    return world.note("kling twins")


def _link(world: World, link: Link, data: bytes) -> Link:
    name = token()
    file_name = f"watermark-{name}.png"
    where = address(world.base, "kling", name, file_name)
    return world.links.add(
        Link(name, link.account, file_name, "image/png", None, data, link.expires_at, address=where)
    )
