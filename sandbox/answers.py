"""JSON in and out."""

import json
import math

from aiohttp import web


class Unreadable(ValueError):  # noqa: N818 - reads as the fact it reports
    """The body is not JSON."""


def parsed(body: bytes) -> object:
    """The value of a JSON body, or `Unreadable`; NaN and infinities are not JSON."""
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Unreadable from None


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def answered(value: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        body=compact(value), status=status, headers={"Content-Type": "application/json", **(headers or {})}
    )


def is_number(value: object) -> bool:
    """A finite number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _refuse(constant: str) -> object:
    raise ValueError(constant)
