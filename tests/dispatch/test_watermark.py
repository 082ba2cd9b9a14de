"""Copies with Kling's watermark: they come after their pictures, or are given up, and change nothing else."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from generations import arrivals, horizons, places, watermarks
from generations.models import Event, Generation, Output, OutputState, State, Twin
from generations.twins import OPEN, TwinState
from media import intake, storage
from media.models import Blob
from projects.models import Project
from tests.dispatch import oracle
from tests.dispatch.hands import fresh
from tests.factories import make_picture
from tests.paid import ENDPOINTS, Sandbox, dispatch, dispatch_all, make_key, order

KLING = ENDPOINTS["kling"]
COPIES = "*/watermark-*"


@pytest.fixture(autouse=True)
def _no_patience(room: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that failed is tried again nearly at once."""
    monkeypatch.setattr(horizons, "FETCH_AGAIN", horizons.FETCH_AGAIN / 50)


def marked(project: Project, **changes: Any) -> Generation:
    make_key("kling")
    return order(project, KLING, watermark=True, **changes)


def decode() -> None:
    for output_id in list(Twin.objects.filter(state=TwinState.ARRIVED).values_list("output", flat=True)):
        arrivals.take_in(output_id)


def bring() -> None:
    """Let dispatcher and worker work until no copy is open any more."""
    dispatch_all(also=decode)
    dispatch(lambda: not Twin.objects.filter(state__in=OPEN).exists(), also=decode)


def picture_is_here(project: Project, room: Sandbox) -> Twin:
    """An order whose picture is stored and whose copy nobody could fetch yet."""
    room.fault("answer", path=COPIES, status=503, times=0)
    marked(project)
    dispatch_all()
    room.heal()
    return again(Twin.objects.get())


def again(twin: Twin) -> Twin:
    """The time of whoever holds it is over."""
    Twin.objects.filter(pk=twin.pk, state__in=OPEN).update(
        due_at=timezone.now() - timedelta(seconds=1), tries=0
    )
    twin.refresh_from_db()
    return twin


def stories(generation: Generation) -> list[str]:
    return [note for note in generation.events.values_list("note", flat=True) if "watermark" in note]


def test_the_copy_comes_after_its_picture_and_counts_as_none(project: Project, room: Sandbox) -> None:
    generation = marked(project, count=2)
    bring()
    (now,) = fresh([generation])
    assert (now.state, now.outputs.count()) == (State.SUCCEEDED, 2)
    assert [twin.state for twin in Twin.objects.all()] == [TwinState.STORED] * 2
    assert Blob.objects.count() == 4
    assert stories(now) == ["Its copy with Kling's watermark is here as well."] * 2
    assert not list(storage.arrival("x").parent.glob("*"))
    oracle.check(room)


def test_the_copy_shows_the_mark_and_the_picture_does_not(project: Project, room: Sandbox) -> None:
    marked(project)
    bring()
    twin = Twin.objects.select_related("blob", "output__blob").get()
    assert twin.blob is not None
    assert twin.output.blob is not None
    corners = [_corner(blob) for blob in (twin.output.blob, twin.blob)]
    assert corners[1] == (0, 0, 0)
    assert corners[0] != corners[1]


def _corner(blob: Blob) -> object:
    with Image.open(io.BytesIO(storage.original(blob.sha256).read_bytes())) as image:
        return image.convert("RGB").getpixel((image.width - 1, image.height - 1))


def test_nobody_who_did_not_ask_gets_one(project: Project, room: Sandbox) -> None:
    make_key("kling")
    generation = order(project, KLING)
    dispatch_all()
    assert "watermark_info" not in generation.attempts.get().body
    assert not Twin.objects.exists()
    oracle.check(room)


@pytest.mark.parametrize(("status", "body"), [(404, "no"), (500, "no"), (200, "html")])
def test_a_copy_that_cannot_be_had_is_given_up_and_harms_nothing(
    project: Project, room: Sandbox, monkeypatch: pytest.MonkeyPatch, status: int, body: str
) -> None:
    monkeypatch.setattr(watermarks, "TRIES", 4)
    room.fault("answer", path=COPIES, status=status, body=body, times=0)
    generation = marked(project)
    bring()
    assert fresh([generation])[0].state == State.SUCCEEDED
    assert Twin.objects.get().state == TwinState.LOST
    (story,) = stories(generation)
    assert story.endswith("The picture is kept, and its price is the same.")
    oracle.check(room)


def test_a_copy_that_fails_for_a_while_comes_later(project: Project, room: Sandbox) -> None:
    room.fault("answer", path=COPIES, status=503, times=2)
    marked(project)
    bring()
    assert Twin.objects.get().state == TwinState.STORED


def test_a_copy_that_the_provider_keeps_no_longer_is_given_up(project: Project, room: Sandbox) -> None:
    twin = picture_is_here(project, room)
    Twin.objects.update(expires_at=timezone.now())
    bring()
    twin.refresh_from_db()
    assert (twin.state, twin.source) == (TwinState.LOST, "")
    assert "the provider has it no more" in Event.objects.filter(note__contains="watermark").get().note


def test_without_its_key_a_copy_is_given_up(project: Project, room: Sandbox) -> None:
    twin = picture_is_here(project, room)
    twin.output.generation.attempts.update(credential=None)
    assert places.to_fetch(timezone.now(), 9) == []
    twin.refresh_from_db()
    assert twin.state == TwinState.LOST


def test_it_is_fetched_later_when_the_dispatcher_is_killed_at_it(project: Project, room: Sandbox) -> None:
    """Killed with the claim in its hands, or with the bytes in place and nothing noted."""
    twin = picture_is_here(project, room)
    (wanted,) = places.to_fetch(timezone.now(), 9)
    assert places.to_fetch(timezone.now(), 9) == []
    storage.arrival(wanted.name).write_bytes(make_picture())
    again(twin)
    bring()
    twin.refresh_from_db()
    assert twin.state == TwinState.STORED
    assert Blob.objects.count() == 2
    oracle.check(room)


def test_who_comes_too_late_writes_nothing(project: Project, room: Sandbox) -> None:
    twin = picture_is_here(project, room)
    (first,) = places.to_fetch(timezone.now(), 9)
    Twin.objects.update(due_at=timezone.now())
    (second,) = places.to_fetch(timezone.now(), 9)
    watermarks.arrived(first.held)
    watermarks.give_up(first.held, "too late")
    twin.refresh_from_db()
    assert twin.state == TwinState.WAITING
    watermarks.arrived(second.held)
    twin.refresh_from_db()
    assert twin.state == TwinState.ARRIVED


def test_it_is_decoded_later_when_the_worker_is_killed_at_it(project: Project, room: Sandbox) -> None:
    twin = picture_is_here(project, room)
    dispatch(lambda: Twin.objects.filter(state=TwinState.ARRIVED).exists())
    assert watermarks.to_decode(twin.output_id)
    again(twin)
    bring()
    twin.refresh_from_db()
    assert twin.state == TwinState.STORED


def test_bytes_that_are_gone_are_fetched_again(project: Project, room: Sandbox) -> None:
    twin = picture_is_here(project, room)
    dispatch(lambda: Twin.objects.filter(state=TwinState.ARRIVED).exists())
    storage.arrival(str(twin.uuid)).unlink()
    bring()
    twin.refresh_from_db()
    assert twin.state == TwinState.STORED


def test_bytes_that_the_disk_damaged_are_fetched_once_more(project: Project, room: Sandbox) -> None:
    twin = picture_is_here(project, room)
    dispatch(lambda: Twin.objects.filter(state=TwinState.ARRIVED).exists())
    storage.arrival(str(twin.uuid)).write_bytes(make_picture()[:60])
    bring()
    twin.refresh_from_db()
    assert twin.state == TwinState.STORED


def test_what_only_looks_like_a_picture_is_given_up_by_the_worker(
    project: Project, room: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = picture_is_here(project, room)

    def refuse(path: Path, *, limit: int) -> Blob:
        raise intake.NotAPicture("It looked like one.")

    monkeypatch.setattr(intake, "store", refuse)
    bring()
    twin.refresh_from_db()
    assert twin.state == TwinState.LOST
    assert not storage.arrival(str(twin.uuid)).exists()
    assert Output.objects.get().state == OutputState.STORED


def test_a_project_that_is_deleted_meanwhile_takes_its_copy_along(project: Project, room: Sandbox) -> None:
    twin = picture_is_here(project, room)
    (wanted,) = places.to_fetch(timezone.now(), 9)
    project.delete()
    watermarks.arrived(wanted.held)
    watermarks.give_up(wanted.held, "nobody wants it")
    arrivals.take_in(twin.output_id)
    assert not Twin.objects.exists()
