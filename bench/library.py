"""The library at 2,000 elements against 50, and its filters and last full page against its first page.

Ratios of one run on one machine; goal: the page of 2,000 <= 1.2 x that of 50, with the same queries.
"""

import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import process_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test import Client

ROOT = Path(__file__).resolve().parent.parent
FEW, MANY = 50, 2000
CARDS = 48
ROUNDS = 40
GOAL = 1.2
FIRST = "/elements/"
FILTERS = {"kind": f"{FIRST}?kind=character", "tag": f"{FIRST}?tag=tag-1", "search": f"{FIRST}?q=prop-1"}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="framehouse-bench-") as folder:
        os.environ["FRAMEHOUSE_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        sys.path.insert(0, str(ROOT))
        measure()


def measure() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from studio import ground
    from tests.elements.filling import fill
    from tests.factories import make_project, make_user

    ground.lay_folders()
    call_command("migrate", verbosity=0)
    user = make_user()
    make_project(owner=user)
    client = Client()
    client.force_login(user)
    fill(FEW)
    client.get(FIRST)  # the session is written once
    few = timed(client, FIRST)
    fill(MANY - FEW)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    many = timed(client, FIRST)
    others = FILTERS | {"deep": f"{FIRST}?before={_deep()}"}
    report(few, many, {name: timed(client, address) for name, address in others.items()})


def timed(client: "Client", address: str) -> tuple[float, int]:
    """Median CPU milliseconds and the queries of a page that is full."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as told:
        answer = client.get(address)
        asked = len(told)
    assert answer.content.decode().count("element-front") == CARDS
    taken = []
    for turn in range(ROUNDS + 3):
        start = process_time()
        assert client.get(address).status_code == 200
        if turn >= 3:
            taken.append((process_time() - start) * 1000)
    return median(taken), asked


def report(few: tuple[float, int], many: tuple[float, int], others: dict[str, tuple[float, int]]) -> None:
    print(f"{'page':<8}{few[0]:7.2f} ms CPU, {few[1]} queries at {FEW} elements")
    print(f"{'page':<8}{many[0]:7.2f} ms CPU, {many[1]} queries at {MANY:,} elements")
    for name, (taken, asked) in others.items():
        print(f"{name:<8}{taken:7.2f} ms CPU, {asked} queries, {taken / many[0]:.2f} x the page")
    print(f"library of {MANY:,} / of {FEW}: {many[0] / few[0]:.2f} x (goal <= {GOAL})")
    if many[0] / few[0] > GOAL or few[1] != many[1]:
        sys.exit("A goal was missed.")


def _deep() -> str:
    """Where the last full page begins."""
    from elements.models import Element
    from generations.cursor import Cursor

    row = Element.objects.order_by("-touched_at", "-pk")[MANY - CARDS - 1]
    return str(Cursor(row.touched_at, row.pk))


if __name__ == "__main__":
    main()
