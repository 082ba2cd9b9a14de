"""Places where tests end a process without warning. Outside tests each is a call that does nothing.

FRAMEHOUSE_FAULT is "name", "name:k" or "name:k:stop": at the k-th passage of that point the process kills
itself, or stops until somebody lets it go on.
"""

import os
import signal

_name, _passage, _how = (*os.environ.get("FRAMEHOUSE_FAULT", "").split(":"), "", "")[:3]
_left = int(_passage or 1)
_signal = signal.SIGSTOP if _how == "stop" else signal.SIGKILL


def faultpoint(name: str) -> None:
    global _left
    if name != _name:
        return
    _left -= 1
    if not _left:
        os.kill(os.getpid(), _signal)
