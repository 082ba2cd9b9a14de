"""Downloads from the delivery hosts of all three vendors."""

from aiohttp import web

from sandbox.contents import strange
from sandbox.links import Link
from sandbox.world import world_of


def routes() -> list[web.AbstractRouteDef]:
    return [web.get("/{protocol:fal|runware|kling}/cdn/files/{token}/{name}", download)]


async def download(request: web.Request) -> web.StreamResponse:
    """The file, 404 when there is none, 403 where access is withheld, 410 where it has expired."""
    world = world_of(request)
    link = world.links.get(request.match_info["token"])
    if link is None:
        return web.Response(status=404, text="Not found")
    if link.expires_at is not None and world.clock.now() >= link.expires_at:
        return web.Response(status=410, text="Gone")
    if link.access != "allow" and not _owns(request, link):
        return web.Response(status=403 if link.access == "forbid" else 404, text="Access denied")
    good = await world.links.read(link)
    if link.fault:
        if link.fault.kind == "redirect":
            return web.Response(status=302, headers={"Location": link.fault.body})
        return await strange(request, link.fault.kind, good, link.content_type)
    return web.Response(body=good, headers={"Content-Type": link.content_type, "ETag": f'"{link.token}"'})


def _owns(request: web.Request, link: Link) -> bool:
    """fal's key of the account, the only one of the three vendors that guards its files."""
    key = request.headers.get("Authorization", "").removeprefix("Key ").split(":")[0]
    return key == link.account
