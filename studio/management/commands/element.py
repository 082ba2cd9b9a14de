"""`manage.py element`: adds an element from files and lists the library."""

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import StudioRole, User
from accounts.people import RefusedError
from elements import boxes, library
from elements.library import NewElement, NewPhoto
from elements.looks import look
from elements.models import Angle, Element, ElementQuerySet, Kind
from media import intake
from media.facts import Box
from projects.cast import elements_visible_to, may_add_elements
from projects.models import Project, ProjectQuerySet
from studio import ground

NOTHING = "Nothing was made."


class Command(BaseCommand):
    requires_system_checks = []  # those load all pages, which nobody asks for here
    help = "Adds an element to the library, or lists what is in it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        add = acts.add_parser("add", help="make an element from photos")
        add.add_argument("handle", help="how prompts call it, such as mara")
        add.add_argument("--kind", default=Kind.CHARACTER, help=", ".join(Kind.values))
        add.add_argument("--front", required=True, type=Path, metavar="FILE")
        add.add_argument("--angle", action="append", default=[], metavar="ANGLE=FILE")
        add.add_argument("--name", default="", help="what people read; without it, from the handle")
        add.add_argument("--description", default="")
        add.add_argument("--people", type=int, metavar="N", help="people in the front photo")
        add.add_argument("--face", default="", metavar="X,Y,W,H", help="the face that is meant, from 0 to 1")
        shown = acts.add_parser("list", help="what is in the library")
        for parser in (add, shown):
            parser.add_argument("--project", default="", metavar="SLUG", help="without it, the whole studio")
            parser.add_argument("--as", dest="email", metavar="EMAIL", help="without it, the owner")
            parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: object, **options: object) -> None:
        ground.lay_folders()
        ground.lay_schema()
        user = _person(options["email"])
        slug, as_json = str(options["project"]), bool(options["as_json"])
        if options["act"] == "list":
            seen = Project.objects.visible_to(user) if user else Project.objects.all()
            self._list(_listed(user, _project(slug, seen)), as_json=as_json)
        else:
            worked_on = Project.objects.worked_on_by(user) if user else Project.objects.all()
            self._tell(_added(options, user, _project(slug, worked_on)), as_json=as_json)

    def _list(self, elements: ElementQuerySet, *, as_json: bool) -> None:
        rows = [_row(element) for element in elements.order_by("handle")]
        if as_json:
            self.stdout.write(json.dumps(rows, indent=2))
            return
        for row in rows:
            self.stdout.write(f"@{row['handle']}  {row['kind']}  v{row['version']}  {row['name']}")

    def _tell(self, element: Element, *, as_json: bool) -> None:
        row = _row(element)
        text = f"@{row['handle']} is in the library: {row['kind']}, version {row['version']}."
        self.stdout.write(json.dumps(row, indent=2) if as_json else text)


def _added(options: dict[str, object], user: User | None, project: Project | None) -> Element:
    """The element that the options describe, or CommandError with one sentence."""
    if user and not project and not may_add_elements(user):
        raise CommandError(f"{user.email} works on no project and cannot add to the library. {NOTHING}")
    handle = str(options["handle"]).removeprefix("@")
    new = NewElement(
        handle=handle,
        name=str(options["name"]) or handle.replace("-", " ").title(),
        kind=str(options["kind"]),
        photos=_photos(options),
        description=str(options["description"]),
    )
    try:
        return library.create(new, user, project.pk if project else None)
    except RefusedError as refusal:
        raise CommandError(f"{refusal} {NOTHING}") from None


def _photos(options: dict[str, object]) -> tuple[NewPhoto, ...]:
    people, angles = options["people"], options["angle"]
    assert people is None or isinstance(people, int)
    assert isinstance(angles, list)
    if people is not None and people < 0:
        raise CommandError(f"--people is a number from 0 up. {NOTHING}")
    face = _face(str(options["face"]))
    front = _photo(Path(str(options["front"])), Angle.FRONT, people, face)
    return (front, *(_angle(str(told)) for told in angles))


def _angle(told: str) -> NewPhoto:
    """A photo beside the front: "profile=side.jpg"."""
    angle, _, path = told.partition("=")
    if angle not in Angle.values or angle == Angle.FRONT or not path:
        known = ", ".join(value for value in Angle.values if value != Angle.FRONT)
        raise CommandError(f"{told} is not ANGLE=FILE with one of the angles {known}. {NOTHING}")
    return _photo(Path(path), angle, None, None)


def _photo(path: Path, angle: str, people: int | None, face: Box | None) -> NewPhoto:
    try:
        blob = intake.store(path)
    except intake.NotAPicture as error:
        raise CommandError(f"{path.name}: {error} {NOTHING}") from None
    except OSError as error:
        raise CommandError(f"{path.name}: {error.strerror or 'it cannot be read'}. {NOTHING}") from None
    return NewPhoto(blob, intake.clean_name(path.name), angle, people=people, face=face)


def _face(told: str) -> Box | None:
    if not told:
        return None
    try:
        return boxes.read(dict(zip(boxes.SIDES, told.split(","), strict=False)))
    except RefusedError as refusal:
        raise CommandError(f"--face {told}: {refusal} {NOTHING}") from None


def _listed(user: User | None, project: Project | None) -> ElementQuerySet:
    """Living elements; with a project, those that it may use."""
    seen = elements_visible_to(user) if user else Element.objects.all()
    elements = seen.living().select_related("current")
    return elements.seen_from([project.pk]) if project else elements


def _row(element: Element) -> dict[str, object]:
    photos = look(element.current).photos
    return {
        "handle": element.handle,
        "uuid": str(element.uuid),
        "name": element.name,
        "kind": element.kind,
        "version": element.current.number if element.current else None,
        "front": photos[0].photo.blob.sha256 if photos else None,
        "angles": [{"angle": one.angle, "sha256": one.photo.blob.sha256} for one in photos[1:]],
    }


def _person(email: object) -> User | None:
    people = User.objects.filter(is_active=True)
    if email is None:
        return people.filter(role=StudioRole.OWNER).order_by("pk").first()
    person = people.filter(email__iexact=str(email)).first()
    if person is None:
        raise CommandError(f"There is no active account with the address {email}. {NOTHING}")
    return person


def _project(slug: str, projects: ProjectQuerySet) -> Project | None:
    if not slug:
        return None
    project = projects.filter(slug=slug).first()
    if project is None:
        raise CommandError(f"There is no project {slug} to work in. {NOTHING}")
    return project
