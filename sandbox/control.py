"""What tests ask and say: the bill, the requests, faults, the clock, accounts."""

from dataclasses import asdict

from aiohttp import web

from sandbox import faults
from sandbox.answers import Unreadable, answered, parsed
from sandbox.fal.access import user_id
from sandbox.kling.signing import SECRET
from sandbox.world import world_of


def routes() -> list[web.AbstractRouteDef]:
    return [
        web.get("/_/", about),
        web.get("/_/bill", bill),
        web.get("/_/requests", requests),
        web.get("/_/hooks", hooks),
        web.get("/_/faults", rules),
        web.post("/_/faults", add_rules),
        web.delete("/_/faults", clear_rules),
        web.post("/_/accounts", change_account),
        web.post("/_/clock", move_clock),
        web.post("/_/reset", reset),
    ]


async def about(request: web.Request) -> web.Response:
    """Where each protocol is spoken, and which keys it takes."""
    base = world_of(request).base
    fal = {"queue": "/queue", "run": "/run", "rest": "/rest", "cdn": "/cdn", "api": "/api/v1"}
    return answered(
        {
            "fal": {name: f"{base}/fal{path}" for name, path in fal.items()}
            | {"key": "sandbox-fal:secret", "user_id": user_id("sandbox-fal")},
            "runware": {"http": f"{base}/runware/v1", "key": "sandbox-runware"},
            "kling": {
                "base": f"{base}/kling",
                "key": "sandbox-kling",
                "access_key": "sandbox-access",
                "secret_key": "sandbox-secret-key-of-thirty-two-bytes",
                "webhook_secret": SECRET,
            },
        }
    )


async def bill(request: web.Request) -> web.Response:
    """Lines in order of acceptance and their sum in micro-USD; ?protocol= and ?account= choose."""
    lines = [line for line in map(asdict, world_of(request).bill.lines) if _chosen(request, line)]
    return answered({"lines": lines, "total": sum(line["charged"] or 0 for line in lines)})


async def requests(request: web.Request) -> web.Response:
    """What arrived, oldest first, GETs only the latest; ?protocol=, ?operation=, ?method= choose."""
    world = world_of(request)
    found = [record for record in map(asdict, [*world.posts, *world.gets]) if _chosen(request, record)]
    return answered({"requests": sorted(found, key=lambda record: record["at"])})


async def hooks(request: web.Request) -> web.Response:
    return answered({"deliveries": [asdict(entry) for entry in world_of(request).hooks.deliveries]})


async def rules(request: web.Request) -> web.Response:
    return answered({"rules": [asdict(rule) for rule in world_of(request).faults.rules]})


async def add_rules(request: web.Request) -> web.Response:
    """A rule or a list of them; 422 says which word is not understood, and then none is added."""
    try:
        body = parsed(await request.read())
        found = [faults.read(rule) for rule in (body if isinstance(body, list) else [body])]
    except Unreadable:
        return answered({"error": "The body is not JSON."}, 422)
    except faults.UnknownFault as error:
        return answered({"error": str(error)}, 422)
    world_of(request).faults.add(found)
    return await rules(request)


async def clear_rules(request: web.Request) -> web.Response:
    world_of(request).faults.rules.clear()
    return await rules(request)


async def change_account(request: web.Request) -> web.Response:
    """{"protocol", "name"} and what is to change of state, balance, slots and signed."""
    body = await _object(request)
    account = world_of(request).accounts.of(str(body.get("protocol")), str(body.get("name")))
    for name in ("state", "balance", "slots", "signed"):
        if name in body:
            setattr(account, name, body[name])
    return answered(asdict(account))


async def move_clock(request: web.Request) -> web.Response:
    """{"offset": seconds} from the true time."""
    world = world_of(request)
    offset = (await _object(request)).get("offset", 0)
    world.clock.offset = float(offset) if isinstance(offset, int | float) else 0.0
    return answered({"now": world.clock.now()})


async def reset(request: web.Request) -> web.Response:
    world_of(request).reset()
    return answered({})


async def _object(request: web.Request) -> dict[str, object]:
    body = parsed(await request.read() or b"{}")
    return body if isinstance(body, dict) else {}


def _chosen(request: web.Request, entry: dict[str, object]) -> bool:
    names = ("protocol", "account", "operation", "method", "task", "reference")
    return all(entry.get(name) == request.query[name] for name in names if name in request.query)
