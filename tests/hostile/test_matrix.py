"""Who reaches what: every route against every kind of person. A route without a row here fails."""

import re

import pytest
from django.db import transaction
from django.test import Client

from accounts.models import User
from tests.hostile import routes
from tests.hostile.calls import CALLS
from tests.hostile.world import ROLES, World, address, call, enter

pytestmark = pytest.mark.django_db

# Which roles in the project open a route; for the owners and admins of the studio all of them are open.
REVIEWERS, MAKERS, PRODUCERS, NOBODY = ROLES, ROLES[1:], ROLES[2:], ()
OF_PROJECT = {
    "projects:settings": PRODUCERS,
    "projects:members": PRODUCERS,
    "projects:member_role": PRODUCERS,
    "projects:remove_member": PRODUCERS,
    "projects:leave": REVIEWERS,
    "projects:delete": PRODUCERS,
    "elements:photo": REVIEWERS,
    "elements:photo_page": REVIEWERS,
    "elements:photo_mark": MAKERS,
    "elements:photo_crop": MAKERS,
    "elements:photo_soften": MAKERS,
    "elements:photo_repair": MAKERS,
    "elements:photo_replace": MAKERS,
    "elements:element": REVIEWERS,
    "elements:used": REVIEWERS,
    "elements:used_again": MAKERS,
    "elements:add_photos": MAKERS,
    "elements:add_pictures": MAKERS,
    "elements:arrange": MAKERS,
    "elements:versions": REVIEWERS,
    "elements:take_back": MAKERS,
    "elements:edit": MAKERS,
    "elements:share": MAKERS,
    "elements:cast_into": MAKERS,
    "elements:cast": REVIEWERS,
    "elements:cast_pick": MAKERS,
    "elements:cast_add": MAKERS,
    "elements:cast_update": MAKERS,
    "elements:cast_remove": MAKERS,
    "elements:export": REVIEWERS,
    "elements:consent": MAKERS,
    "elements:consent_end": MAKERS,
    "elements:consent_document": MAKERS,
    "elements:acts": REVIEWERS,
    "elements:archive": MAKERS,
    "elements:bring_back": MAKERS,
    "elements:merge": PRODUCERS,
    "elements:purge": PRODUCERS,
    "elements:references": MAKERS,
    "elements:pick": MAKERS,
    "elements:picture": REVIEWERS,
    "elements:reference_edit": MAKERS,
    "elements:reference_rename": MAKERS,
    "elements:reference_crop": MAKERS,
    "elements:reference_repair": MAKERS,
    "elements:wanted": MAKERS,
    "generations:composer": REVIEWERS,
    "generations:preview": REVIEWERS,
    "generations:create": MAKERS,
    "generations:strip": REVIEWERS,
    "generations:mentions": MAKERS,
    "generations:split": MAKERS,
    "generations:sending": MAKERS,
    "generations:pasted": MAKERS,
    "generations:live": REVIEWERS,
    "generations:queue": REVIEWERS,
    "generations:detail": REVIEWERS,
    "generations:code": REVIEWERS,
    "generations:cancel": MAKERS,
    "generations:retry": MAKERS,
    "generations:edit": MAKERS,
    "generations:decision": REVIEWERS,
    "generations:series_index": REVIEWERS,
    "generations:series": REVIEWERS,
    "generations:lock": MAKERS,
    "generations:choose": MAKERS,
    "generations:retake": MAKERS,
    "generations:picture": REVIEWERS,
    "gallery:stills": REVIEWERS,
    "gallery:newer": REVIEWERS,
    "gallery:tiles": REVIEWERS,
    "gallery:curate": MAKERS,
    "gallery:undo": MAKERS,
    "gallery:trash": MAKERS,
    "gallery:compare": REVIEWERS,
    "gallery:viewer": REVIEWERS,
    "delivery:download": REVIEWERS,
    "delivery:zip": REVIEWERS,
    "delivery:export": REVIEWERS,
    "delivery:export_dialog": REVIEWERS,
    "delivery:exports": REVIEWERS,
    "delivery:export_progress": REVIEWERS,
    "delivery:export_file": REVIEWERS,
    "delivery:export_cancel": PRODUCERS,
    "delivery:export_retry": PRODUCERS,
    "delivery:export_delete": PRODUCERS,
    "spend:lift": PRODUCERS,
    "routes:project": PRODUCERS,
    "routes:add_to_project": PRODUCERS,
    "routes:policy": PRODUCERS,
    "routes:key": PRODUCERS,
    "routes:state": PRODUCERS,
    "routes:test": PRODUCERS,
    "routes:replace": PRODUCERS,
    "routes:change": PRODUCERS,
    "routes:pause": PRODUCERS,
    "routes:resume": PRODUCERS,
    "routes:reopen": PRODUCERS,
    "routes:remove": PRODUCERS,
}
OF_STUDIO = {
    "studio:health",
    "accounts:people",
    "accounts:invite",
    "accounts:revoke",
    "accounts:role",
    "accounts:deactivate",
    "accounts:reactivate",
    "accounts:forget_second_step",
    "accounts:reset_link",
    "routes:studio",
    "routes:add_to_studio",
    "spend:orphan",
}
# Name nothing that belongs to somebody: each person sees what is theirs.
OF_ONESELF = {
    "home",
    "accounts:preferences",
    "projects:index",
    "projects:new",
    "projects:add_sample",
    "elements:library",
    "elements:tags",
    "elements:moves",
    "generations:queue_all",
    "generations:running",
    "generations:live_all",
    "spend:index",
    "spend:rows_csv",
    "spend:entries_csv",
    "spend:budgets",
}
# For whoever works on any project.
OF_MAKERS = {"elements:new", "elements:stage", "elements:import"}
# A photo that is in no element yet is there for the one who sent it, here the producer.
OF_SENDER = {"elements:staged"}
# A webhook's address is secret and names its attempt; what comes there is only a hint.
OF_EVERYBODY = {"healthz", "readyz", "accounts:first_owner", "accounts:accept", "generations:hook"}
# An admin who is no member has nothing to leave.
NOT_FOR_ADMINS = {"projects:leave"}


def status(world: World, person: User | None, name: str) -> int:
    """What the person is answered; nothing that the call did stays."""
    client = Client(raise_request_exception=False)
    if person is not None:
        enter(world, person, client)
    with transaction.atomic():
        code = call(world, client, name).status_code
        transaction.set_rollback(True)
    return code


def test_every_route_has_a_row_and_a_call():
    names = {route.name for route in routes.ours()}
    assert names == set(OF_PROJECT) | OF_STUDIO | OF_ONESELF | OF_MAKERS | OF_SENDER | OF_EVERYBODY
    assert names == set(CALLS)


def test_pages_left_to_libraries_are_known():
    """Whoever adds a library with pages decides here whether they need rows of their own."""
    foreign = {route.module.split(".")[0] for route in routes.every()} - {
        route.module.split(".")[0] for route in routes.ours()
    }
    assert foreign == {"allauth"}


@pytest.mark.parametrize("name", sorted(OF_PROJECT))
def test_what_a_project_holds_is_there_for_its_roles_alone(world, name):
    allowed = OF_PROJECT[name]
    assert status(world, world.stranger, name) == 404
    for role in ROLES:
        assert status(world, world.outsiders[role], name) == 404, f"{role} of another project"
        code = status(world, world.insiders[role], name)
        assert code < 500
        assert (code == 404) == (role not in allowed), f"{role}: {code}"
    admins = status(world, world.admin, name)
    assert admins < 500
    assert (admins == 404) == (name in NOT_FOR_ADMINS)


@pytest.mark.parametrize("name", sorted(OF_STUDIO))
def test_what_the_studio_holds_is_there_for_admins_alone(world, name):
    for person in (world.stranger, *world.insiders.values()):
        assert status(world, person, name) == 404
    assert status(world, world.admin, name) in (200, 302)


@pytest.mark.parametrize("name", sorted({*OF_PROJECT, *OF_STUDIO, *OF_ONESELF, *OF_MAKERS, *OF_SENDER}))
def test_the_signed_out_are_sent_to_sign_in(world, name):
    answer = call(world, Client(), name)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/login/")
    part = call(world, Client(), name, HX_Request="true")
    assert part.headers["HX-Redirect"].startswith("/account/login/")


@pytest.mark.parametrize("name", sorted(OF_ONESELF))
def test_everybody_who_is_signed_in_has_these(world, name):
    for person in (world.stranger, world.insiders["reviewer"], world.admin):
        assert status(world, person, name) in (200, 302, 204)


@pytest.mark.parametrize("name", sorted(OF_MAKERS))
def test_whoever_works_on_a_project_adds_to_the_library(world, name):
    for person in (world.stranger, world.insiders["reviewer"]):
        assert status(world, person, name) == 404
    for person in (world.insiders["artist"], world.outsiders["producer"], world.admin):
        assert status(world, person, name) in (200, 302)


@pytest.mark.parametrize("name", sorted(OF_SENDER))
def test_what_is_only_sent_is_there_for_its_sender(world, name):
    for person in (world.stranger, world.insiders["artist"], world.outsiders["producer"], world.admin):
        assert status(world, person, name) == 404
    assert status(world, world.insiders["producer"], name) == 200


@pytest.mark.parametrize("name", sorted(OF_EVERYBODY))
def test_nobody_needs_to_sign_in_for_these(world, name):
    assert status(world, None, name) in (200, 404, 503)


@pytest.mark.parametrize("route", [r for r in routes.every() if r.module.startswith(routes.CLOSED_MODULES)])
def test_closed_pages_are_closed_for_all(world, route):
    path = "/" + route.pattern.replace("<str:key>", "x")
    for person in (None, world.stranger, world.admin):
        client = Client()
        if person:
            enter(world, person, client)
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404


@pytest.mark.parametrize("name", sorted(OF_PROJECT))
def test_an_object_that_is_nobodys_is_told_like_one_of_somebody_else(world, name):
    path = address(world, name)
    path = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "00000000-0000-4000-8000-000000000000", path)
    path = path.replace(f"/{world.project.slug}/", "/there-is-none/")
    client = enter(world, world.admin, Client())
    answer = client.post(path) if CALLS[name].method == "POST" else client.get(path)
    assert answer.status_code == 404
