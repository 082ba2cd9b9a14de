"""What most tests of this folder do."""

import time
from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from generations.models import Generation, State
from projects.models import Project
from routes.models import Credential
from tests.paid import ENDPOINTS, dispatch, make_key, order

ROUTES = sorted(ENDPOINTS)


def one_of_each(project: Project, **changes: Any) -> list[Generation]:
    """An order on every paid route, each with a key."""
    for route in ROUTES:
        make_key(route)
    return [order(project, ENDPOINTS[route], **changes) for route in ROUTES]


def fresh(orders: Iterable[Generation]) -> list[Generation]:
    """The same in the same order, as they stand now."""
    found = Generation.objects.in_bulk([one.pk for one in orders])
    return [found[one.pk] for one in orders]


def states(orders: Iterable[Generation]) -> set[str]:
    return {one.state for one in fresh(orders)}


def work_on_for(seconds: float) -> None:
    end = time.monotonic() + seconds
    dispatch(lambda: time.monotonic() > end)


def nobody_sends() -> bool:
    return not Generation.objects.filter(Q(state=State.SUBMITTING) | Q(lease_until__isnull=False)).exists()


def closed(key: Credential) -> str:
    """Why nothing is sent with this key, empty where it is."""
    return Credential.objects.get(pk=key.pk).closed_why


def all_closed() -> bool:
    return not Credential.objects.filter(closed_why="").exists() and nobody_sends()


def reopen() -> None:
    """As tests of the keys do when they work."""
    Credential.objects.update(closed_until=None, closed_why="", failures=0, works=True)
