"""What a client wishes for its files: how long they last, and who sees them."""

import json

from aiohttp import web

from sandbox.answers import is_number
from sandbox.jobs import Json

HEADERS = ("X-Fal-Object-Lifecycle-Preference", "X-Fal-Object-Lifecycle")  # of requests, of uploads


def wish(request: web.Request) -> Json:
    """`expires` in seconds, None for ever; `access` allow, forbid or hide. What is unreadable is no wish."""
    text = next((request.headers[name] for name in HEADERS if name in request.headers), "{}")
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(value, dict):
        return {}
    found: Json = {}
    if "expiration_duration_seconds" in value:
        seconds = value["expiration_duration_seconds"]
        found["expires"] = seconds if is_number(seconds) and seconds > 0 else None
    if isinstance(value.get("initial_acl"), dict):
        found["access"] = value["initial_acl"].get("default", "allow")
    return found


def lasts_until(request: web.Request, now: float) -> float | None:
    """When an upload goes; uploads without a wish stay."""
    seconds = wish(request).get("expires")
    return now + float(str(seconds)) if seconds is not None else None
