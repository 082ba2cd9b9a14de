"""C6: the connection breaks while an order is written. The provider read too little to have taken anything.

From here that looks like any other answer that got lost: the attempt is not known. Runware and Kling are
asked and then get it once; at fal nobody can tell, and a person decides.
"""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

import pytest
from django.test import override_settings

from accounts.models import User
from elements import references
from generations import plan
from generations.binding import Guide
from generations.models import Generation, Outcome, State
from media import intake
from projects.models import Project
from tests.dispatch import oracle
from tests.dispatch.front import carry
from tests.dispatch.hands import ROUTES, fresh, one_of_each
from tests.factories import make_intent
from tests.media.pictures import noise
from tests.paid import Sandbox, dispatch_all, make_key

PART = 65536
PATIENCE = 20.0  # seconds of a connection on which nothing moves
Place = Callable[[int, int], int]  # after how many bytes, by the length of the head and of the body
PLACES: dict[str, Place] = {
    "among the headers": lambda head, body: head // 2,
    "before the last byte": lambda head, body: head + body - 1,
}


@dataclass(slots=True)
class Cutter:
    """A port in front of the sandbox that breaks the first POST to each route."""

    base: str = ""
    place: Place = PLACES["before the last byte"]
    let_through: dict[str, int] = field(default_factory=dict)  # bytes of the order that was cut, by route
    whole: dict[str, int] = field(default_factory=dict)  # how many it had

    def cuts(self, head: bytes) -> int | None:
        """After how many bytes, where it is one to be cut."""
        route = head.split(b"/", 2)[1].decode()
        if not head.startswith(b"POST ") or route not in ROUTES or route in self.let_through:
            return None
        self.whole[route] = len(head) + _length(head)
        self.let_through[route] = self.place(len(head), _length(head))
        return self.let_through[route]


@contextmanager
def cutting(room: Sandbox, place: Place) -> Iterator[Cutter]:
    """All routes lead to the sandbox by way of a cutter."""
    found, inside = Cutter(place=place), urlsplit(room.base)

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(PATIENCE)
            read = _head(self.request)
            if not read:
                return
            most = found.cuts(read.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
            with socket.create_connection((str(inside.hostname), inside.port or 80), PATIENCE) as other:
                if most is None:
                    other.sendall(read)
                    _join(self.request, other)
                else:
                    _cut(self.request, other, read, most)

    class Server(ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        found.base = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            with override_settings(SANDBOX_URL=found.base):
                yield found
        finally:
            server.shutdown()


@pytest.mark.parametrize("place", PLACES)
def test_an_order_that_breaks_off_is_looked_for_and_paid_once_at_most(
    project: Project, room: Sandbox, place: str
) -> None:
    with cutting(room, PLACES[place]) as found:
        orders = one_of_each(project)
        dispatch_all()
    assert sorted(found.let_through) == ROUTES
    _ended_as_each_route_can_tell(room, orders)


def test_a_large_order_that_breaks_while_it_is_written_is_no_other(
    project: Project, ana: User, room: Sandbox
) -> None:
    """A picture of megabytes travels in it: this side still writes when the connection is gone."""
    make_key("kling")
    with cutting(room, lambda head, body: head + 100_000) as found:
        generation = _with_large_picture(project, ana)
        dispatch_all()
    assert found.let_through["kling"] < found.whole["kling"] - 5_000_000
    assert "answer got lost" in _told(generation)
    (now,) = fresh([generation])
    assert now.state == State.SUCCEEDED
    assert len(room.submits()) == len(room.bill()) == 1
    oracle.check(room)


def _ended_as_each_route_can_tell(room: Sandbox, orders: list[Generation]) -> None:
    for one in fresh(orders):
        outcomes = list(one.attempts.order_by("number").values_list("outcome", "posts"))
        assert "answer got lost" in _told(one)
        if one.route == "fal":
            assert (one.state, outcomes) == (State.NEEDS_DECISION, [(Outcome.UNKNOWN, 1)])
        elif one.route == "runware":
            assert (one.state, outcomes) == (State.SUCCEEDED, [(Outcome.ACCEPTED, 2)])
        else:
            assert (one.state, outcomes) == (State.SUCCEEDED, [(Outcome.VOID, 1), (Outcome.ACCEPTED, 1)])
    assert sorted(str(one["protocol"]) for one in room.submits()) == ["kling", "runware"]
    assert len(room.bill()) == 2
    oracle.check(room)


def _told(generation: Generation) -> str:
    return generation.events.get(from_state=State.SUBMITTING, to_state=State.UNKNOWN).note


def _with_large_picture(project: Project, user: User) -> Generation:
    reference = references.keep(project.pk, intake.store(noise(1400)), "plate.png", user)
    guide = Guide(reference, "scene", "ref-plate")
    return plan.start(
        make_intent(project, user, "@ref-plate at dusk", endpoint="kling-o3-image", guides=(guide,))
    )


def _head(source: socket.socket) -> bytes:
    """All that came until the headers ended, which may be more; nothing where they never did."""
    read = b""
    with suppress(OSError):
        while b"\r\n\r\n" not in read:
            part = source.recv(PART)
            if not part:
                return b""
            read += part
    return read


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def _cut(client: socket.socket, inside: socket.socket, read: bytes, most: int) -> None:
    """Hand on so many bytes and no more; then both sides see a connection that was reset."""
    while len(read) < most and (part := client.recv(PART)):
        read += part
    inside.sendall(read[:most])
    for one in (inside, client):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()


def _join(client: socket.socket, inside: socket.socket) -> None:
    back = threading.Thread(target=carry, args=(inside, client), daemon=True)
    back.start()
    carry(client, inside)
    back.join()
