"""Rows for tests: plain functions with defaults that make sense, one per kind of thing."""

import io
from dataclasses import replace
from functools import cache
from uuid import UUID, uuid4

from PIL import Image

from accounts.models import StudioRole, User
from elements import library, references
from elements.models import Angle, Element, Kind, Photo, Reference
from generations import pipeline, plan, series
from generations.binding import Guide
from generations.models import Generation, Output, Series
from media import intake
from media.models import Blob
from projects.models import Membership, Project, ProjectRole
from providers import catalogue
from spend import budgets
from spend.models import Period

PASSWORD = "correct horse battery"


def make_user(
    email: str = "ana@example.com", role: str = StudioRole.MEMBER, name: str = "", password: str | None = None
) -> User:
    """A user of the studio; without `password` use `client.force_login`, which spares a slow hash."""
    return User.objects.create_user(email, password, name=name, role=role)


def make_project(
    name: str = "Night Market", owner: User | None = None, slug: str = "", budget_micro_usd: int | None = None
) -> Project:
    """A project; `owner` becomes its producer."""
    slug = slug or "-".join(name.lower().split())
    project = Project.objects.create(name=name, slug=slug, created_by=owner)
    budgets.set_limit(project, None, Period.TOTAL, budget_micro_usd)
    if owner is not None:
        make_membership(project, owner, ProjectRole.PRODUCER)
    return project


def make_membership(project: Project, user: User, role: str = ProjectRole.ARTIST) -> Membership:
    return Membership.objects.create(project=project, user=user, role=role)


@cache
def make_picture(
    colour: str = "#806040", size: tuple[int, int] = (128, 72), media_format: str = "PNG"
) -> bytes:
    """The bytes of a small one-coloured picture."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, media_format)
    return file.getvalue()


def make_blob(colour: str = "#806040", size: tuple[int, int] = (128, 72)) -> Blob:
    return intake.store(make_picture(colour, size))


def make_reference(project: Project, colour: str = "#204060", name: str = "plate.png") -> Reference:
    return references.keep(project.pk, make_blob(colour), name, project.created_by)


def make_element(
    handle: str = "mara",
    user: User | None = None,
    project: Project | None = None,
    kind: str = Kind.CHARACTER,
    colours: tuple[str, ...] = ("#c08050",),
    name: str = "",
    people: int | None = 1,
) -> Element:
    """An element, shared unless it has a project; a one-coloured photo per colour, the front first."""
    angles = (Angle.FRONT, Angle.THREE_QUARTER, Angle.PROFILE, Angle.BACK)
    photos = tuple(
        library.NewPhoto(make_blob(colour, (480, 480)), f"{angle}.png", angle, people=people)
        for colour, angle in zip(colours, angles, strict=False)
    )
    new = library.NewElement(handle, name or handle.title(), kind, photos)
    return library.create(new, user, project.pk if project else None)


def make_photo(element: Element, colour: str = "#507090", size: tuple[int, int] = (480, 480)) -> Photo:
    """A photo of the element that is in no version yet."""
    new = library.NewPhoto(make_blob(colour, size), "photo.png", Angle.OTHER)
    return library.add_photo(element, new, element.created_by)


def make_intent(
    project: Project,
    user: User | None = None,
    prompt: str = "A fox crosses wet asphalt",
    count: int = 1,
    endpoint: str = "draft-o3-text",
    series: bool = False,
    seed: int | None = 7,
    guides: tuple[Guide, ...] = (),
    form_key: UUID | None = None,
) -> plan.Intent:
    """An intent for the draft route, 1K 16:9 PNG."""
    return plan.Intent(
        project=project,
        user=user,
        form_key=form_key or uuid4(),
        endpoint=catalogue.endpoint(endpoint),
        prompt=prompt,
        negative_prompt="",
        ratio="16:9",
        resolution="1K",
        count=count,
        series=series,
        media_format="png",
        seed=seed,
        guides=guides,
    )


def make_generation(
    project: Project, user: User | None = None, prompt: str = "A fox crosses wet asphalt", count: int = 1
) -> Generation:
    """A queued generation with its places held."""
    return plan.start(make_intent(project, user, prompt, count))


def make_stored(
    project: Project, user: User | None = None, prompt: str = "A fox crosses wet asphalt", count: int = 1
) -> list[Output]:
    """Stored outputs of one finished batch, first picture first."""
    generation = make_generation(project, user, prompt, count)
    batch = Output.objects.filter(generation__batch=generation.batch).order_by("generation__part", "index")
    for number, output in enumerate(batch):
        held = pipeline.claim(output.pk, "test")
        assert held is not None
        assert pipeline.store(held, make_blob(f"#40{number:02x}80"), "test")
    return list(batch.all())


def make_series(project: Project, user: User | None = None, count: int = 4, style: str = "Noir") -> Series:
    """A series whose panels each show a stored first take."""
    panels = tuple(f"Beat {number}" for number in range(1, count + 1))
    prompt = series.compiled(style, panels)
    intent = replace(make_intent(project, user, prompt, count, series=True), style=style, panels=panels)
    generation = plan.start(intent)
    for output in generation.outputs.order_by("index"):
        held = pipeline.claim(output.pk, "test")
        assert held is not None
        assert pipeline.store(held, make_blob(f"#10{output.index * 16:02x}40"), "test")
    return Series.objects.get(panels__takes__output__generation=generation, panels__position=0)
