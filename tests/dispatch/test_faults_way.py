"""C32: there is no way to the provider: nobody listens, its name means nothing, its certificate is bad.

Nothing was sent, so nothing can have been charged. Orders wait with words that say so, their account is left
alone longer each time, and certificates are checked whatever happens.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import certifi
import pytest
from django.test import override_settings

from generations import horizons
from generations.models import Generation, Outcome, State
from projects.models import Project
from routes.models import Credential
from tests.dispatch import front, oracle
from tests.dispatch.front import Authority, Counted, Paper
from tests.dispatch.hands import ROUTES, closed, fresh, one_of_each, states
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order

BAD = {
    "expired": Paper(-3, -1),
    "of tomorrow": Paper(1, 3),
    "for another address": Paper(address="127.0.0.2"),
    "that nobody vouches for": Paper(is_vouched=False),
}
TRIES = 4
NOWHERE = "nowhere.invalid"


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Whom this machine trusts, and nobody else."""
    found = Authority(tmp_path)
    monkeypatch.setattr(certifi, "where", lambda: str(found.file))
    return found


@pytest.fixture
def _no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a name server would say, which no test asks."""
    known = socket.getaddrinfo

    def asked(host: str | bytes, *rest: object, **more: object) -> object:
        if host in (NOWHERE, NOWHERE.encode()):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return known(host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", asked)


@contextmanager
def _behind(room: Sandbox, authority: Authority, paper: Paper) -> Iterator[Counted]:
    """All paid routes lead to the sandbox by TLS with this paper."""
    with (
        front.standing(room.base, authority.context(paper)) as found,
        override_settings(SANDBOX_URL=found.base),
    ):
        yield found


def test_with_a_good_certificate_an_order_goes_through(
    project: Project, room: Sandbox, authority: Authority
) -> None:
    """So what stops orders in the tests below is the certificate and nothing else."""
    with _behind(room, authority, Paper()) as found:
        orders = one_of_each(project)
        dispatch_all()
    assert found.refused == 0 < found.let_in
    assert states(orders) == {State.SUCCEEDED}
    oracle.check(room)


@pytest.mark.parametrize("paper", BAD)
def test_behind_a_bad_certificate_nothing_is_sent(
    project: Project, room: Sandbox, authority: Authority, paper: str
) -> None:
    orders = one_of_each(project)
    with _behind(room, authority, BAD[paper]) as found:
        dispatch(_all_tried)
    assert found.let_in == 0 < found.refused
    _nothing_was_sent(room, orders)
    dispatch_all()
    _came_after_all(room, orders)


@pytest.mark.usefixtures("_no_names")
def test_at_a_name_that_means_nothing_nothing_is_sent(project: Project, room: Sandbox) -> None:
    orders = one_of_each(project)
    with override_settings(SANDBOX_URL=f"http://{NOWHERE}"):
        dispatch(_all_tried)
    _nothing_was_sent(room, orders)
    dispatch_all()
    _came_after_all(room, orders)


def test_where_nobody_listens_nothing_is_sent(project: Project, room: Sandbox) -> None:
    orders = one_of_each(project)
    with override_settings(SANDBOX_URL="http://127.0.0.1:9"):
        dispatch(_all_tried)
    _nothing_was_sent(room, orders)
    dispatch_all()
    _came_after_all(room, orders)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.usefixtures("_no_names")
def test_many_orders_find_out_together_and_not_each_by_itself(
    project: Project, room: Sandbox, route: str
) -> None:
    """Of ten that wait one at a time is tried, and all come when the way is free again."""
    key = make_key(route)
    orders = [order(project, ENDPOINTS[route], prompt=f"Lighthouse {number}") for number in range(10)]
    first = _tries(key)
    with override_settings(SANDBOX_URL=f"http://{NOWHERE}"):
        dispatch(lambda: _tries(key) > first + 7)
    assert not room.requests("submit")
    assert states(orders) == {State.QUEUED}
    dispatch_all()
    _came_after_all(room, orders)


@pytest.mark.usefixtures("_no_names")
def test_what_is_under_way_when_the_way_breaks_is_fetched_when_it_is_back(
    project: Project, room: Sandbox
) -> None:
    """Asking in vain changes neither an order's state nor its money."""
    room.fault("job-slow", operation="submit", seconds=1.0, times=0)
    orders = one_of_each(project)
    dispatch(lambda: states(orders) == {State.SUBMITTED})
    with override_settings(SANDBOX_URL=f"http://{NOWHERE}"):
        looks = sum(_looks(one) for one in orders)
        dispatch(lambda: sum(_looks(one) for one in orders) >= looks + 6)
        assert states(orders) == {State.SUBMITTED}
        assert {oracle.books(one) for one in fresh(orders)} == {(0, one.estimate_micro_usd) for one in orders}
    dispatch_all()
    _came_after_all(room, orders)


def _all_tried() -> bool:
    return not Credential.objects.filter(failures__lt=TRIES).exists()


def _tries(key: Credential) -> int:
    return Generation.objects.filter(credential=key, attempts__isnull=False).values("attempts").count()


def _looks(generation: Generation) -> int:
    return generation.attempts.get().looks


def _nothing_was_sent(room: Sandbox, orders: list[Generation]) -> None:
    """And the account is left alone for as long as its failures in a row ask for."""
    assert not room.submits()
    assert states(orders) == {State.QUEUED}
    for row in fresh(orders):
        assert row.credential is not None
        assert "cannot be reached" in row.waiting
        assert "Nothing was sent" in row.waiting
        assert "Nothing was sent" in closed(row.credential)
        assert oracle.books(row) == (0, row.estimate_micro_usd)
        assert {attempt.outcome for attempt in row.attempts.all()} == {Outcome.REFUSED}
        _is_left_alone(row.credential)


def _is_left_alone(key: Credential) -> None:
    key.refresh_from_db()
    assert key.works is not False, "the key is not at fault"
    assert key.closed_until is not None
    assert key.last_error_at is not None
    wait = key.closed_until - key.last_error_at
    assert (
        wait == horizons.back_off(horizons.BACK_OFF, key.failures) > horizons.back_off(horizons.BACK_OFF, 1)
    )


def _came_after_all(room: Sandbox, orders: list[Generation]) -> None:
    assert states(orders) == {State.SUCCEEDED}
    assert len(room.bill()) == len(orders)
    assert not Credential.objects.filter(failures__gt=0).exists()
    oracle.check(room)
