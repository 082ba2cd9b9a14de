"""Faults between the sandbox and its client: nothing here knows what an order is."""

import asyncio
import socket
import struct
from contextlib import suppress

from aiohttp import web
from aiohttp.typedefs import Handler

from sandbox.contents import gateway_page, strange
from sandbox.faults import WIRE, Rule
from sandbox.world import ACCOUNT, STRIKES, Protocol, world_of

SILENT = ("hang", "close", "reset", "garbage", "half-header")  # no status is ever heard
RAW = (*SILENT, "truncate")
GARBAGE = bytes(range(128, 256)) * 4


@web.middleware
async def wire(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Write down what arrives, strike it where a rule says so, and note what was answered."""
    if request.path.startswith("/_/"):
        return await handler(request)
    world = world_of(request)
    record, strikes = world.arrive(request.method, request.path_qs, await request.read())
    request[STRIKES] = strikes
    protocol = world.protocols.get(record.protocol)
    answer: web.StreamResponse | None = None
    struck = [rule for rule in strikes if rule.do in WIRE]
    for rule in struck:
        if rule.when == "before":
            answer = await _strike(request, rule, protocol, None)
    if answer is None:
        answer = await _handled(request, handler)
        for rule in struck:
            if rule.when == "after":
                answer = await _strike(request, rule, protocol, answer)
    silent = any(rule.do in SILENT for rule in struck)
    record.status = 0 if silent else answer.status if answer else 0
    record.account = request.get(ACCOUNT, "")
    return answer or web.Response()


async def _handled(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status in (404, 405):
            return web.json_response({"detail": "Not Found"}, status=404)
        return web.json_response({"detail": error.reason}, status=error.status)


async def _strike(
    request: web.Request, rule: Rule, protocol: Protocol | None, answer: web.StreamResponse | None
) -> web.StreamResponse | None:
    """What the client gets in place of `answer`; None lets the request go on."""
    if rule.do == "slow":
        await asyncio.sleep(rule.seconds)
        return answer
    if rule.do in RAW:
        await _raw(request, rule, answer)
        return answer or web.Response()
    if rule.do == "drip":
        return await _drip(request, _body(answer), rule.seconds)
    if rule.do == "content-type" and answer is not None:
        answer.headers["Content-Type"] = rule.body
        return answer
    if rule.do == "redirect":
        return web.Response(status=302, headers={"Location": rule.body})
    if rule.do == "content":
        return await strange(request, rule.kind, _body(answer), "application/json")
    if rule.do == "error" and protocol:
        refusal = protocol.error(rule.kind)
        refusal.headers.update(rule.headers)
        return refusal
    return _answer(rule)


def _answer(rule: Rule) -> web.Response:
    if rule.body == "html":
        page = gateway_page(rule.status)
        return web.Response(
            status=rule.status, body=page, headers={"Content-Type": "text/html", **rule.headers}
        )
    headers = {"Content-Type": "application/json", **rule.headers}
    return web.Response(status=rule.status, body=rule.body.encode(), headers=headers)


async def _raw(request: web.Request, rule: Rule, answer: web.StreamResponse | None) -> None:
    transport = request.transport
    if transport is None:
        return
    if rule.do == "hang":
        await asyncio.sleep(rule.seconds)
    if rule.do == "reset":
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        return
    if rule.do == "garbage":
        transport.write(GARBAGE)
    if rule.do == "half-header":
        transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: applica")
    if rule.do == "truncate":
        body = _body(answer)
        kind = answer.headers.get("Content-Type", "application/json") if answer else "application/json"
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        transport.write(head.encode() + body[: len(body) // 2])
    transport.close()


async def _drip(request: web.Request, body: bytes, seconds: float) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    answer.content_length = len(body)
    await answer.prepare(request)
    with suppress(ConnectionError):
        for place in range(len(body)):
            await answer.write(body[place : place + 1])
            await asyncio.sleep(seconds)
    return answer


def _body(answer: web.StreamResponse | None) -> bytes:
    body = answer.body if isinstance(answer, web.Response) else None
    return body if isinstance(body, bytes) else b'{"status": "a body that nobody wrote"}'
