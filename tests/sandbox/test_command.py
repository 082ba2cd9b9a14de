"""`manage.py sandbox` as people start it, and where its pictures come from."""

import io
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.running import ROOT, free_port
from tests.sandbox.conftest import Sandbox

pytestmark = pytest.mark.slow
READY = re.compile(r"Sandbox on (http://127\.0\.0\.1:\d+)/_/")


@contextmanager
def started(*arguments: str) -> Iterator[Sandbox]:
    command = [sys.executable, "manage.py", "sandbox", "--port", str(free_port()), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        found = READY.search(process.stdout.readline())
        assert found
        with httpx.Client(trust_env=False, verify=False, timeout=60) as http:
            yield Sandbox(found[1], http)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.wait()


def first_picture(box: Sandbox, **values: str) -> Image.Image:
    submitted = box.fal_submit(**values).json()
    box.fal_ended(submitted)
    url = box.fal("GET", submitted["response_url"]).json()["images"][0]["url"]
    return Image.open(io.BytesIO(box.http.get(url).content)).convert("RGB")


def test_pictures_come_from_a_pool_in_the_size_that_was_asked(tmp_path: Path):
    Image.new("RGB", (320, 180), (10, 200, 30)).save(tmp_path / "wide.png")
    Image.new("RGB", (200, 200), (200, 10, 30)).save(tmp_path / "square.png")
    with started("--pool", str(tmp_path)) as box:
        wide = first_picture(box, aspect_ratio="16:9")
        assert (wide.size, wide.getpixel((700, 400))) == ((1360, 768), (10, 200, 30))
        square = first_picture(box, aspect_ratio="1:1")
        assert (square.size, square.getpixel((500, 500))) == ((1024, 1024), (200, 10, 30))


def test_pictures_are_drawn_when_that_is_asked_for():
    with started("--draw") as box:
        drawn = first_picture(box, prompt="A figure in a street at night", aspect_ratio="3:2")
        assert drawn.size == (1248, 832)
        assert len(drawn.getcolors(1 << 24) or []) > 5000


def test_jobs_take_longer_and_shorter_as_it_is_told():
    with started("--run-ms", "400", "--run-spread", "0.5") as box:
        for submitted in [box.fal_submit().json() for _ in range(8)]:
            box.fal_ended(submitted)
        took = [line["ended_at"] - line["accepted_at"] for line in box.bill()]
    assert 0.2 <= min(took) < 0.4 < max(took)


def test_a_taken_port_and_a_missing_folder_are_said_plainly(tmp_path: Path):
    with started() as box:
        port = box.base.rpartition(":")[2]
        for arguments, sentence in (
            (["--port", port], "The sandbox could not start:"),
            (["--pool", str(tmp_path / "none")], "There is no folder"),
        ):
            command = [sys.executable, "manage.py", "sandbox", *arguments]
            ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
            assert ran.returncode == 1
            assert sentence in ran.stderr
            assert "Traceback" not in ran.stderr
