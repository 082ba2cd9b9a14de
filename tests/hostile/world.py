"""One project with everything that an address can name, and the people around it."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import invitations
from accounts.invitations import Offer
from accounts.models import Invitation, StudioRole, User
from delivery.models import Export, ExportState
from elements import consent, staging
from elements.models import Element, Reference, WantedReference
from generations import hooks
from generations.models import Attempt, Generation, GenerationElement, Outcome, Output, Series
from media import documents
from projects.cast import cast
from projects.models import Project, ProjectRole
from routes.models import Credential
from spend.models import BillLine, Budget
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
from tests.hostile.calls import CALLS
from tests.paid import ENDPOINTS, order
from tests.routes.filling import make_key

ROLES = (ProjectRole.REVIEWER, ProjectRole.ARTIST, ProjectRole.PRODUCER)


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
    line: BillLine
    key: Credential
    attempt: Attempt
    invitation: Invitation
    token: str
    sessions: dict[int, str]


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
        line=BillLine.objects.create(
            credential_id=1, route="fal", remote_id="paid-1", micro_usd=28_000, at=timezone.now()
        ),
        key=make_key("fal", project),
        attempt=_sent(project, owner),
        invitation=Invitation.objects.get(),
        token=token,
        sessions={
            person.pk: _session(person)
            for person in (*insiders.values(), *outsiders.values(), stranger, admin)
        },
    )


def _sent(project: Project, owner: User) -> Attempt:
    """An order that is with Runware, which signs no webhooks."""
    make_key("runware", project)
    return Attempt.objects.create(
        generation=order(project, ENDPOINTS["runware"], owner),
        number=1,
        route="runware",
        outcome=Outcome.ACCEPTED,
        remote_id="task-1",
        body={},
        sent_at=timezone.now(),
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
        "hook": world.attempt.uuid,
    }
    uuid = {
        "elements": _of_the_library(world, view),
        "generations": of_generations.get(view, world.running.uuid),
        "gallery": world.stills[0].uuid,
        "delivery": world.stills[0].uuid if view == "download" else world.export.uuid,
        "accounts": world.invitation.uuid if view == "revoke" else world.member.uuid,
        "projects": world.member.uuid,
        "spend": world.budget.uuid,
        "routes": world.key.uuid,
    }.get(room)
    known = {
        "slug": world.project.slug,
        "uuid": uuid,
        "line": world.line.pk,
        "act": "rate",
        "number": 1,
        "size": "512",
        "mark": world.mark,
        "route": "fal",
        "token": {"accept": world.token, "hook": hooks.token(world.attempt.uuid)}.get(view, "not-the-token"),
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
    if asked.method == "POST":
        answer = client.post(path, data, asked.media_type, headers=headers)
    else:
        answer = client.get(path, data, headers=headers)
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
    known: dict[str, Callable[[], object]] = {
        "{element}": lambda: str(world.element.uuid),
        "{photo}": lambda: str(getattr(world.element.photos.first(), "uuid", "")),
        "{still}": lambda: str(world.stills[0].uuid),
        "{stills}": lambda: [str(still.uuid) for still in world.stills],
        "{take}": lambda: str(world.series.panels.get(position=0).takes.order_by("pk")[0].output.uuid),
        "{stranger}": lambda: str(world.stranger.uuid),
        "{key}": lambda: str(uuid4()),
        "{parcel}": _parcel,
        "{file}": lambda: SimpleUploadedFile("plate.png", make_picture("#112233"), "image/png"),
    }
    return known.get(str(value), lambda: value)()
