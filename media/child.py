"""The limited child that decodes: one JSON order a line on stdin, one JSON answer a line on stdout.

Run as `python -m media.child BYTES_OF_MEMORY`. It ends when stdin closes, after being idle, after a number
of pictures, and when a picture takes too long even if its parent is gone.
"""

import errno
import json
import resource
import select
import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

from media import altering, pixels
from media.recipe import Recipe

PICTURES = 200
IDLE_SECONDS = 600
# More than the parent ever allows: it kills first and knows why, but it may be gone.
ALARM_SECONDS = 75
LARGEST_FILE = 512 * 1024 * 1024
# These say nothing about the picture.
DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.ENOENT, errno.EIO}


def main(memory: int) -> None:
    _limit(memory)
    for _ in range(PICTURES):
        ready, _, _ = select.select([sys.stdin], [], [], IDLE_SECONDS)
        line = sys.stdin.buffer.readline() if ready else b""
        if not line:
            return
        signal.alarm(ALARM_SECONDS)
        answer = _answer(json.loads(line))
        signal.alarm(0)
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    source = Path(order["source"])
    try:
        if order["do"] == "examine":
            renditions = {int(edge): Path(path) for edge, path in order["renditions"].items()}
            return asdict(pixels.examine(source, renditions))
        if order["do"] == "measure":
            # NumPy takes a tenth of a second to load, and most children only ever examine.
            measuring = import_module("media.measuring")
            return asdict(measuring.measure(source, order["face"]))
        if order["do"] == "alter":
            altering.alter(source, Path(order["target"]), Recipe(**order["recipe"]), order["xmp"].encode())
            return {}
        if order["do"] == "veil":
            altering.veil(source, Path(order["target"]))
            return {}
        pixels.convert(source, Path(order["target"]), order["format"], order["xmp"].encode())
        return {}
    except pixels.Refused as refusal:
        return {"refused": str(refusal)}
    except (MemoryError, *pixels.UNREADABLE) as error:
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            return {"failed": error.errno}
        return {"refused": pixels.sentence(error)}


def _limit(memory: int) -> None:
    """Bound what a hostile picture can take; the terminal's Ctrl-C is for the parent to act on."""
    for kind, limit in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_NOFILE, 32),
    ):
        # Some systems know a limit by name and refuse to set it.
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))
    signal.signal(signal.SIGINT, signal.SIG_IGN)


if __name__ == "__main__":
    main(int(sys.argv[1]))
