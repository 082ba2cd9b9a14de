"""Kling's own API, the legacy standard that images and elements speak, as documented on 2026-09-20."""

from sandbox.kling import account, elements, images
from sandbox.kling.errors import error
from sandbox.kling.messages import messages
from sandbox.world import Protocol


def operation(method: str, path: str, body: bytes) -> str:
    """submit, status, list, element, download or account."""
    words = path.split("?")[0].removeprefix("/kling/").split("/")
    if words[0] == "cdn":
        return "download"
    if words[0] != "v1" or len(words) < 2:
        return "status" if words[0] == "tasks" else "account"
    if words[1] == "general":
        return "element"
    if method == "POST":
        return "submit"
    return "status" if len(words) > 3 else "list"


KLING = Protocol(
    "kling", [*images.routes(), *elements.routes(), *account.routes()], operation, error, messages
)
