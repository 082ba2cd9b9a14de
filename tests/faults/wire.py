"""Between a studio and a server: connections stay open and nothing comes through, as when a router forgot
them."""

import math
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PART = 65536


class Wire:
    """A port of loopback that leads to another one. Made by `laid`."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._over = threading.Event()
        self._served_since = 0.0  # on the monotonic clock

    def fall_silent(self) -> None:
        """Nothing comes through any more, on connections of now or to come; none is closed."""
        self._served_since = math.inf

    def serve_new(self) -> None:
        """What connects from now on is served; what was held is held for ever."""
        self._served_since = time.monotonic()

    def answer(self) -> None:
        """Take connections until it is closed."""
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def close(self) -> None:
        self._over.set()
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _carry(self, near: socket.socket) -> None:
        born = time.monotonic()
        with suppress(OSError):
            far = socket.create_connection(("127.0.0.1", self._behind))
            back = threading.Thread(target=self._pass_on, args=(far, near, born), daemon=True)
            back.start()
            self._pass_on(near, far, born)
            back.join()
            far.close()
        near.close()

    def _pass_on(self, giver: socket.socket, taker: socket.socket, born: float) -> None:
        with suppress(OSError):
            while part := giver.recv(PART):
                while born < self._served_since:
                    if self._over.wait(0.05):
                        return
                taker.sendall(part)
            taker.shutdown(socket.SHUT_WR)


@contextmanager
def laid(behind: int) -> Iterator[Wire]:
    wire = Wire(behind)
    threading.Thread(target=wire.answer, daemon=True).start()
    yield wire
    wire.close()
