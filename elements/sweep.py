"""What the dispatcher does for the library now and then: lets go of what nobody came back for."""

import time

from elements import fetching, staging

EVERY = 60.0  # seconds

_next = 0.0


def sweep() -> None:
    """Cheap enough for every second."""
    global _next
    if time.monotonic() < _next:
        return
    _next = time.monotonic() + EVERY
    staging.forget_unsent()
    fetching.forget_old()
