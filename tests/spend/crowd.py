"""Fifty people press at once: `python -m tests.spend.crowd` on the database of the environment.

Prints how many orders were taken, how many a budget refused, and what the ledger holds.
"""

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

PEOPLE = 50
ROOM_FOR = 10


def press_all() -> dict[str, int]:
    """`PEOPLE` orders in as many threads and connections, against a budget with room for `ROOM_FOR`."""
    from django.db import close_old_connections, connections  # noqa: PLC0415 - after django.setup

    from generations import plan  # noqa: PLC0415
    from spend import budgets, ledger  # noqa: PLC0415
    from tests.factories import make_project  # noqa: PLC0415
    from tests.spend.money import paid_intent, price  # noqa: PLC0415

    project = make_project("Crowd", budget_micro_usd=ROOM_FOR * price())
    start = Barrier(PEOPLE)

    def press(_: int) -> bool:
        close_old_connections()
        start.wait(60)
        try:
            plan.start(paid_intent(project))
        except budgets.Exceeded:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(PEOPLE) as crowd:
        taken = list(crowd.map(press, range(PEOPLE)))
    held = ledger.balance(project.pk)
    return {"taken": sum(taken), "refused": taken.count(False), "orders": held.reserved // price()}


def main() -> None:
    import django  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from studio import ground  # noqa: PLC0415

    ground.lay_folders()
    call_command("migrate", verbosity=0)
    sys.stdout.write(json.dumps(press_all()))


if __name__ == "__main__":
    main()
