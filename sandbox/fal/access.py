"""Who asks: `Authorization: Key id:secret`."""

import hashlib
from collections.abc import Awaitable, Callable

from aiohttp import web

from sandbox.accounts import MARK, Account
from sandbox.fal.errors import Refused, error
from sandbox.world import ACCOUNT, world_of

Handler = Callable[[web.Request], Awaitable[web.Response]]


def guarded(handler: Handler) -> Handler:
    """The handler, with what it refuses as its answer."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return await handler(request)
        except Refused as refused:
            return refused.answer

    return answer


def account(request: web.Request, *, spends: bool = False) -> Account:
    """The account of the key, named after the key's id, or `Refused`."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Key" or MARK not in key or ":" not in key:
        raise Refused(error("key"))
    found = world_of(request).accounts.of("fal", key.split(":")[0])
    request[ACCOUNT] = found.name
    if found.state == "locked":
        raise Refused(error("locked"))
    if spends and found.exhausted:
        raise Refused(error("money"))
    return found


def user_id(account: str) -> str:
    """The id that fal signs webhooks with."""
    return "user-" + hashlib.sha256(account.encode()).hexdigest()[:12]
