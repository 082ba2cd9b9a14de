"""The sample project The Inheritance: made once, harmless to repeat, deleted in one click."""

import tomllib
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import UUID, uuid5

from django.db import transaction

import grammar
from accounts.models import User
from elements import references as library
from elements.library import NewElement, NewPhoto, create
from elements.models import Angle, Element, ElementHandle, Kind, Reference
from generations import plan, series
from generations.binding import Guide, bind
from grammar.mentions import replaced
from media import intake
from projects.cast import cast as join_cast
from projects.models import Project, ProjectRole
from projects.people import add_member
from providers import catalogue

SLUG = "the-inheritance"
FOLDER = Path(__file__).parent / "sample_data"
# Form keys are made from this, so that a second run finds the generations of the first.
KEYS = UUID("5b7a7c1e-7d0e-4c55-9a9e-6f3b0f9d2a11")


@dataclass(frozen=True, slots=True)
class Scene:
    """One generation of the sample: its words, frame and, at most, one reference in a role."""

    name: str
    prompt: str
    ratio: str
    count: int
    seed: int
    series: bool = False
    picture: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Player:
    """An element of the sample's cast, with its one photo; `face` in fractions of it."""

    handle: str
    name: str
    photo: str
    people: int
    face: list[float]
    description: str
    wardrobe: list[str]


def make_sample(user: User | None) -> Project:
    """The sample project with `user` as its producer; what is there already stays as it is."""
    project, _ = Project.objects.get_or_create(
        slug=SLUG, defaults={"name": "The Inheritance", "is_sample": True, "created_by": user}
    )
    if user is not None:
        add_member(project, user, ProjectRole.PRODUCER)
    references = {path.name: _reference(project, path, user) for path in sorted(FOLDER.glob("*.jpg"))}
    if not project.generations.exists():
        players = {player.handle: _element(project, user, player) for player in cast()}
        with transaction.atomic():
            for scene in scenes():
                plan.start(_intent(project, user, scene, references, players))
            for element in players.values():
                join_cast(project, element)
    return project


def scenes() -> list[Scene]:
    with (FOLDER / "scenes.toml").open("rb") as file:
        return [Scene(**row) for row in tomllib.load(file)["scene"]]


def cast() -> list[Player]:
    with (FOLDER / "cast.toml").open("rb") as file:
        return [Player(**row) for row in tomllib.load(file)["element"]]


def _element(project: Project, user: User | None, player: Player) -> Element:
    """The player's element under its handle, or under a numbered one where another project has that."""
    for number in count(1):
        handle = player.handle if number == 1 else f"{player.handle}-{number}"
        known = ElementHandle.objects.filter(handle=handle).select_related("element").first()
        if known is None:
            return _made(project, user, player, handle)
        if known.element.project_id in (None, project.pk):
            return known.element
    raise AssertionError("Numbers do not end.")


def _made(project: Project, user: User | None, player: Player, handle: str) -> Element:
    left, top, width, height = player.face
    front = NewPhoto(
        blob=intake.store(FOLDER / player.photo),
        name=player.photo,
        angle=Angle.FRONT,
        people=player.people,
        face=(left, top, width, height),
    )
    new = NewElement(
        handle=handle,
        name=player.name,
        kind=Kind.CHARACTER,
        photos=(front,),
        description=player.description,
        wardrobe=tuple(player.wardrobe),
    )
    return create(new, user, project.pk)


def _reference(project: Project, path: Path, user: User | None) -> Reference:
    return library.keep(project.pk, intake.store(path), path.name, user)


def _intent(
    project: Project,
    user: User | None,
    scene: Scene,
    references: dict[str, Reference],
    players: dict[str, Element],
) -> plan.Intent:
    guides = (Guide(references[scene.picture], scene.role),) if scene.picture else ()
    style, panels = grammar.split_panels(scene.prompt) if scene.series else ("", ())
    prompt = series.compiled(style, panels) if panels else scene.prompt
    named = replaced(prompt, lambda name: f"@{players[name].handle}")
    bound = bind(project, [named], [], [])
    return plan.Intent(
        project=project,
        user=user,
        form_key=uuid5(KEYS, f"{project.pk} {scene.name}"),
        endpoint=catalogue.endpoint("draft-o3-image" if guides else "draft-o3-text"),
        prompt=bound.texts[0],
        negative_prompt="",
        ratio=scene.ratio,
        resolution="1K",
        count=scene.count,
        series=scene.series,
        media_format="png",
        seed=scene.seed,
        guides=guides,
        pinned=bound.pinned,
        style=style,
        panels=panels,
    )
