"""Kling's envelope and its table of codes."""

from uuid import uuid4

from aiohttp import web

from sandbox.answers import answered

CODES = {
    1000: (401, "Authentication failed"),
    1001: (401, "Authorization is empty"),
    1002: (401, "Authorization is invalid"),
    1003: (401, "Authorization is not yet valid"),
    1004: (401, "Authorization has expired"),
    1100: (429, "Account exception"),
    1101: (429, "Account in arrears"),
    1102: (429, "Account balance not enough"),
    1103: (403, "No access to this resource"),
    1200: (400, "Invalid request parameters"),
    1201: (400, "Invalid parameters"),
    1202: (404, "The requested method is invalid"),
    1203: (404, "The requested resource does not exist"),
    1300: (400, "Triggered the platform's policy"),
    1301: (400, "Triggered the platform's content safety policy"),
    1302: (429, "Too many requests, over the rate limit"),
    1303: (429, "parallel task over resource pack limit"),
    1304: (429, "Triggered the platform's IP whitelist policy"),
    5000: (500, "Internal server error"),
    5001: (503, "Server is under maintenance"),
    5002: (504, "Server internal timeout"),
}
KINDS = {
    "key": 1002,
    "locked": 1100,
    "money": 1102,
    "rate": 1302,
    "concurrency": 1303,
    "server": 5000,
    "input": 1201,
    "safety": 1301,
    "timeout": 5002,
}
REASONS = {
    "safety": "Failure to pass the risk control system",
    "timeout": "Internal timeout, please try again later",
    "input": "The image could not be processed",
}


class Refused(Exception):  # noqa: N818 - reads as the fact it reports
    """A request that is not taken: a code and what is said about it."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message)
        self.code, self.message = code, message


def refusal(code: int, message: str = "") -> web.Response:
    """Without `data`, as documented for 1303."""
    status, usual = CODES[code]
    return answered({"code": code, "message": message or usual, "request_id": str(uuid4())}, status)


def granted(data: object) -> web.Response:
    return answered({"code": 0, "message": "SUCCEED", "request_id": str(uuid4()), "data": data})


def error(kind: str) -> web.Response:
    """An answer of this kind, or with this code, to any request, for the rules."""
    code = int(kind) if kind.isdecimal() else KINDS.get(kind, 5000)
    return refusal(code if code in CODES else 5000)


def reason(kind: str) -> str:
    """What a failed task says about itself."""
    return REASONS.get(kind, "Service busy, the generation has failed")
