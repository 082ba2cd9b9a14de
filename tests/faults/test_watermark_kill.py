"""A studio whose processes are killed while they fetch a copy with the watermark has it in the end."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import server
from sandbox.options import Options
from tests.paid import KEYS, Sandbox
from tests.running import ROOT, Studio, Visitor, running, wait_for

pytestmark = pytest.mark.slow
SCALE = "0.02"
SLOWLY = 15.0
TWINS = "SELECT state, tries FROM generations_twin"


def order(studio: Studio, *arguments: str) -> "subprocess.Popen[str]":
    asked = ["--project", "kills", "--route", "kling", "--prompt", "A pier", "--watermark", "--json"]
    return subprocess.Popen(
        [sys.executable, "manage.py", "generate", *asked, *arguments],
        cwd=ROOT,
        env=studio.env,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_killed_studio_fetches_the_copy_later(tmp_path: Path) -> None:
    with server.running(Options()) as base:
        env = {"HORIZON_SCALE": SCALE, "SANDBOX_URL": base}
        with running(tmp_path / "data", env) as studio:
            visitor = Visitor(studio)
            visitor.become_owner()
            visitor.post("/projects/new", {"name": "Kills"})
            (tmp_path / "key").write_text(KEYS["kling"])
            added = studio.manage("route", "add", "kling", "--key-file", str(tmp_path / "key"))
            assert added.returncode == 0, added.stderr
            _kill_and_wait(studio, Sandbox(base), tmp_path / "out")


def _kill_and_wait(studio: Studio, room: Sandbox, out: Path) -> None:
    room.fault("slow", path="*/watermark-*", seconds=SLOWLY, times=0)
    command = order(studio, "--out", str(out))
    wait_for(lambda: studio.rows(TWINS) == [("waiting", 1)], 60, lambda: studio.log.read_text()[-3000:])
    for pid in studio.pids("dispatch") + studio.pids("celery"):
        studio.kill(pid)
    room.heal()
    told = json.loads(command.communicate(timeout=120)[0])
    (row,) = told["outputs"]
    assert told["state"] == "succeeded"
    assert Path(row["watermark"]).name == f"{Path(row['path']).stem}.watermark.png"
    assert studio.rows("SELECT state FROM generations_twin") == [("stored",)]
    assert [line["charged"] for line in room.bill()] == [28_000]
