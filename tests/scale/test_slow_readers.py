"""On PostgreSQL connections are few: who takes long to read a picture or an archive holds none of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import services

pytestmark = [pytest.mark.scale, pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]
READERS = 40  # more than there are connections
READ = f"""
import threading, django
django.setup()
from django.db import connections
from django.test import Client
from studio import ground
from tests.factories import make_project, make_stored, make_user

ground.lay_folders()
ground.lay_schema()
ana = make_user()
project = make_project(owner=ana)
(still,) = make_stored(project, ana)
connections.close_all()
pages = [f"/outputs/{{still.uuid}}/download", f"/projects/{{project.slug}}/zip?id={{still.uuid}}"]
answers, everybody = [], threading.Barrier({READERS})

def read(page):
    client = Client(HTTP_HOST="localhost", raise_request_exception=False)
    client.force_login(ana)
    connections.close_all()
    answer = client.get(page)
    answers.append((answer.status_code, answer.streaming))
    everybody.wait(20)  # nobody has read a byte yet
    b"".join(answer.streaming_content)

readers = [threading.Thread(target=read, args=(pages[number % 2],)) for number in range({READERS})]
for one in readers:
    one.start()
for one in readers:
    one.join()
print(sorted(set(answers)), len(answers))
"""


def test_who_reads_slowly_keeps_nobody_from_a_connection(tmp_path: Path) -> None:
    with services.database() as url:
        env = {
            **os.environ,
            "FRAMEHOUSE_DATA": str(tmp_path),
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "studio.settings",
        }
        told = subprocess.run(
            [sys.executable, "-c", READ], env=env, cwd=ROOT, capture_output=True, text=True, timeout=180
        )
    assert told.stdout.splitlines()[-1:] == [f"[(200, True)] {READERS}"], told.stderr[-2000:]
