"""fal's shapes of refusal."""

from aiohttp import web

from sandbox.answers import answered
from sandbox.fal.inputs import Detail, detail


class Refused(Exception):  # noqa: N818 - reads as the fact it reports
    """A request that is not taken, with the answer to it."""

    def __init__(self, answer: web.Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


RETRYABLE = {500, 502, 503, 504}


def plain(status: int, message: str, kind: str = "") -> web.Response:
    """A string `detail`; with `kind` the shape of fal's own infrastructure."""
    body = {"detail": message} | ({"error_type": kind} if kind else {})
    return answered(body, status, {"X-Fal-Error-Type": kind} if kind else None)


def model_error(details: list[Detail], status: int = 422) -> web.Response:
    retryable = "true" if status in RETRYABLE else "false"
    return answered({"detail": details}, status, {"X-Fal-Retryable": retryable})


def error(kind: str) -> web.Response:
    """An answer of this kind to any request, for the rules."""
    if kind == "key":
        return plain(401, "Cannot access application: invalid or missing credentials.")
    if kind == "locked":
        return plain(403, "User is locked. Reason: Account suspended.")
    if kind == "money":
        return plain(
            403, "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard."
        )
    if kind in ("rate", "concurrency"):
        refusal = plain(429, "Too many requests.", "concurrent_requests_limit")
        refusal.headers["X-Fal-Needs-Retry"] = "1"
        return refusal
    if kind == "input":
        return model_error([detail(["prompt"], "value_error", "Value error, prompt is not usable.")])
    if kind == "safety":
        return model_error([safety()])
    return plain(500, "Internal server error", "internal_error")


def failed(kind: str) -> tuple[int, object, dict[str, str]]:
    """Status, body and headers of the result of a job that failed after it was accepted."""
    if kind == "safety":
        return 422, {"detail": [safety()]}, {"X-Fal-Retryable": "false"}
    if kind == "timeout":
        entry = detail([], "generation_timeout", "The generation took too long.")
        return 504, {"detail": [entry]}, {"X-Fal-Retryable": "true"}
    if kind == "start":
        body = {"detail": "Request timed out before it started.", "error_type": "request_timeout"}
        return 504, body, {"X-Fal-Error-Type": "request_timeout", "X-Fal-Request-Timeout-Type": "user"}
    if kind == "server":
        body = {"detail": "Internal server error", "error_type": "runner_server_error"}
        return 500, body, {"X-Fal-Error-Type": "runner_server_error"}
    if kind == "input":
        entry = detail(["prompt"], "no_media_generated", "No media was generated.")
        return 422, {"detail": [entry]}, {"X-Fal-Retryable": "false"}
    entry = detail([], "downstream_service_error", "The downstream service failed.")
    return 400, {"detail": [entry]}, {"X-Fal-Retryable": "false"}


def safety() -> Detail:
    message = "The content could not be processed because it contained material flagged by a content checker."
    return detail(["prompt"], "content_policy_violation", message)
