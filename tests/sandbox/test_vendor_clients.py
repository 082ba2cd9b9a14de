"""The vendors' own clients find nothing amiss: each complete flow, in an environment of its own."""

import fcntl
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.sandbox.conftest import Sandbox, as_base64, picture

pytestmark = pytest.mark.slow

CLIENTS = Path(__file__).parent / "clients"
KEPT = Path(sys.prefix) / "vendor-clients"
RELEASES = ("fal-client==1.0.3", "runware-sdk==1.8.0", "runware==0.5.24")


def environment(release: str) -> Path:
    """The Python that has this client, made once and kept; the test is skipped where no index answers."""
    folder = KEPT / release
    folder.mkdir(parents=True, exist_ok=True)
    with (KEPT / f"{release}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            made = _made(folder, release)
            if made.returncode:
                pytest.skip(f"{release} could not be installed: {made.stderr.strip()[-200:]}")
            (folder / "ready").touch()
    return folder / "bin" / "python"


def _made(folder: Path, release: str) -> "subprocess.CompletedProcess[str]":
    base = [sys.executable, "-m", "venv", "--clear", str(folder)]
    subprocess.run(base, check=True, capture_output=True, timeout=120)
    pip = [str(folder / "bin" / "pip"), "install", "-q", "--retries", "1", "--timeout", "15", release]
    return subprocess.run(pip, capture_output=True, text=True, timeout=300)


def spoken(release: str, script: str, *arguments: str) -> str:
    command = [str(environment(release)), str(CLIENTS / script), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd="/")
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout.strip().splitlines()[-1]


def test_the_client_of_fal(box: Sandbox):
    box.control("accounts", {"protocol": "fal", "name": "sandbox-fal", "slots": 1})
    box.fault(do="job-slow", seconds=0.4, contains="slow")
    photo = picture()
    report: Any = json.loads(spoken("fal-client==1.0.3", "fal_flow.py", box.base, photo.hex()))
    assert report["events"][-1] == "Completed"
    assert report["status"] == "Completed"
    assert (report["images"], report["edited"], report["direct"]) == (1, 1, 2)
    assert report["error"] == {"status": 422, "type": "one_of"}
    assert report["cancelled"] == [499, "client_cancelled"]
    assert report["key"] == 401
    assert [box.http.get(url).content for url in report["uploads"]] == [photo] * 2
    lines = {line["task"]: line for line in box.bill()}
    assert lines[report["request"]]["charged"] == 28_000


def test_the_client_of_fal_orders_ten_times_when_its_answers_are_lost(box: Sandbox):
    box.fault(do="close", when="after", operation="submit", times=0)
    assert spoken("fal-client==1.0.3", "fal_lost.py", box.base)
    assert len(box.bill()) == 10


@pytest.mark.parametrize("transport", ["rest", "websocket"])
def test_the_sdk_of_runware(box: Sandbox, transport: str):
    box.fault(do="job-fails", contains='"fails"', times=0)
    photo = f"data:image/png;base64,{as_base64(picture())}"
    said = spoken("runware-sdk==1.8.0", "runware_sdk_flow.py", box.base, transport, photo)
    report: Any = json.loads(said)
    assert len(set(report["images"])) == 3
    assert report["costs"] == [0.028] * 3
    assert (report["waited"], report["again"], report["edited"]) == (1, 3, 1)
    assert report["balance"] < 1000
    assert report["conflict"] == "validation"
    assert report["key"] == "auth"
    assert report["failed"] == "provider"


def test_the_older_client_of_runware(box: Sandbox, tmp_path: Path):
    box.fault(do="job-fails", contains='"fails"', times=0)
    (tmp_path / "photo.png").write_bytes(picture())
    said = spoken("runware==0.5.24", "runware_old_flow.py", box.base, str(tmp_path / "photo.png"))
    report: Any = json.loads(said)
    assert report["costs"] == [0.028] * 2
    assert all(box.http.get(url).status_code == 200 for url in report["images"])
    assert report["uploaded"]
    assert "provider" in report["failure"]
