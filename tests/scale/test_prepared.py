"""On PostgreSQL a prepared query is the query that it was composed as, too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import services

pytestmark = [pytest.mark.scale, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]


def test_prepared_queries_hold_on_postgresql_what_they_hold_on_sqlite():
    with services.database() as url:
        env = {**os.environ, "DATABASE_URL": url}
        tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/generations/test_prepared.py"]
        done = subprocess.run([sys.executable, *tests], env=env, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "10 passed" in done.stdout
