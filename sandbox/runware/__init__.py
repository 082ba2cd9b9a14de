"""Runware: https://runware.ai, schemas of 2026-10-12."""

from sandbox.answers import Unreadable, parsed
from sandbox.runware.errors import error
from sandbox.runware.messages import messages
from sandbox.runware.transport import routes
from sandbox.world import Protocol

OPERATIONS = {
    "imageInference": "submit",
    "getResponse": "status",
    "getTaskDetails": "details",
    "imageUpload": "upload",
    "mediaStorage": "upload",
    "accountManagement": "account",
}


def operation(method: str, path: str, body: bytes) -> str:
    """submit, status, details, upload, download or account; what the first task is decides."""
    if method == "GET":
        return "download" if "/cdn/" in path else "socket"
    try:
        value = parsed(body)
    except Unreadable:
        return "unreadable"
    tasks = [task for task in value if isinstance(task, dict)] if isinstance(value, list) else []
    names = [str(task.get("taskType")) for task in tasks if task.get("taskType") != "authentication"]
    return OPERATIONS.get(names[0], names[0]) if names else "unreadable"


RUNWARE = Protocol("runware", routes(), operation, error, messages)
