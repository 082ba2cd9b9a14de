"""Fifty presses at once against a budget for ten: ten are taken, on either database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import services
from tests.running import ROOT
from tests.spend import crowd

TEN = {"taken": crowd.ROOM_FOR, "refused": crowd.PEOPLE - crowd.ROOM_FOR, "orders": crowd.ROOM_FOR}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ten_of_fifty_are_taken_on_sqlite():
    assert crowd.press_all() == TEN


@pytest.mark.slow
@pytest.mark.scale
def test_ten_of_fifty_are_taken_on_postgresql(tmp_path: Path):
    with services.database() as url:
        env = {**os.environ, "DATABASE_URL": url, "FRAMEHOUSE_DATA": str(tmp_path)}
        env["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        env.pop("PYTEST_XDIST_WORKER", None)
        command = [sys.executable, "-m", "tests.spend.crowd"]
        run = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=240, check=False
        )
        assert run.returncode == 0, run.stderr
        assert json.loads(run.stdout.splitlines()[-1]) == TEN
