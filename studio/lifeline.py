"""Ties a process to its parent, so that a killed supervisor leaves nothing running behind it."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends. Linux only; elsewhere a pipe does."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the kernel knew of us
        os._exit(1)
