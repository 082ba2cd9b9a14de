"""Who asks: `Authorization: Bearer`, an API key or a token signed with a secret key."""

from aiohttp import web

from sandbox.accounts import MARK, Account
from sandbox.kling import signing
from sandbox.kling.errors import Refused
from sandbox.world import ACCOUNT, world_of


def account(request: web.Request, *, spends: bool = False, signed: bool = True) -> Account:
    """The account behind the credential, or `Refused`; the newer standard takes no signed tokens."""
    header = request.headers.get("Authorization", "")
    if not header:
        raise Refused(1001)
    scheme, _, credential = header.partition(" ")
    world = world_of(request)
    if "." in credential and not signed:
        raise Refused(1002, "current API does not support AK/SK authentication")
    name = signing.access_key(credential, world.clock.now()) if "." in credential else credential
    if scheme != "Bearer" or MARK not in name:
        raise Refused(1002)
    found = world.accounts.of("kling", name)
    request[ACCOUNT] = name
    if found.state == "locked":
        raise Refused(1100)
    if spends and found.exhausted:
        raise Refused(1102)
    return found
