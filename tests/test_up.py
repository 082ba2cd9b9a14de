"""`manage.py up`: one studio on one directory and one port, with its secrets kept."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.running import ROOT, Studio, Visitor, running

pytestmark = pytest.mark.slow


class Rehearsal:
    """`manage.py up --sandbox` on a data directory, seen as the studio in the folder below it."""

    def __init__(self, data: Path) -> None:
        self.studio = Studio(data / "sandbox")
        self._env = {**self.studio.env, "FRAMEHOUSE_DATA": str(data)}

    def start(self) -> None:
        self.studio.data.mkdir(parents=True)
        with self.studio.log.open("ab") as log:
            self.studio.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--sandbox"],
                cwd=ROOT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.studio.wait_ready()

    def end(self) -> None:
        if self.studio.process and self.studio.process.poll() is None:
            self.studio.stop()
        for pid in self.studio.processes():
            self.studio.kill(pid)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with running(tmp_path_factory.mktemp("up") / "data") as studio:
        yield studio


def test_probes_answer_without_signing_in(studio: Studio):
    assert (studio.probe("/healthz"), studio.probe("/readyz")) == (200, 200)


def test_an_address_nobody_knows_asks_for_signing_in(studio: Studio):
    assert studio.probe("/projects/") == 302


def test_every_line_of_the_log_names_its_process(studio: Studio):
    lines = [line for line in studio.log.read_text().splitlines() if line.strip()]
    assert any(" web        | " in line for line in lines)
    assert any(" dispatcher | " in line for line in lines)


def test_a_second_studio_on_the_same_data_is_refused_in_one_line(studio: Studio):
    second = studio.manage("up")
    assert second.returncode == 1
    assert "already runs on" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1


def test_a_port_in_use_is_said_in_one_line(studio: Studio, tmp_path: Path):
    other = Studio(tmp_path / "other")
    other.env["PORT"] = str(studio.port)
    refused = other.manage("up")
    assert refused.returncode == 1
    assert f"Port {studio.port} on 127.0.0.1 is not free" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_secrets_are_readable_by_their_owner_only(studio: Studio):
    for path in (studio.data / "secrets").iterdir():
        assert path.stat().st_mode & 0o077 == 0


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    rehearsal = Rehearsal(tmp_path_factory.mktemp("rehearsal") / "data")
    try:
        rehearsal.start()
        yield rehearsal
    finally:
        rehearsal.end()


def test_a_sandbox_studio_has_data_keys_and_a_bill_of_its_own(rehearsal: Rehearsal):
    studio = rehearsal.studio
    assert "Sandbox: no money is spent." in studio.log.read_text()
    assert studio.probe("/healthz") == 200
    keys = studio.rows("SELECT route, name FROM routes_credential ORDER BY route")
    assert keys == [("fal", "Sandbox"), ("kling", "Sandbox"), ("runware", "Sandbox")]
    bill = httpx.get(f"http://127.0.0.1:{studio.port + 100}/_/bill", trust_env=False)
    assert bill.status_code == 200
    visitor = Visitor(studio)
    visitor.become_owner()
    assert "Sandbox: no money is spent" in visitor.client.get("/projects/").text


def test_a_sandbox_studio_ends_with_all_its_processes(rehearsal: Rehearsal):
    assert [
        len(rehearsal.studio.pids(name)) > 0 for name in ("gunicorn", "dispatch", "celery", "sandbox --draw")
    ]
    assert rehearsal.studio.stop() == 0
    assert rehearsal.studio.processes() == {}


def test_a_sandbox_studio_with_a_real_key_does_not_start(rehearsal: Rehearsal):
    rehearsal.end()
    with sqlite3.connect(rehearsal.studio.data / "framehouse.sqlite3") as database:
        database.execute(
            "UPDATE routes_credential SET sealed = 'cannot be read', name = 'Real' WHERE route = 'fal'"
        )
    refused = Studio(rehearsal.studio.data.parent, {"PORT": str(rehearsal.studio.port)}).manage(
        "up", "--sandbox"
    )
    assert refused.returncode == 1
    assert "The key “Real” of fal is not one of the sandbox" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
