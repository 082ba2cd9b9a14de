"""Changes that threads of one process ask for at the same time, in one transaction.

SQLite lets one connection write at a time, and whoever waits asks again after ever longer pauses: of sixteen
threads that wait, each for itself, hardly any gets in while the dispatcher writes. Here one of them waits and
writes for all. Elsewhere it saves waiting for the disk.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import OperationalError, transaction


@dataclass(slots=True, eq=False)
class _Wish[Given, Found]:
    given: Given
    found: list[Found]  # nothing yet, or one
    error: OperationalError | None = None


class Gathered[Given, Found]:
    """`work` changes rows by what one thread gives; what fails in it may not fail for the others."""

    def __init__(self, work: Callable[[Given], Found]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._waiting: list[_Wish[Given, Found]] = []

    def do(self, given: Given) -> Found:
        """On return it is committed. Raises what `work` raises, and OperationalError."""
        wish: _Wish[Given, Found] = _Wish(given, [])
        self._waiting.append(wish)
        with self._lock:
            try:
                if not wish.found and wish.error is None:
                    self._do(wish)
            finally:
                self._waiting.remove(wish)
        if wish.error is not None:
            raise wish.error
        return wish.found[0]

    def _do(self, mine: _Wish[Given, Found]) -> None:
        """All that wait; if one of them is at fault, only mine. No answer of the database is none for all."""
        together = [mine, *(wish for wish in self._waiting if wish is not mine and not wish.found)]
        try:
            self._commit(together)
        except OperationalError as error:
            for wish in together:
                wish.error = error
        except Exception:
            if len(together) == 1:
                raise
            self._commit([mine])

    def _commit(self, wishes: Sequence[_Wish[Given, Found]]) -> None:
        with transaction.atomic():
            found = [self._work(wish.given) for wish in wishes]
        for wish, one in zip(wishes, found, strict=True):
            wish.found.append(one)
