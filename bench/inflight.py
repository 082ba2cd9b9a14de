"""A thousand orders in flight at fal's protocol, some forty finishing a second with 2 MB each.

Goals: from "the provider has finished" to "the bytes are safe on this disk and the row says so" p95 <= 150 ms
by webhook, and <= 1.1 x the interval of 2 s by polling alone; the dispatcher takes <= 60 % of a core and
<= 120 MB. Beside it, in the same run, a thread per job that asks every 2 s, as clients of providers do.
Decoding and renditions are the worker's and timed apart (bench/renditions.py), so no worker runs here.

    python bench/inflight.py [--rate 40] [--flight 25] [--seconds 20]
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

if TYPE_CHECKING:
    from django.db.models import Model

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PHOTOS = ROOT.parent / "shared" / "data" / "photos"
KEY = "sandbox-fal:secret"
INTERVAL = 2.0
SPREAD = 0.2  # no provider takes the same time for every job: what was sent together would end together
LEAD = 30.0  # seconds to lay the orders and start the processes before the first order is due


@dataclass(frozen=True, slots=True)
class Load:
    """Orders a second, seconds that each is in flight, and seconds that are measured."""

    rate: float
    flight: float
    seconds: float

    @property
    def warm_up(self) -> float:
        return 3 * self.flight + 10  # until the echo of what was learnt and caught up at the start is over


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of overhead of each job, how many came a second, share of a core, and megabytes at the most."""

    overheads: list[float]
    rate: float
    core: float
    megabytes: float

    def line(self, name: str) -> str:
        ms = sorted(1000 * one for one in self.overheads)
        p50, p95 = statistics.median(ms), ms[int(0.95 * (len(ms) - 1))]
        return (
            f"{name:28} {len(ms):5} finished  p50 {p50:7.0f} ms  p95 {p95:7.0f} ms"
            f"  {self.rate:4.1f} a s  {100 * self.core:4.0f} % of a core"
            f" ({1000 * self.core / max(self.rate, 0.1):.1f} ms each)  {self.megabytes:4.0f} MB"
        )


class Process:
    """A child and what it has used."""

    def __init__(self, arguments: list[str], env: dict[str, str], ready: str = "") -> None:
        self.child = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""
        assert self.child.stdout is not None
        while ready and ready not in self.said:
            line = self.child.stdout.readline()
            if not line:
                raise SystemExit(f"{arguments} ended: {self.said}")
            self.said = line
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self) -> None:
        assert self.child.stdout is not None
        for _ in self.child.stdout:
            pass

    def seconds_used(self) -> float:
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def stop(self) -> None:
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            self.child.kill()


@contextmanager
def sandbox(load: Load) -> Iterator[str]:
    times = f"--run-ms {load.flight * 1000:.0f} --run-spread {SPREAD}"
    more = f"--port 0 --fal-slots 5000 {times}".split()
    pool = ["--pool", str(PHOTOS)] if PHOTOS.is_dir() else []
    running = Process(["manage.py", "sandbox", *more, *pool], dict(os.environ), "Sandbox on")
    try:
        yield running.said.split()[2].removesuffix("/_/")
    finally:
        running.stop()


def ours(load: Load, *, hooks: bool) -> Measured:
    """The dispatcher, with the web process for webhooks or by polling alone."""
    with tempfile.TemporaryDirectory(prefix="framehouse-bench-") as data, sandbox(load) as base:
        out = subprocess.run(
            [
                sys.executable,
                __file__,
                "--studio",
                base,
                "--hooks" if hooks else "--polls",
                *_as_options(load),
            ],
            env={**os.environ, **_studio(data, base)},
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        return Measured(**json.loads(out.stdout.splitlines()[-1]))


def _studio(data: str, base: str) -> dict[str, str]:
    from tests.running import free_port

    return {
        "FRAMEHOUSE_DATA": data,
        "SANDBOX_URL": base,
        "PORT": str(free_port()),
        "DJANGO_SETTINGS_MODULE": "studio.settings",
        "LOG_LEVEL": "WARNING",
    }


def _as_options(load: Load) -> list[str]:
    return [f"--rate={load.rate}", f"--flight={load.flight}", f"--seconds={load.seconds}"]


def studio(base: str, load: Load, *, hooks: bool) -> None:
    """Runs inside the studio's own environment: orders at a steady rate, then what its rows say."""
    import django

    django.setup()
    from django.conf import settings

    from studio import ground

    ground.lay_folders()
    ground.lay_schema()
    ground.lay_epoch()
    project = _lay(int(load.rate * load.flight * 3))
    # Without anybody who listens there, no webhook arrives and polling alone has to do.
    gunicorn = [
        "-m",
        "gunicorn",
        "studio.wsgi",
        "--bind",
        f"127.0.0.1:{settings.PORT}",
        "--worker-class",
        "gthread",
    ]
    web = Process([*gunicorn, "--threads", "16", "--no-control-socket"], dict(os.environ)) if hooks else None
    first = time.time() + LEAD
    _order(project, load.rate, load.warm_up + load.seconds + 2, first)
    dispatcher = Process(["manage.py", "dispatch"], dict(os.environ), "Dispatcher is watching")
    if web:
        _warm(settings.PORT)
    if time.time() > first:
        raise SystemExit("Orders were due before anybody could send them: a burst would be measured.")
    time.sleep(first + load.warm_up - time.time())
    before, began = dispatcher.seconds_used(), time.time()
    time.sleep(load.seconds)
    core = (dispatcher.seconds_used() - before) / (time.time() - began)
    until = time.time()
    time.sleep(INTERVAL * 2)
    found = _overheads(base, began, until - INTERVAL)
    rate = _arrived(began, until) / (until - began)
    print(json.dumps(asdict(Measured(found, rate, core, dispatcher.megabytes()))))
    dispatcher.stop()
    if web:
        web.stop()


def _lay(at_once: int) -> object:
    from projects.models import Project
    from routes import vault
    from routes.models import Credential

    Credential.objects.create(
        route="fal", name="Bench", sealed=vault.seal(KEY), at_once=at_once, allowance=at_once
    )
    return Project.objects.create(name="Bench", slug="bench")


def _warm(port: int) -> None:
    """The first page loads all modules of the web process, which would keep the first webhooks waiting."""
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30):
                return
        except OSError:
            time.sleep(0.2)


def _order(project: object, rate: float, seconds: float, first_due: float) -> None:
    """Orders that come due at a steady rate, all laid beforehand: laying is not measured."""
    from datetime import timedelta
    from uuid import uuid4

    from generations import plan
    from generations.models import Generation, Output
    from generations.plan import Intent
    from projects.models import Project
    from providers import catalogue
    from spend.models import LedgerEntry

    assert isinstance(project, Project)
    row = catalogue.endpoint("fal-o3-text")
    intent = Intent(project, None, uuid4(), row, "Boat 0", "", "16:9", "1K", 1, False, "png", None)
    first = plan.start(intent)
    began = datetime.fromtimestamp(first_due, UTC)
    due = [began + timedelta(seconds=number / rate) for number in range(int(rate * seconds))]
    orders = [_again(first, uuid=uuid4(), form_key=uuid4(), due_at=at) for at in due]
    for made in batched(Generation.objects.bulk_create(orders, batch_size=500), 500, strict=False):
        place, entry = first.outputs.get(), LedgerEntry.objects.get(generation=first.uuid)
        Output.objects.bulk_create(_again(place, uuid=uuid4(), generation=one) for one in made)
        LedgerEntry.objects.bulk_create(_again(entry, generation=one.uuid) for one in made)


def _again[Row: "Model"](row: Row, **changes: object) -> Row:
    """The same row once more, but for these columns."""
    kept = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    del kept["id"]
    again = type(row)(**kept)
    for name, value in changes.items():
        setattr(again, name, value)
    return again


def _overheads(base: str, began: float, until: float) -> list[float]:
    """For jobs that ended in the window: when their bytes were safe, after the provider had finished."""
    from generations.models import Output

    rows = Output.objects.exclude(arrived_at=None).values_list("attempt__remote_id", "arrived_at")
    arrived = {remote: at.timestamp() for remote, at in rows if at}
    found = []
    for task, ended in _ended(base).items():
        if began <= ended <= until:
            found.append(arrived.get(task, time.time()) - ended)
    return found


def _arrived(began: float, until: float) -> int:
    from generations.models import Output

    window = [datetime.fromtimestamp(at, UTC) for at in (began, until)]
    return Output.objects.filter(arrived_at__range=window).count()


def _ended(base: str) -> dict[str, float]:
    with urlopen(f"{base}/_/bill", timeout=30) as answer:
        lines = json.loads(answer.read())["lines"]
    return {line["task"]: line["ended_at"] for line in lines if line["ended_at"]}


def threads(load: Load) -> Measured:
    """A thread per job: submit, ask every two seconds, download, note."""
    with tempfile.TemporaryDirectory() as folder, sandbox(load) as base:
        child = Process([__file__, "--threads", base, folder, *_as_options(load)], dict(os.environ), "warm")
        before, began = child.seconds_used(), time.time()
        time.sleep(load.seconds)
        core = (child.seconds_used() - before) / (time.time() - began)
        until = time.time()
        time.sleep(INTERVAL * 2)
        megabytes = child.megabytes()
        arrived = {path.name: path.stat().st_mtime for path in Path(folder).glob("[!.]*")}
        ended = {task: at for task, at in _ended(base).items() if began <= at <= until - INTERVAL}
        child.child.kill()
        rate = sum(began <= at <= until for at in arrived.values()) / (until - began)
        found = [arrived.get(task, time.time()) - at for task, at in ended.items()]
        return Measured(found, rate, core, megabytes)


def thread_per_job(base: str, folder: str, load: Load) -> None:
    import httpx

    headers = {"authorization": f"Key {KEY}"}
    queue = f"{base}/fal/queue/fal-ai/kling-image/o3/text-to-image"

    def one(number: int) -> None:
        with httpx.Client(trust_env=False, headers=headers, timeout=30) as client:
            body = {"prompt": f"Boat {number}", "num_images": 1}
            urls = client.post(queue, json=body).json()
            while client.get(urls["status_url"]).json()["status"] != "COMPLETED":
                time.sleep(INTERVAL)
            picture = client.get(urls["response_url"]).json()["images"][0]["url"]
            part = Path(folder) / f".{urls['request_id']}"
            part.write_bytes(client.get(picture).content)
            part.rename(Path(folder) / urls["request_id"])

    began, number, is_warm = time.monotonic(), 0, False
    while time.monotonic() < began + load.warm_up + load.seconds + 60:
        threading.Thread(target=one, args=(number,), daemon=True).start()
        number += 1
        if not is_warm and time.monotonic() > began + load.warm_up:
            is_warm = True
            print("warm", flush=True)
        time.sleep(max(0.0, began + number / load.rate - time.monotonic()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=40)
    parser.add_argument("--flight", type=float, default=25)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--studio")
    parser.add_argument("--hooks", action="store_true")
    parser.add_argument("--polls", action="store_true")
    parser.add_argument("--threads", nargs=2)
    given = parser.parse_args()
    load = Load(given.rate, given.flight, given.seconds)
    if given.studio:
        studio(given.studio, load, hooks=given.hooks)
    elif given.threads:
        base, folder = given.threads
        thread_per_job(base, folder, load)
    else:
        print(f"{datetime.now(UTC):%Y-%m-%d}: {load.rate * load.flight:.0f} in flight, {load.rate:.0f} a s.")
        by_thread = threads(load)
        for name, found in (
            ("dispatcher, webhooks", ours(load, hooks=True)),
            ("dispatcher, polling", ours(load, hooks=False)),
        ):
            print(found.line(name))
            print(
                f"{'':28} {found.megabytes / by_thread.megabytes:.2f} x the memory, "
                f"{found.core / by_thread.core:.2f} x the time of threads"
            )
        print(by_thread.line("a thread per job"))


if __name__ == "__main__":
    main()
