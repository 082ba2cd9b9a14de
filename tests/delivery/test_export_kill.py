"""A worker that is killed for real in the middle of an export."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from delivery import orders, results, tasks
from delivery.models import Export, ExportState
from media import storage
from tests.factories import make_project, make_stored, make_user

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
STILLS = 40
WORKER = """
import sys, django
django.setup()
from django.db import connection
from delivery import exporting
connection.settings_dict["NAME"] = sys.argv[1]
exporting.run(int(sys.argv[2]))
"""


def work_elsewhere(export: Export) -> subprocess.Popen[bytes]:
    name = str(connection.settings_dict["NAME"])
    env = {**os.environ, "FRAMEHOUSE_DATA": str(settings.DATA), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    env.pop("PYTEST_XDIST_WORKER", None)  # it works on this directory, not on one of its own
    return subprocess.Popen([sys.executable, "-c", WORKER, name, str(export.pk)], cwd=settings.BASE, env=env)


def done(export: Export) -> int:
    return Export.objects.values_list("done", flat=True).get(pk=export.pk)


def test_a_killed_export_is_finished_by_the_next_worker_without_repeating_work():
    ana = make_user()
    stills = make_stored(make_project(owner=ana), ana, count=STILLS)
    export = orders.start(stills[0].project, ana, stills, "webp", with_sidecars=False)
    worker = work_elsewhere(export)
    while done(export) < 3 and worker.poll() is None:
        time.sleep(0.002)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    made = {path.stem for path in results.folder(export.uuid).glob("*.webp")}
    assert 3 <= len(made) < STILLS

    tasks.export(export.pk)
    assert done(export) < STILLS  # the dead worker's lease still holds
    for output in stills:
        if output.uuid.hex in made and output.blob:
            storage.original(output.blob.sha256).unlink()  # what is made needs no second look at its original
    Export.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    tasks.export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.done, export.fence) == (ExportState.DONE, STILLS, 2)
