"""The time as the sandbox tells it, which a test may move."""

import time
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch, wrong by `offset` seconds."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        return time.time() + self.offset


def iso(seconds: float) -> str:
    """Seconds since the epoch as "2026-11-21T05:11:30.250000Z"."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
