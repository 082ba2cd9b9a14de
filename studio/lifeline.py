"""What a process asks of the system: to end with its parent, and how its memory is limited and kept."""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
# A 4K picture takes about 600 MB; what wants several times that has gone wrong and must fail alone.
WORKER_MEMORY = 4 * 1024**3
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # <malloc.h> of glibc


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends. Linux only; elsewhere a pipe does."""
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the kernel knew of us
        os._exit(1)


def limit_memory() -> None:
    """Let this process fail alone, with MemoryError, rather than the machine with it."""
    resource.setrlimit(resource.RLIMIT_AS, (WORKER_MEMORY, resource.RLIM_INFINITY))


def keep_memory() -> None:
    """Use freed memory again instead of handing it back: who moves megabytes all the time gets every page of
    them anew from the kernel otherwise. All threads use the same. Only where the C library knows of it.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, 4 * 1024**2)
        mallopt(M_TRIM_THRESHOLD, 16 * 1024**2)
        mallopt(M_ARENA_MAX, 1)
