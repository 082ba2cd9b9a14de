"""The studio's own door for webhooks: a port of loopback in front of the real view.

The sandbox knocks from its thread; whoever works in the test's thread lets it in with `Door.answer`, so that
the view sees the test's own rows.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue

from django.test import Client, override_settings

PATIENCE = 10.0
ENDS_WITHIN = 0.02  # how often the door looks whether its test is over


@dataclass(slots=True)
class Knock:
    path: str
    headers: dict[str, str]
    body: bytes
    status: int = 0
    answered: threading.Event = field(default_factory=threading.Event)


class Door:
    """`knocks` are those that were let in, in their order, each with the status that it got."""

    def __init__(self) -> None:
        self.waiting: SimpleQueue[Knock] = SimpleQueue()
        self.knocks: list[Knock] = []

    def answer(self) -> None:
        """Let in all who wait."""
        while True:
            try:
                knock = self.waiting.get_nowait()
            except Empty:
                return
            knock.status = post(knock)
            self.knocks.append(knock)
            knock.answered.set()

    def statuses(self) -> set[int]:
        return {knock.status for knock in self.knocks}


def post(knock: Knock) -> int:
    """What the view answers to these bytes."""
    headers = {name: value for name, value in knock.headers.items() if name.lower() != "content-length"}
    client = Client(enforce_csrf_checks=True)
    answer = client.generic("POST", knock.path, knock.body, "application/json", headers=headers)
    return answer.status_code


@contextmanager
def standing() -> Iterator[Door]:
    """A door that webhooks of new orders come to."""
    door = Door()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            knock = Knock(self.path, dict(self.headers.items()), body)
            door.waiting.put(knock)
            knock.answered.wait(PATIENCE)
            self.send_response(knock.status or 503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test's own output is enough."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(ENDS_WITHIN,), daemon=True).start()
        try:
            with override_settings(PORT=server.server_port):
                yield door
        finally:
            server.shutdown()
