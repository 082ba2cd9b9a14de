"""The sample project The Inheritance: made once, harmless to repeat, deleted in one click."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5

from django.db import transaction

import grammar
from accounts.models import User
from elements import references as library
from elements.models import Reference
from generations import plan, series
from generations.binding import Guide
from media import intake
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


def make_sample(user: User | None) -> Project:
    """The sample project with `user` as its producer; what is there already stays as it is."""
    project, _ = Project.objects.get_or_create(
        slug=SLUG, defaults={"name": "The Inheritance", "is_sample": True, "created_by": user}
    )
    if user is not None:
        add_member(project, user, ProjectRole.PRODUCER)
    references = {path.name: _reference(project, path, user) for path in sorted(FOLDER.glob("*.jpg"))}
    if not project.generations.exists():
        with transaction.atomic():
            for scene in scenes():
                plan.start(_intent(project, user, scene, references))
    return project


def scenes() -> list[Scene]:
    with (FOLDER / "scenes.toml").open("rb") as file:
        return [Scene(**row) for row in tomllib.load(file)["scene"]]


def _reference(project: Project, path: Path, user: User | None) -> Reference:
    return library.keep(project.pk, intake.store(path), path.name, user)


def _intent(
    project: Project, user: User | None, scene: Scene, references: dict[str, Reference]
) -> plan.Intent:
    guides = (Guide(references[scene.picture], scene.role),) if scene.picture else ()
    style, panels = grammar.split_panels(scene.prompt) if scene.series else ("", ())
    return plan.Intent(
        project=project,
        user=user,
        form_key=uuid5(KEYS, f"{project.pk} {scene.name}"),
        endpoint=catalogue.endpoint("draft-o3-image" if guides else "draft-o3-text"),
        prompt=series.compiled(style, panels) if panels else scene.prompt,
        negative_prompt="",
        ratio=scene.ratio,
        resolution="1K",
        count=scene.count,
        series=scene.series,
        media_format="png",
        seed=scene.seed,
        guides=guides,
        style=style,
        panels=panels,
    )
