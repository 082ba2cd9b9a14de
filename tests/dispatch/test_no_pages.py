"""The dispatcher tells where webhooks go and loads no page for that: pages are half of its memory."""

import subprocess
import sys

from tests.running import ROOT

ADDRESS = """
import sys, uuid, django
django.setup()
import studio.management.commands.dispatch
from generations import hooks
assert "/hooks/" in hooks.address(uuid.UUID(int=1), is_loopback=True)
pages = [name for name in sys.modules if ".views." in name and name.startswith(("generations", "gallery"))]
print(*pages, *(name for name in ("PIL", "numpy") if name in sys.modules))
"""


def test_naming_an_address_for_webhooks_loads_neither_pages_nor_pictures() -> None:
    told = subprocess.run([sys.executable, "-c", ADDRESS], cwd=ROOT, capture_output=True, text=True)
    assert (told.returncode, told.stdout.split()) == (0, ["generations.views.hook"]), told.stderr
