"""A provider on loopback that answers as it is told to, and remembers what it was asked."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvloop
from aiohttp import web

from providers.http import Exits


@dataclass(frozen=True)
class Reply:
    """`body` is sent as it is when it is bytes, else as JSON; `lost` takes the request and hangs up."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    lost: bool = False


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


LOST = Reply(lost=True)
Script = Mapping[str, Reply | list[Reply] | Callable[[Asked], Reply]]


class Desk:
    """`script` maps "METHOD /path" to a reply, to replies one after the other, or to a function."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.base = ""

    def of(self, method: str, path: str) -> list[Asked]:
        return [one for one in self.asked if (one.method, one.path) == (method, path)]

    async def answer(self, request: web.Request) -> web.Response:
        asked = Asked(
            request.method,
            request.path,
            dict(request.query),
            {name.lower(): value for name, value in request.headers.items()},
            await request.read(),
        )
        self.asked.append(asked)
        reply = self._reply(asked)
        if reply.lost:
            assert request.transport is not None
            request.transport.abort()
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        body = body.replace(b"BASE", self.base.encode())
        headers = {"content-type": "application/json", **reply.headers}
        return web.Response(status=reply.status, body=body, headers=headers)

    def _reply(self, asked: Asked) -> Reply:
        told = self.script.get(f"{asked.method} {asked.path}", Reply({"detail": "Not Found"}, 404))
        if callable(told):
            return told(asked)
        if isinstance(told, list):
            return told.pop(0) if len(told) > 1 else told[0]
        return told


@asynccontextmanager
async def open_desk(script: Script) -> AsyncIterator[Desk]:
    desk = Desk(script)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", desk.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        desk.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield desk
    finally:
        await runner.cleanup()


def at_desk[Found](script: Script, talk: Callable[[Desk, Exits], Awaitable[Found]]) -> Found:
    """What `talk` finds out at a desk of its own."""

    async def run() -> Found:
        exits = Exits(loopback=True)
        try:
            async with open_desk(script) as desk:
                return await talk(desk, exits)
        finally:
            await exits.close()

    return uvloop.run(run())
