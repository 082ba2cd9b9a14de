"""C35-C44: finished pictures that cannot be had, or are none. What was paid is told, never lost quietly."""

import pytest

from generations import horizons
from generations.models import Generation, Output, State
from media import storage
from media.models import Blob
from projects.models import Project
from routes import vault
from tests.dispatch import oracle
from tests.dispatch.hands import ROUTES, fresh, one_of_each, states
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order

NO_PICTURES = ["html", "json", "svg", "empty"]


@pytest.fixture(autouse=True)
def _no_patience(room: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that failed is tried again nearly at once, and given up after eight tries."""
    monkeypatch.setattr(horizons, "FETCH_TRIES", 2)
    monkeypatch.setattr(horizons, "FETCH_AGAIN", horizons.FETCH_AGAIN / 50)


@pytest.mark.parametrize("status", [403, 404, 410, 500])
def test_an_address_that_fails_for_a_while_is_tried_again(
    project: Project, room: Sandbox, status: int
) -> None:
    room.fault("answer", path="*/cdn/files/*", status=status, body="no", times=9)
    orders = one_of_each(project)
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    oracle.check(room)


@pytest.mark.parametrize("do", ["close", "reset", "truncate", "garbage", "half-header"])
def test_a_download_that_breaks_off_is_begun_again(project: Project, room: Sandbox, do: str) -> None:
    room.fault(do, path="*/cdn/files/*", when="after", times=5)
    orders = one_of_each(project)
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    oracle.check(room)


@pytest.mark.parametrize("kind", ["longer", "cut"])
def test_a_file_that_is_cut_is_never_stored(project: Project, room: Sandbox, kind: str) -> None:
    """A length that is not kept to, or half a picture that looks whole on the wire."""
    room.fault("picture", operation="submit", kind=kind, times=0)
    orders = one_of_each(project)
    dispatch_all()
    assert states(orders) == {State.FAILED}
    assert not Blob.objects.exists()
    _paid_and_said(orders)
    oracle.check(room, lost=3)


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_what_is_no_picture_is_put_aside(project: Project, room: Sandbox, kind: str) -> None:
    room.fault("picture", operation="submit", kind=kind, times=0)
    orders = one_of_each(project)
    dispatch_all()
    assert states(orders) == {State.FAILED}
    _paid_and_said(orders)
    assert _in_quarantine(orders) == 3
    oracle.check(room, lost=3)


@pytest.mark.parametrize("kind", ["gzip-bomb", "endless", "pixel-bomb"])
def test_a_bomb_harms_nobody(project: Project, room: Sandbox, kind: str) -> None:
    """It ends its own picture; the one beside it comes."""
    make_key("runware")
    room.fault("picture", operation="submit", kind=kind)
    bomb = order(project, ENDPOINTS["runware"])
    dispatch_all()
    after = order(project, ENDPOINTS["runware"])
    dispatch_all()
    assert [one.state for one in fresh([bomb, after])] == [State.FAILED, State.SUCCEEDED]
    _paid_and_said([bomb])
    oracle.check(room, lost=1)


@pytest.mark.parametrize(
    "where",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/a.png",
        "file:///etc/passwd",
        "https://example.com/a.png",
        "https://[::ffff:169.254.169.254]/a.png",
    ],
)
def test_a_redirect_to_elsewhere_is_not_followed(project: Project, room: Sandbox, where: str) -> None:
    """No connection is tried: the tests' own guard would fail them."""
    room.fault("picture", operation="submit", kind="redirect", body=where, times=0)
    orders = one_of_each(project)
    dispatch_all()
    assert states(orders) == {State.FAILED}
    _paid_and_said(orders)
    oracle.check(room, lost=3)


@pytest.mark.parametrize("where", ["http://169.254.169.254", "https://example.com"])
def test_an_address_elsewhere_is_not_fetched(project: Project, room: Sandbox, where: str) -> None:
    room.fault("link-elsewhere", operation="submit", body=where, times=0)
    orders = one_of_each(project)
    dispatch_all()
    assert states(orders) == {State.FAILED}
    _paid_and_said(orders)
    oracle.check(room, lost=3)


def test_one_bad_picture_of_three_leaves_two(project: Project, room: Sandbox) -> None:
    make_key("fal")
    room.fault("answer", path="*/cdn/files/*", status=503, times=0)
    generation = order(project, ENDPOINTS["fal"], count=3)
    dispatch(lambda: Output.objects.exclude(source="").count() == 3)
    bad = vault.unseal(generation.outputs.get(index=1).source).rpartition("/")[2]
    room.heal()
    room.fault("answer", path=f"*/{bad}", status=200, body="html", times=0)
    dispatch_all()
    assert states([generation]) == {State.PARTIAL}
    oracle.check(room, lost=1)


@pytest.mark.parametrize(("do", "state"), [("fewer", State.PARTIAL), ("same", State.SUCCEEDED)])
def test_pictures_that_are_not_what_was_ordered(
    project: Project, room: Sandbox, do: str, state: State
) -> None:
    """Fewer cost less; the same one four times is kept four times, as one file."""
    room.fault(do, operation="submit", times=0)
    orders = one_of_each(project, count=4)
    dispatch_all()
    assert states(orders) == {state}
    if do == "same":
        assert Blob.objects.count() == 3
    oracle.check(room)


def test_more_pictures_than_ordered_are_kept_and_paid(project: Project, room: Sandbox) -> None:
    room.fault("more", operation="submit", times=0)
    orders = one_of_each(project, count=2)
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    assert {one.outputs.count() for one in orders} == {3}
    oracle.check(room)


def test_pictures_that_trickle_in_come_all(project: Project, room: Sandbox) -> None:
    make_key("runware")
    room.fault("trickle", operation="submit")
    generation = order(project, ENDPOINTS["runware"], count=4)
    dispatch_all()
    assert states([generation]) == {State.SUCCEEDED}
    oracle.check(room)


def test_pictures_that_the_provider_marks_are_marked(project: Project, room: Sandbox) -> None:
    make_key("runware")
    room.fault("nsfw", operation="submit")
    marked = order(project, ENDPOINTS["runware"])
    dispatch_all()
    assert marked.outputs.get().is_flagged
    plain = order(project, ENDPOINTS["runware"])
    dispatch_all()
    assert not plain.outputs.get().is_flagged
    oracle.check(room)


def test_an_expired_address_is_asked_for_anew(project: Project, room: Sandbox) -> None:
    """The address is dead at first; asking again gives the one that holds now."""
    orders = one_of_each(project)
    room.fault("answer", path="*/cdn/files/*", status=410, body="gone", times=12)
    dispatch_all()
    assert states(orders) == {State.SUCCEEDED}
    results = [one for one in room.requests("result") if one["protocol"] == "fal"]
    assert len(results) >= 2
    oracle.check(room)


@pytest.mark.parametrize("route", ROUTES)
def test_what_is_gone_at_the_provider_is_given_up_with_its_number(
    project: Project, room: Sandbox, route: str
) -> None:
    make_key(route)
    room.fault("link-expired", operation="submit")
    generation = order(project, ENDPOINTS[route])
    dispatch_all()
    (now,) = fresh([generation])
    assert now.state == State.FAILED
    assert "paid" in now.error
    assert now.attempts.get().remote_id in " ".join(now.events.values_list("note", flat=True))
    oracle.check(room, lost=1)


def _paid_and_said(orders: list[Generation]) -> None:
    for generation in fresh(orders):
        assert "charged" in generation.error or "paid" in generation.error, generation.error


def _in_quarantine(orders: list[Generation]) -> int:
    folder = storage.arrival("x").parent.parent / "quarantine"
    names = [str(output.uuid) for one in orders for output in one.outputs.all()]
    return len([name for name in names if (folder / name).exists()])
