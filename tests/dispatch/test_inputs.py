"""References and elements of an order: handed over once per account, used again, and deleted at the end."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from elements import moving, references
from elements.models import Element, RemoteCopy
from generations import plan
from generations.binding import Guide, Pinned
from generations.models import Attempt, Generation, State
from projects.models import Project
from tests.dispatch import oracle
from tests.factories import make_blob, make_element, make_intent
from tests.paid import Sandbox, dispatch, dispatch_all, make_key

WITH_PICTURE = {"fal": "fal-o3-image", "runware": "runware-o3-image", "kling": "kling-o3-image"}


def order_with_picture(project: Project, user: User, route: str) -> Generation:
    reference = references.keep(project.pk, make_blob("#335577", (640, 480)), "plate.png", user)
    intent = make_intent(
        project,
        user,
        "@ref-plate at dusk",
        endpoint=WITH_PICTURE[route],
        guides=(Guide(reference, "scene", "ref-plate"),),
    )
    return plan.start(replace(intent, seed=None))


def order_with_element(project: Project, user: User, endpoint: str, element: Element) -> Generation:
    assert element.current is not None
    intent = make_intent(project, user, f"@{element.handle} on a pier", endpoint=endpoint)
    pinned = Pinned(element, element.current, element.handle)
    return plan.start(replace(intent, pinned=(pinned,), seed=None))


def all_succeeded() -> bool:
    return set(Generation.objects.values_list("state", flat=True)) == {State.SUCCEEDED}


@pytest.mark.parametrize("route", ["fal", "runware"])
def test_a_reference_is_uploaded_once_per_account(
    project: Project, ana: User, room: Sandbox, route: str
) -> None:
    make_key(route)
    for _ in range(2):
        order_with_picture(project, ana, route)
        dispatch_all()
    assert all_succeeded()
    assert RemoteCopy.objects.filter(route=route).count() == 1
    oracle.check(room)


def test_what_kling_takes_as_data_is_committed_as_a_mark_and_sent_whole(
    project: Project, ana: User, room: Sandbox
) -> None:
    make_key("kling")
    order_with_picture(project, ana, "kling")
    dispatch_all()
    assert all_succeeded()
    committed = str(Attempt.objects.get().body)
    assert "framehouse-file:" in committed
    assert len(committed) < 2000
    assert not RemoteCopy.objects.exists()
    oracle.check(room)


def test_an_element_is_made_at_kling_once_and_used_by_number(
    project: Project, ana: User, room: Sandbox
) -> None:
    make_key("kling")
    element = make_element("mara", ana, colours=("#c08050", "#80c050"))
    for _ in range(2):
        order_with_element(project, ana, "kling-o3-text", element)
        dispatch_all()
    assert all_succeeded()
    copy = RemoteCopy.objects.get(content="mara@1")
    assert copy.element == element
    assert copy.remote_id.isdigit()
    oracle.check(room)


def test_an_element_goes_to_fal_with_its_photos(project: Project, ana: User, room: Sandbox) -> None:
    make_key("fal")
    element = make_element("mara", ana, colours=("#c08050", "#80c050"))
    order_with_element(project, ana, "fal-o3-text", element)
    dispatch_all()
    assert all_succeeded()
    assert RemoteCopy.objects.filter(route="fal").count() == 2
    (sent,) = Attempt.objects.get().body["elements"]
    assert sent["frontal_image_url"] != sent["reference_image_urls"][0]


def test_what_kling_keeps_of_a_purged_element_is_deleted_there(
    project: Project, ana: User, room: Sandbox
) -> None:
    make_key("kling")
    element = make_element("mara", ana, colours=("#c08050", "#80c050"))
    order_with_element(project, ana, "kling-o3-text", element)
    dispatch_all()
    moving.purge(element, ana)
    assert RemoteCopy.objects.filter(forget_at__isnull=False).exists()
    dispatch(lambda: not RemoteCopy.objects.exists())
    assert any("delete" in str(one["path"]) for one in room.requests("element"))


def test_an_upload_that_expired_is_sent_again(project: Project, ana: User, room: Sandbox) -> None:
    make_key("fal")
    order_with_picture(project, ana, "fal")
    dispatch_all()
    first = RemoteCopy.objects.get().remote_id
    RemoteCopy.objects.update(expires_at=timezone.now() - timedelta(days=1))
    order_with_picture(project, ana, "fal")
    dispatch_all()
    assert all_succeeded()
    assert RemoteCopy.objects.get().remote_id != first


@pytest.mark.parametrize("do", ["close", "error"])
def test_an_upload_that_fails_is_tried_again_before_anything_is_sent(
    project: Project, ana: User, room: Sandbox, do: str
) -> None:
    make_key("runware")
    room.fault(do, protocol="runware", operation="upload", times=1, kind="server" if do == "error" else "")
    order_with_picture(project, ana, "runware")
    dispatch_all()
    assert all_succeeded()
    assert Attempt.objects.count() == 1
    oracle.check(room)
