"""Runware's envelope of errors."""

from aiohttp import web

from sandbox.answers import answered
from sandbox.jobs import Json

DOCUMENTATION = "https://runware.ai/docs/platform/errors"
STATUSES = {
    "invalidApiKey": 401,
    "missingApiKey": 401,
    "accountSuspended": 403,
    "insufficientCredits": 402,
    "rateLimitExceeded": 429,
    "internalServerError": 500,
    "serviceUnavailable": 503,
}
KINDS = {
    "key": ("invalidApiKey", "Invalid API key."),
    "locked": ("accountSuspended", "This account is suspended."),
    "money": ("insufficientCredits", "Insufficient credits. Add credits to continue."),
    "rate": ("rateLimitExceeded", "Too many requests."),
    "concurrency": ("rateLimitExceeded", "Too many concurrent requests."),
    "server": ("internalServerError", "An internal server error occurred."),
    "input": ("invalidPositivePrompt", "Invalid value for 'positivePrompt' parameter."),
    "safety": ("contentPolicyViolation", "The content was refused by the content policy."),
    "provider": ("providerError", "The provider could not complete this task."),
    "timeout": ("timeoutProvider", "The provider did not answer in time."),
}


class Refused(Exception):  # noqa: N818 - reads as the fact it reports
    """A task that is not taken: the code, what is said about it, and the field."""

    def __init__(self, code: str, message: str, parameter: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.parameter = code, message, parameter


def entry(task: Json, code: str, message: str, parameter: str = "") -> Json:
    """One of `errors`."""
    found: Json = {"code": code, "message": message}
    if parameter:
        found["parameter"] = parameter
    found |= {name: task[name] for name in ("taskType", "taskUUID") if isinstance(task.get(name), str)}
    return found | {"documentation": DOCUMENTATION}


def envelope(data: list[Json], errors: list[Json]) -> web.Response:
    """200 as soon as one task has an answer, else what the first error stands for."""
    if not errors:
        return answered({"data": data})
    status = 200 if data else STATUSES.get(str(errors[0]["code"]), 400)
    return answered(({"data": data} if data else {}) | {"errors": errors}, status)


def error(kind: str) -> web.Response:
    """An answer of this kind to any request, for the rules."""
    code, message = KINDS.get(kind, KINDS["server"])
    return envelope([], [entry({}, code, message)])
