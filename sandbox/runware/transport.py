"""Runware over HTTP, where every POST is complete in itself, and over a WebSocket that stays open."""

import asyncio
from dataclasses import replace
from uuid import uuid4

from aiohttp import WSMsgType, web

from sandbox.accounts import MARK, Account
from sandbox.answers import Unreadable, compact, parsed
from sandbox.jobs import Json
from sandbox.runware.errors import KINDS, entry, envelope
from sandbox.runware.tasks import Asked, carry_out
from sandbox.world import ACCOUNT, STRIKES, World, world_of

IDLE_SECONDS = 120.0


def routes() -> list[web.AbstractRouteDef]:
    return [web.post("/runware/v1", post), web.get("/runware/v1", talk)]


async def post(request: web.Request) -> web.Response:
    """An array of tasks: answers of all of them, whatever became of the others."""
    try:
        tasks = _tasks(await request.read())
    except Unreadable:
        return envelope([], [entry({}, "invalidRequest", "The body is not an array of tasks.")])
    world = world_of(request)
    key = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if tasks and tasks[0].get("taskType") == "authentication":
        key = str(tasks.pop(0).get("apiKey", ""))
    account = _account(world, key)
    if isinstance(account, str):
        return envelope([], [entry({}, *KINDS[account])])
    request[ACCOUNT] = account.name
    data: list[Json] = []
    errors: list[Json] = []
    for task in tasks:
        found, wrong = await carry_out(Asked(world, account, task, request[STRIKES]))
        data += found
        errors += wrong
    return envelope(data, errors)


async def talk(request: web.Request) -> web.StreamResponse:
    """The older way: authentication first, then tasks, each answered when it is ready."""
    socket = web.WebSocketResponse(receive_timeout=IDLE_SECONDS, max_msg_size=0)
    if not socket.can_prepare(request):
        return web.Response(status=426, text="Upgrade Required")
    await socket.prepare(request)
    world, account = world_of(request), None
    async with asyncio.TaskGroup() as working:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                break
            try:
                tasks = _tasks(message.data.encode())
            except Unreadable:
                await _send(socket, [], [entry({}, "invalidRequest", "This is not an array of tasks.")])
                continue
            for task in tasks:
                if task.get("taskType") == "authentication":
                    account = await _greeted(socket, world, task)
                elif account is None:
                    missing = "The connection is not authenticated."
                    await _send(socket, [], [entry(task, "missingApiKey", missing)])
                else:
                    working.create_task(_answer(socket, Asked(world, account, task)))
    return socket


async def _greeted(socket: web.WebSocketResponse, world: World, task: Json) -> Account | None:
    account = _account(world, str(task.get("apiKey", "")))
    if isinstance(account, str):
        await _send(socket, [], [entry(task, *KINDS[account])])
        return None
    session = task.get("connectionSessionUUID") or str(uuid4())
    await _send(socket, [{"taskType": "authentication", "connectionSessionUUID": session}], [])
    return account


async def _answer(socket: web.WebSocketResponse, asked: Asked) -> None:
    """Written down and struck as if it were a POST, as far as its job goes."""
    record, strikes = asked.world.arrive("POST", "/runware/v1", compact([asked.task]))
    record.account, record.status = asked.account.name, 200
    data, errors = await carry_out(replace(asked, strikes=strikes))
    await _send(socket, data, errors)


async def _send(socket: web.WebSocketResponse, data: list[Json], errors: list[Json]) -> None:
    if not socket.closed:
        body = ({"data": data} if data or not errors else {}) | ({"errors": errors} if errors else {})
        await socket.send_str(compact(body).decode())


def _tasks(body: bytes) -> list[Json]:
    value = parsed(body)
    if not isinstance(value, list) or not all(isinstance(task, dict) for task in value):
        raise Unreadable
    return value


def _account(world: World, key: str) -> Account | str:
    """The account of a key, or the kind of error it gets."""
    if MARK not in key:
        return "key"
    account = world.accounts.of("runware", key)
    return "locked" if account.state == "locked" else account
