"""Keeps a group of child processes running, prefixes their lines, and ends them together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 15.0
CALM = 10.0


@dataclass(frozen=True, slots=True)
class Job:
    """A child by its name in the log and the command that runs it."""

    name: str
    command: list[str]


@dataclass(slots=True)
class _Child:
    job: Job
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)


class Supervisor:
    """Starts every job in a ward of its own and starts it again when it dies."""

    def __init__(self, jobs: list[Job], folder: Path, say: Callable[[str], None]) -> None:
        self._jobs = jobs
        self._folder = folder
        self._say = say
        self._stop = threading.Event()
        self._children: list[_Child] = []

    def stop(self) -> None:
        self._stop.set()

    def run(self) -> None:
        """Blocks until `stop`; on return no child is left."""
        self._children = [self._start(job) for job in self._jobs]
        while not self._stop.wait(0.2):
            self._children = [self._looked_after(child) for child in self._children]
        self._end_all()

    def _looked_after(self, child: _Child) -> _Child:
        code = child.process.poll()
        if code is None:
            return child
        _kill_group(child.process.pid)
        self._say(f"{child.job.name} ended with code {code}; starting it again.")
        # A child that dies at once is not started in a tight loop.
        if time.monotonic() - child.started < CALM:
            self._stop.wait(1.0)
        return self._start(child.job)

    def _start(self, job: Job) -> _Child:
        process = subprocess.Popen(  # noqa: S603 - the commands are our own
            [sys.executable, "-m", "studio.ward", *job.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=self._folder,
        )
        threading.Thread(target=self._relay, args=(job.name, process), daemon=True).start()
        return _Child(job, process)

    def _relay(self, name: str, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._say(f"{name:<10} | {line.decode(errors='replace').rstrip()}")

    def _end_all(self) -> None:
        for child in self._children:
            child.process.terminate()
        deadline = time.monotonic() + PATIENCE
        for child in self._children:
            try:
                child.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._say(f"{child.job.name} did not end in time and was killed.")
            _kill_group(child.process.pid)
            child.process.wait()


def _kill_group(leader: int) -> None:
    """End whatever is left of a ward's session, such as pool processes of a killed worker."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return
