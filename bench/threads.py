"""Eight threads with every live stream taken: the probe still answers.

Compares the probe's time with and without the streams in one run; a stream beyond the limit is told to poll.
"""

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from tests.running import Studio, Visitor, running

TABS = 20


def probe(studio: Studio) -> float:
    times = []
    for _ in range(30):
        start = time.perf_counter()
        assert studio.probe("/healthz") == 200
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def hold(visitor: Visitor, seen: list[int], stop: threading.Event) -> None:
    with (
        httpx.Client(
            base_url=visitor.studio.url, cookies=visitor.client.cookies, trust_env=False, timeout=60
        ) as tab,
        tab.stream("GET", "/projects/bench/live") as answer,
    ):
        seen.append(answer.status_code)
        if answer.status_code == 200:
            stop.wait()


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "data", {"WEB_THREADS": "8"}) as studio,
    ):
        visitor = Visitor(studio)
        visitor.become_owner()
        visitor.post("/projects/new", {"name": "Bench"})
        alone = probe(studio)
        seen: list[int] = []
        stop = threading.Event()
        tabs = [threading.Thread(target=hold, args=(visitor, seen, stop), daemon=True) for _ in range(TABS)]
        for tab in tabs:
            tab.start()
        while len(seen) < TABS:
            time.sleep(0.05)
        crowded = probe(studio)
        stop.set()
    print(f"{TABS} tabs on 8 threads: {seen.count(200)} streams, {seen.count(204)} told to poll")
    print(
        f"/healthz {alone * 1000:.1f} ms alone, {crowded * 1000:.1f} ms crowded, ratio {crowded / alone:.2f}"
    )


if __name__ == "__main__":
    main()
