"""One order end to end, over a bare `fal_client.subscribe` and a download of the same, in the same run.

Goal: <= 1.15 x, from "somebody asks" to "the bytes are safe on this disk". The provider takes 5 s of it.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from inflight import KEY, ROOT, Load, Process, _lay, _order, _studio, sandbox

from tests.sandbox.test_vendor_clients import environment

TIMES = 8
LOAD = Load(rate=1, flight=5, seconds=0)
BARE = f"""
import sys, time, urllib.request
import fal_client
from fal_client import client as constants
base, folder = sys.argv[1:]
constants.QUEUE_URL_FORMAT = base + "/fal/queue/"
client = fal_client.SyncClient(key="{KEY}")
for number in range({TIMES}):
    began = time.time()
    found = client.subscribe("fal-ai/kling-image/o3/text-to-image", arguments={{"prompt": "A boat"}})
    address = found["images"][0]["url"]
    with urllib.request.urlopen(address) as answer, open(f"{{folder}}/{{number}}", "wb") as file:
        file.write(answer.read())
    print(time.time() - began, flush=True)
"""


def bare(base: str) -> list[float]:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "bare.py"
        script.write_text(BARE)
        command = [str(environment("fal-client==1.0.3")), str(script), base, folder]
        ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return [float(line) for line in ran.stdout.split()]


def ours(base: str) -> list[float]:
    with tempfile.TemporaryDirectory(prefix="framehouse-bench-") as data:
        env = {**os.environ, **_studio(data, base)}
        command = [sys.executable, __file__, "--studio"]
        ran = subprocess.run(
            command, env=env, cwd=ROOT, capture_output=True, text=True, check=True, timeout=300
        )
    found: list[float] = json.loads(ran.stdout.splitlines()[-1])
    return found


def studio() -> None:
    """Runs inside the studio's own environment: one order after the other."""
    import django

    django.setup()
    from django.conf import settings

    from generations.models import Output
    from studio import ground

    ground.lay_folders()
    ground.lay_schema()
    ground.lay_epoch()
    project = _lay(8)
    bind = ["--bind", f"127.0.0.1:{settings.PORT}", "--worker-class", "gthread", "--threads", "4"]
    web = Process(["-m", "gunicorn", "studio.wsgi", *bind, "--no-control-socket"], dict(os.environ))
    dispatcher = Process(["manage.py", "dispatch"], dict(os.environ), "Dispatcher is watching")
    time.sleep(3)
    for number in range(1, TIMES + 1):
        _order(project, 1, 1, time.time())
        while Output.objects.exclude(arrived_at=None).count() < number:
            time.sleep(0.01)
    rows = Output.objects.order_by("pk").values_list("created_at", "arrived_at")
    print(json.dumps([(at - asked).total_seconds() for asked, at in rows if at]))
    dispatcher.stop()
    web.stop()


if __name__ == "__main__":
    if "--studio" in sys.argv:
        studio()
    else:
        with sandbox(LOAD) as base:
            theirs, mine = statistics.median(bare(base)), statistics.median(ours(base))
        print(f"fal_client.subscribe and download  {theirs:6.2f} s")
        print(f"Framehouse                         {mine:6.2f} s")
        print(f"ratio                              {mine / theirs:6.3f}  (goal 1.15)")
