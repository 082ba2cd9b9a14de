"""fal's storage: both ways to bring a file in."""

from datetime import timedelta

from aiohttp import web

from sandbox import clock
from sandbox.answers import Unreadable, answered, parsed
from sandbox.fal import access, errors
from sandbox.fal.lifecycle import lasts_until
from sandbox.links import Link, address, token
from sandbox.world import world_of

TOKEN_LASTS = timedelta(hours=1)


def routes() -> list[web.AbstractRouteDef]:
    return [
        web.post("/fal/rest/storage/auth/token", access.guarded(make_token)),
        web.post("/fal/rest/storage/upload/initiate", access.guarded(initiate)),
        web.put("/fal/cdn/upload/{token}", put),
        web.post("/fal/cdn/files/upload", access.guarded(post)),
    ]


async def make_token(request: web.Request) -> web.Response:
    """A token for uploads that stands in for the key."""
    account = access.account(request)
    world = world_of(request)
    name = token()
    until = world.clock.now() + TOKEN_LASTS.total_seconds()
    world.note("fal tokens")[name] = (account.name, until)
    body = {"token": name, "token_type": "Bearer", "base_url": f"{world.base}/fal/cdn"}
    return answered({**body, "expires_at": clock.iso(until)})


async def post(request: web.Request) -> web.Response:
    """The second way: raw bytes, with the token."""
    world = world_of(request)
    scheme, _, name = request.headers.get("Authorization", "").partition(" ")
    known = world.note("fal tokens").get(name)
    if scheme != "Bearer" or not isinstance(known, tuple) or known[1] < world.clock.now():
        return errors.error("key")
    file_name = request.headers.get("X-Fal-File-Name", "upload.bin").replace("/", "_")
    link = world.upload("fal", known[0], file_name, request.content_type, await request.read())
    link.expires_at = lasts_until(request, world.clock.now())
    return answered({"access_url": link.address})


async def initiate(request: web.Request) -> web.Response:
    """The first way: an address to put the bytes to, and the one where they will be."""
    account = access.account(request)
    wish = await _wish(request)
    if wish is None:
        return errors.plain(422, "file_name and content_type are needed.")
    world = world_of(request)
    name = token()
    until = lasts_until(request, world.clock.now())
    link = Link(name, account.name, wish[0], wish[1], None, b"", until)
    link.address = address(world.base, "fal", name, wish[0])
    world.note("fal uploads")[name] = link
    return answered({"upload_url": f"{world.base}/fal/cdn/upload/{name}", "file_url": link.address})


async def put(request: web.Request) -> web.Response:
    """The bytes, without a key: the address is the secret."""
    world = world_of(request)
    link = world.note("fal uploads").pop(request.match_info["token"], None)
    if not isinstance(link, Link):
        return web.Response(status=403, text="SignatureDoesNotMatch")
    link.data = await request.read()
    world.links.add(link)
    return web.Response(status=200)


async def _wish(request: web.Request) -> tuple[str, str] | None:
    try:
        body = parsed(await request.read())
    except Unreadable:
        return None
    name, kind = (body.get("file_name"), body.get("content_type")) if isinstance(body, dict) else (None, None)
    return (name.replace("/", "_"), kind) if isinstance(name, str) and isinstance(kind, str) else None
