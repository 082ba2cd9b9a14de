"""fal: https://fal.ai, as documented until 2026-11-20."""

from sandbox.fal import platform, queue, storage
from sandbox.fal.errors import error
from sandbox.fal.messages import messages
from sandbox.world import Protocol


def operation(method: str, path: str, body: bytes) -> str:
    """submit, status, result, cancel, upload, download, history, or the last word of the path."""
    plain = path.split("?")[0].removeprefix("/fal/")
    words = plain.split("/")
    if words[0] == "queue" and "/requests/" in plain:
        return words[-1] if words[-1] in ("status", "cancel") else "result"
    if words[0] in ("queue", "run"):
        return "submit"
    if words[0] == "cdn" and method == "GET":
        return "download"
    if words[0] == "cdn" or words[-1] == "initiate":
        return "upload"
    return "history" if words[-1] == "by-endpoint" else words[-1]


FAL = Protocol("fal", [*queue.routes(), *storage.routes(), *platform.routes()], operation, error, messages)
