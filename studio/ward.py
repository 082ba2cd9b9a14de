"""Runs one command for the supervisor and ends it when the supervisor is gone.

`python -m studio.ward COMMAND …` leads a session of its own and reads its standard input, whose other end
only the supervisor holds: when that closes, however the supervisor ended, the command and its children end.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from types import FrameType

from studio.lifeline import die_with_parent

PATIENCE = 10.0


def main(command: list[str]) -> int:
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)  # noqa: S603

    def forward(number: int, frame: FrameType | None) -> None:
        child.terminate()

    signal.signal(signal.SIGTERM, forward)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch, args=(child,), daemon=True).start()
    return child.wait()


def _watch(child: subprocess.Popen[bytes]) -> None:
    """Wait for the supervisor's end of the pipe to close, then end the whole group, this process included."""
    while os.read(0, 1):
        continue
    child.terminate()
    with suppress(subprocess.TimeoutExpired):
        child.wait(PATIENCE)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
