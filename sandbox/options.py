"""What a sandbox is started with."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Wish:
    """One picture as an order asks for it; `media_format` is png, jpeg or webp."""

    prompt: str
    width: int
    height: int
    media_format: str
    place: int  # from 0 within its order
    seed: int


Draw = Callable[[Wish], bytes]


@dataclass(frozen=True, slots=True)
class Options:
    """Times are seconds. Slots count running requests of one account (Kling: pictures in flight)."""

    host: str = "127.0.0.1"
    port: int = 0  # 0: any free port
    queue_seconds: float = 0.02
    run_seconds: float = 0.05
    run_spread: float = 0.0  # the share of it by which jobs take longer or shorter than others
    hook_retry_seconds: float = 0.05  # doubled from try to try
    fal_slots: int = 40
    kling_slots: int = 9
    link_seconds: float = 7 * 86400
    runware_memory_seconds: float | None = None  # how long a taskUUID is known; None: for ever
    seed: int = 1
    pool: Path | None = None
    draw: Draw | None = None
