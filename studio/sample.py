"""The sample project The Inheritance: made once, harmless to repeat, deleted in one click."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid5

from django.db import transaction

from accounts.models import User
from elements.models import Reference, ReferenceRole
from generations import plan
from media import intake
from projects.models import Project, ProjectRole
from projects.people import add_member
from providers import catalogue

SLUG = "the-inheritance"
PICTURES = Path(__file__).parent / "sample_pictures"
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


SCENES = (
    Scene(
        "letter",
        "Panel 1: Wide establishing shot, 24mm lens. A lone figure walks toward a dark house on a moor, overcast "
        "dusk, ground mist.\n"
        "Panel 2: Medium shot, 50mm lens. She stands in a panelled room by a tall window, evening light from "
        "the left, dust in the air.\n"
        "Panel 3: Low angle, 35mm lens. She lifts a brass key to the light of a single lamp, deep shadows.\n"
        "Panel 4: Wide shot, 24mm lens. Two figures face each other across the room, cold moonlight through "
        "the window.",
        "16:9",
        4,
        1104,
        series=True,
    ),
    Scene(
        "crossing",
        "Extreme wide establishing shot, 35mm lens. One traveller stands on the crest of a dune, a long shadow "
        "behind her. Desert at golden hour, low sun from the right, wind lifting sand off the ridge.",
        "21:9",
        2,
        311,
        picture="dunes.jpg",
        role=ReferenceRole.PALETTE,
    ),
    Scene(
        "snow",
        "Overhead bird's-eye view, 35mm lens. Two people walk through fresh snow, low sun, long blue shadows, "
        "one line of footprints.",
        "1:1",
        2,
        87,
    ),
    Scene(
        "arrival",
        "Low angle, 24mm lens. A woman in a long coat walks through night rain, mid-stride. Narrow city street, "
        'neon sign "HOTEL MERIDIAN", wet asphalt with reflections, cyan rim light, fog at the far end.',
        "16:9",
        4,
        2209,
    ),
    Scene(
        "laboratory",
        "Medium shot, 50mm lens, f/1.4 shallow depth of field. A chemist in a striped wool dress holds a flask "
        "to the light. 1900s laboratory with tall paned windows, brass and glass on the bench. Single key light "
        "from the window on the left, deep shadows, dust in the air.",
        "16:9",
        4,
        1867,
    ),
)


def make_sample(user: User | None) -> Project:
    """The sample project with `user` as its producer; what is there already stays as it is."""
    project, _ = Project.objects.get_or_create(
        slug=SLUG, defaults={"name": "The Inheritance", "is_sample": True, "created_by": user}
    )
    if user is not None:
        add_member(project, user, ProjectRole.PRODUCER)
    references = {path.name: _reference(project, path, user) for path in sorted(PICTURES.glob("*.jpg"))}
    if not project.generations.exists():
        with transaction.atomic():
            for scene in SCENES:
                plan.start(_intent(project, user, scene, references))
    return project


def _reference(project: Project, path: Path, user: User | None) -> Reference:
    return Reference.objects.get_or_create(
        project_id=project.pk,
        blob=intake.store(path),
        defaults={"name": path.name, "created_by": user},
    )[0]


def _intent(
    project: Project, user: User | None, scene: Scene, references: dict[str, Reference]
) -> plan.Intent:
    guides = (plan.Guide(references[scene.picture], scene.role),) if scene.picture else ()
    return plan.Intent(
        project=project,
        user=user,
        form_key=uuid5(KEYS, f"{project.pk} {scene.name}"),
        endpoint=catalogue.endpoint("draft-o3-image" if guides else "draft-o3-text"),
        prompt=scene.prompt,
        negative_prompt="",
        ratio=scene.ratio,
        resolution="1K",
        count=scene.count,
        series=scene.series,
        media_format="png",
        seed=scene.seed,
        guides=guides,
    )
