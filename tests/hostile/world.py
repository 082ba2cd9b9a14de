"""One project with everything that an address can name, the people around it, and a true call per route."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts import invitations
from accounts.invitations import Offer
from accounts.models import Invitation, StudioRole, User
from delivery.models import Export, ExportState
from elements import consent, staging
from elements.models import Element, Reference, WantedReference
from generations.models import Generation, GenerationElement, Output, Series
from media import documents
from projects.cast import cast
from projects.models import Project, ProjectRole
from spend.models import Budget
from tests.factories import (
    make_blob,
    make_element,
    make_generation,
    make_membership,
    make_picture,
    make_project,
    make_reference,
    make_series,
    make_stored,
    make_user,
)
from tests.hostile import routes

ROLES = (ProjectRole.REVIEWER, ProjectRole.ARTIST, ProjectRole.PRODUCER)
COMPOSED = {
    "mode": "still",
    "route": "draft",
    "model": "o3",
    "prompt": "A fox crosses wet asphalt",
    "resolution": "1K",
    "aspect_ratio": "16:9",
    "count": "1",
    "format": "png",
}


@dataclass(frozen=True, slots=True)
class World:
    """`insiders` have a role in `project`; `outsiders` have the same role in a project of their own."""

    project: Project
    insiders: dict[str, User]
    outsiders: dict[str, User]
    stranger: User
    admin: User
    member: User
    stills: list[Output]
    running: Generation
    series: Series
    reference: Reference
    wanted: WantedReference
    element: Element
    mark: str
    export: Export
    budget: Budget
    invitation: Invitation
    token: str
    sessions: dict[int, str]


@dataclass(frozen=True, slots=True)
class Call:
    """How a route is truly called; `data` may hold the name of something in the world, as "{still}"."""

    method: str = "GET"
    data: Mapping[str, object] = field(default_factory=dict)


CALLS: dict[str, Call] = {
    "healthz": Call(),
    "readyz": Call(),
    "home": Call(),
    "studio:health": Call(),
    "accounts:people": Call(),
    "accounts:first_owner": Call(),
    "accounts:accept": Call(),
    "accounts:preferences": Call(),
    "accounts:invite": Call("POST", {"role": "member"}),
    "accounts:revoke": Call("POST"),
    "accounts:role": Call("POST", {"role": "admin"}),
    "accounts:deactivate": Call("POST"),
    "accounts:reactivate": Call("POST"),
    "accounts:forget_second_step": Call("POST"),
    "accounts:reset_link": Call("POST"),
    "projects:index": Call(),
    "projects:new": Call("POST", {"name": "Harbour"}),
    "projects:add_sample": Call("POST"),
    "projects:settings": Call("POST", {"name": "Taken over"}),
    "projects:members": Call("POST", {"person": "{stranger}", "role": "producer"}),
    "projects:member_role": Call("POST", {"role": "artist"}),
    "projects:remove_member": Call("POST"),
    "projects:leave": Call("POST"),
    "projects:delete": Call("POST", {"typed": "night-market"}),
    "elements:library": Call(),
    "elements:tags": Call(),
    "elements:new": Call(),
    "elements:stage": Call("POST", {"file": "{file}"}),
    "elements:staged": Call(),
    "elements:photo": Call(),
    "elements:photo_page": Call(),
    "elements:photo_mark": Call("POST", {"people": "1"}),
    "elements:photo_crop": Call("POST", {"left": "0", "top": "0", "width": "0.5", "height": "0.5"}),
    "elements:photo_soften": Call("POST"),
    "elements:photo_repair": Call("POST"),
    "elements:photo_replace": Call("POST", {"file": "{file}"}),
    "elements:element": Call(),
    "elements:used": Call(),
    "elements:used_again": Call("POST", {"id": "{stills}"}),
    "elements:add_photos": Call("POST", {"file": "{file}", "angle": "profile"}),
    "elements:add_pictures": Call("POST", {"id": "{stills}"}),
    "elements:arrange": Call("POST", {"photo": "{photo}", "angle": "front"}),
    "elements:versions": Call(),
    "elements:take_back": Call("POST"),
    "elements:edit": Call("POST", {"field": "notes", "value": "Taken over"}),
    "elements:share": Call("POST"),
    "elements:cast_into": Call("POST", {"project": "night-market"}),
    "elements:cast": Call(),
    "elements:cast_pick": Call(),
    "elements:cast_add": Call("POST", {"element": "{element}"}),
    "elements:cast_update": Call("POST"),
    "elements:cast_remove": Call("POST"),
    "elements:moves": Call(),
    "elements:import": Call("POST", {"file": "{parcel}"}),
    "elements:export": Call(),
    "elements:consent": Call("POST", {"state": "attested", "uses": "stills"}),
    "elements:consent_end": Call("POST"),
    "elements:consent_document": Call(),
    "elements:acts": Call(),
    "elements:archive": Call("POST"),
    "elements:bring_back": Call("POST"),
    "elements:merge": Call("POST", {"into": "nobody"}),
    "elements:purge": Call("POST", {"typed": "mara"}),
    "elements:references": Call("POST", {"file": "{file}"}),
    "elements:pick": Call(),
    "elements:picture": Call(),
    "elements:reference_edit": Call(),
    "elements:reference_rename": Call("POST", {"name": "pier"}),
    "elements:wanted": Call(),
    "elements:reference_repair": Call("POST"),
    "elements:reference_crop": Call("POST", {"left": "0", "top": "0", "width": "0.5", "height": "0.5"}),
    "generations:composer": Call(),
    "generations:preview": Call("POST", COMPOSED),
    "generations:create": Call("POST", {**COMPOSED, "form_key": "{key}"}),
    "generations:strip": Call(),
    "generations:mentions": Call("GET", {"q": "m"}),
    "generations:split": Call("POST", {"text": "Panel 1: A. Panel 2: B."}),
    "generations:sending": Call("POST", {**COMPOSED, "form_key": "{key}"}),
    "generations:pasted": Call("POST", {"body": "{}"}),
    "generations:live": Call(),
    "generations:queue": Call(),
    "generations:queue_all": Call(),
    "generations:running": Call(),
    "generations:live_all": Call(),
    "generations:detail": Call(),
    "generations:code": Call(),
    "generations:cancel": Call("POST"),
    "generations:retry": Call("POST", {"form_key": "{key}"}),
    "generations:edit": Call(),
    "generations:decision": Call(),
    "generations:series_index": Call(),
    "generations:series": Call(),
    "generations:lock": Call("POST", {"locked": "1"}),
    "generations:choose": Call("POST", {"output": "{take}"}),
    "generations:retake": Call("POST", {"text": "Beat 1", "form_key": "{key}"}),
    "generations:picture": Call(),
    "gallery:stills": Call(),
    "gallery:newer": Call(),
    "gallery:tiles": Call("GET", {"id": "{still}"}),
    "gallery:curate": Call("POST", {"id": "{still}", "value": "3"}),
    "gallery:undo": Call("POST", {"token": "x"}),
    "gallery:trash": Call(),
    "gallery:compare": Call("GET", {"id": "{stills}"}),
    "gallery:viewer": Call(),
    "delivery:download": Call(),
    "delivery:zip": Call("POST", {"id": "{stills}"}),
    "delivery:export": Call("POST", {"id": "{stills}", "media_format": "png"}),
    "delivery:export_dialog": Call("POST", {"id": "{stills}"}),
    "delivery:exports": Call(),
    "delivery:export_progress": Call(),
    "delivery:export_file": Call(),
    "delivery:export_cancel": Call("POST"),
    "delivery:export_retry": Call("POST"),
    "delivery:export_delete": Call("POST"),
    "spend:index": Call(),
    "spend:rows_csv": Call(),
    "spend:entries_csv": Call(),
    "spend:budgets": Call(),
    "spend:lift": Call("POST"),
}


def make_world() -> World:
    owner = make_user("owner@example.com")
    project = make_project("Night Market", owner)
    insiders: dict[str, User] = {}
    outsiders: dict[str, User] = {}
    for role in ROLES:
        insiders[role] = make_user(f"{role}@example.com")
        make_membership(project, insiders[role], role)
        outsiders[role] = make_user(f"{role}@elsewhere.example.com")
        make_membership(make_project(f"Elsewhere {role}"), outsiders[role], role)
    stranger = make_user("stranger@example.com")
    admin = make_user("admin@example.com", role=StudioRole.ADMIN)
    member = make_user("member@example.com")
    make_membership(project, member)
    stills = make_stored(project, owner, count=2)
    element = make_element("mara", owner, project)
    cast(project, element)
    used = {"generation": stills[0].generation, "element": element, "version": element.current}
    GenerationElement.objects.create(**used, name=element.handle, position=0)
    paper = consent.Paper(documents.store(io.BytesIO(b"%PDF-1.7\n")), "release.pdf")
    consent.record(element, consent.Terms("document", ["stills"], None, "", paper), owner)
    token = invitations.invite(owner, Offer(role=StudioRole.MEMBER)).rpartition("/")[2]
    return World(
        project=project,
        insiders=insiders,
        outsiders=outsiders,
        stranger=stranger,
        admin=admin,
        member=member,
        stills=stills,
        running=make_generation(project, owner, prompt="A heron waits"),
        series=make_series(project, owner, count=2),
        reference=make_reference(project),
        wanted=WantedReference.objects.create(
            project_id=project.pk, url="https://pictures.example/a.png", host="pictures.example"
        ),
        element=element,
        mark=staging.stage(make_blob(), "plate.png", insiders[ProjectRole.PRODUCER]).mark,
        export=Export.objects.create(
            project=project,
            user=owner,
            media_format="png",
            items=[still.pk for still in stills],
            total=2,
            state=ExportState.RUNNING,
        ),
        budget=Budget.objects.create(project=project, period="total", limit_micro_usd=1_000_000),
        invitation=Invitation.objects.get(),
        token=token,
        sessions={
            person.pk: _session(person)
            for person in (*insiders.values(), *outsiders.values(), stranger, admin)
        },
    )


def enter(world: World, person: User, client: Client) -> Client:
    """Sign the person in with the session that the world has for them, which spares the work of a new one."""
    client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[person.pk]
    return client


def address(world: World, name: str) -> str:
    """The address of the route for what the world has."""
    room, _, view = name.rpartition(":")
    of_generations = {
        "picture": world.stills[0].uuid,
        **dict.fromkeys(("series", "lock", "choose", "retake"), world.series.uuid),
    }
    uuid = {
        "elements": _of_the_library(world, view),
        "generations": of_generations.get(view, world.running.uuid),
        "gallery": world.stills[0].uuid,
        "delivery": world.stills[0].uuid if view == "download" else world.export.uuid,
        "accounts": world.invitation.uuid if view == "revoke" else world.member.uuid,
        "projects": world.member.uuid,
        "spend": world.budget.uuid,
    }.get(room)
    known = {
        "slug": world.project.slug,
        "uuid": uuid,
        "act": "rate",
        "number": 1,
        "size": "512",
        "mark": world.mark,
        "token": world.token if view == "accept" else "not-the-token",
    }
    return reverse(name, kwargs={part: known[part] for part in _parts(name)})


def _of_the_library(world: World, view: str) -> object:
    if view.partition("_")[0] == "photo":
        return world.element.photos.order_by("pk")[0].uuid
    if view == "wanted":
        return world.wanted.uuid
    of_reference = view == "picture" or view.startswith("reference_")
    return world.reference.uuid if of_reference else world.element.uuid


def call(world: World, client: Client, name: str, **headers: str) -> HttpResponseBase:
    """Ask as the route is truly asked."""
    asked = CALLS[name]
    data = {key: _filled(world, value) for key, value in asked.data.items()}
    path = address(world, name)
    ask = client.post if asked.method == "POST" else client.get
    answer = ask(path, data, headers=headers)
    let_go(answer)
    return answer


def let_go(answer: HttpResponseBase) -> None:
    """Close a streaming answer as a server would, but keep the test's database connection."""
    request_finished.disconnect(close_old_connections)
    answer.close()
    request_finished.connect(close_old_connections)


def _session(person: User) -> str:
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _parts(name: str) -> list[str]:
    pattern = next(route.pattern for route in routes.ours() if route.name == name)
    return [part.partition(":")[2] for part in pattern.replace(">", "<").split("<")[1::2]]


def _parcel() -> SimpleUploadedFile:
    """An archive with one element, which is not in the library."""
    file = io.BytesIO()
    photos = [{"file": "front.png", "angle": "front"}]
    text = {"format": 1, "handle": "ravi", "name": "Ravi", "kind": "character", "photos": photos}
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("element.json", json.dumps(text))
        made.writestr("front.png", make_picture("#445566", (480, 480)))
    return SimpleUploadedFile("ravi.zip", file.getvalue(), "application/zip")


def _filled(world: World, value: object) -> Any:
    known: dict[str, object] = {
        "{element}": str(world.element.uuid),
        "{photo}": str(getattr(world.element.photos.first(), "uuid", "")),
        "{still}": str(world.stills[0].uuid),
        "{stills}": [str(still.uuid) for still in world.stills],
        "{take}": str(world.series.panels.get(position=0).takes.order_by("pk")[0].output.uuid),
        "{stranger}": str(world.stranger.uuid),
        "{key}": str(uuid4()),
        "{parcel}": _parcel(),
        "{file}": SimpleUploadedFile("plate.png", make_picture("#112233"), "image/png"),
    }
    return known.get(str(value), value)
