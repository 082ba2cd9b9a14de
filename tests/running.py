"""A whole studio run by `manage.py up` in a directory of its own, and its processes, seen from outside."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
OWNER = ("mara@example.com", "a long and quiet night")
START_WITHIN = 150.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Studio:
    """`manage.py up` on `data`; `env` adds to its environment."""

    def __init__(self, data: Path, env: dict[str, str] | None = None) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = data / "up.log"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO_", "PYTEST_"))}
        self.env = {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "studio.settings",
            "FRAMEHOUSE_DATA": str(data),
            "PORT": str(self.port),
            "PYTHONUNBUFFERED": "1",
            **(env or {}),
        }
        self.process: subprocess.Popen[bytes] | None = None
        # One client, without the certificates that would take longer to read than any answer here.
        self._client = httpx.Client(trust_env=False, verify=False, timeout=5)

    def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.wait_ready()

    def wait_ready(self) -> None:
        wait_for(lambda: self.probe("/readyz") == 200, START_WITHIN, lambda: self.log.read_text()[-3000:])

    def probe(self, path: str) -> int:
        """The status of a page, or 0 when nobody answers."""
        try:
            return self._client.get(f"http://127.0.0.1:{self.port}{path}").status_code
        except httpx.HTTPError:
            return 0

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)

    def processes(self) -> dict[int, str]:
        """Every living process on this data directory: pid to command line."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"FRAMEHOUSE_DATA={self.data}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                    command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    if command:
                        found[int(folder.name)] = command
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        return found

    def pids(self, word: str) -> list[int]:
        return [
            pid
            for pid, command in self.processes().items()
            if word in command and "studio.ward" not in command
        ]

    def kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=300)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(
            f"file:{self.data}/framehouse.sqlite3?mode=ro", uri=True, timeout=20
        ) as database:
            return database.execute(query).fetchall()

    def owner_link(self) -> str:
        wait_for(lambda: "/people/first/" in self.log.read_text(), START_WITHIN)
        found = re.search(r"http://\S+/people/first/\S+", self.log.read_text())
        assert found
        return found.group()


@contextmanager
def running(data: Path, env: dict[str, str] | None = None) -> Iterator[Studio]:
    studio = Studio(data, env)
    try:
        studio.start()
        yield studio
    finally:
        if studio.process and studio.process.poll() is None:
            studio.stop()
        for pid in studio.processes():
            studio.kill(pid)


def wait_for(condition: Callable[[], bool], seconds: float, why: Callable[[], str] = str) -> None:
    """Poll `condition` until it is true; fail with what `why` says after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {seconds:.0f} s in vain. {why()}")
        time.sleep(0.1)


class Visitor:
    """A person with a browser's cookies but without a browser, signed in as the owner.

    Each request has a connection of its own: one that was kept may be closed just as it is used again,
    which a browser mends unseen and httpx does not.
    """

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.client = httpx.Client(
            base_url=studio.url,
            trust_env=False,
            verify=False,
            timeout=30,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def become_owner(self) -> None:
        link = self.studio.owner_link()
        self.client.get(link)
        email, password = OWNER
        self.post(link, {"name": "Mara Lind", "email": email, "password": password, "again": password})

    def post(self, path: str, data: dict[str, object]) -> httpx.Response:
        token = self.client.cookies.get("framehouse_csrf") or ""
        return self.client.post(path, data=data, headers={"X-CSRFToken": token})

    def generate(
        self, slug: str, form_key: str, prompt: str, count: int = 1, route: str = "draft"
    ) -> httpx.Response:
        """Press Generate: O3, 1K, 16:9, PNG."""
        form = {
            "form_key": form_key,
            "mode": "still",
            "route": route,
            "model": "o3",
            "prompt": prompt,
            "resolution": "1K",
            "aspect_ratio": "16:9",
            "count": str(count),
            "format": "png",
        }
        return self.post(f"/projects/{slug}/generate", dict(form))

    def generate_surely(
        self, slug: str, form_key: str, prompt: str, count: int = 1, route: str = "draft"
    ) -> None:
        """Press again until somebody answers, as a person would; the form key makes it one intent."""

        def sent() -> bool:
            try:
                return self.generate(slug, form_key, prompt, count, route).status_code == 302
            except httpx.HTTPError:
                return False

        wait_for(sent, 60, self.studio.log.read_text)
