"""The queue: generations of everybody as ready rows, and one generation with its history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db.models import F, Prefetch, QuerySet
from django.db.models.fields.tuple_lookups import TupleLessThan
from django.urls import reverse

import grammar
from accounts.models import User
from elements.references import Chip, chip
from generations import ordering, pipeline, text, words
from generations.cursor import Cursor
from generations.models import Event, Generation, GenerationQuerySet, Output, OutputState, State
from projects.models import Project
from providers import catalogue

SIZE = 50
THUMBNAILS = 4
SHOWN = {
    "all": "All",
    "open": "Running",
    "failed": "Failed",
    "done": "Done",
}
STATES = {
    "failed": (State.FAILED, State.PARTIAL, State.UNKNOWN, State.NEEDS_DECISION),
    "done": (State.SUCCEEDED, State.PARTIAL, State.CANCELLED),
}


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture with the page that shows it; the place held for one has no address, a failed one a reason."""

    address: str
    page: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One generation of the queue: `mark` is run, wait, ok, warn or bad; `form_key` is that of a retry."""

    uuid: str
    state: str
    mark: str
    word: str
    title: str
    prompt: str
    where: str
    who: str
    initials: str
    project: str
    project_slug: str
    started: datetime
    age: str
    cost: str
    again_cost: str
    why: str
    thumbnails: tuple[Thumbnail, ...]
    may_cancel: bool
    may_repeat: bool
    form_key: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the queue is shown: a key of SHOWN, and whether only what `user` started."""

    shown: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first. `older` is where the next page begins, None on the last one."""

    rows: tuple[Row, ...]
    older: Cursor | None


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a generation's history."""

    at: datetime
    who: str
    what: str
    note: str


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Detail:
    row: Row
    prompt: str
    negative_prompt: str
    facts: tuple[Fact, ...]
    chips: tuple[Chip, ...]
    moments: tuple[Moment, ...]
    reading: str
    pictures: tuple[Thumbnail, ...]
    parent: str


def filters(asked: dict[str, str]) -> Filters:
    """Filters from an address; what it does not know is left out."""
    shown = asked.get("state", "")
    return Filters(shown if shown in SHOWN else "all", asked.get("mine") == "1")


def page(user: User, project: Project | None, chosen: Filters, start: Cursor | None) -> Page:
    """SIZE generations that `user` may see, the newest or those below `start`."""
    seen = _chosen(user, project, chosen)
    if start is not None:
        seen = seen.filter(TupleLessThan((F("created_at"), F("id")), (start.at, start.pk)))
    steered = set(Project.objects.worked_on_by(user).values_list("pk", flat=True))
    found = list(_complete(seen).order_by("-created_at", "-id")[: SIZE + 1])
    shown = found[:SIZE]
    return Page(
        tuple(_row(generation, generation.project_id in steered) for generation in shown),
        Cursor.of(shown[-1]) if len(found) > SIZE else None,
    )


def _chosen(user: User, project: Project | None, chosen: Filters) -> GenerationQuerySet:
    seen = Generation.objects.visible_to(user)
    if project is not None:
        seen = seen.filter(project=project)
    if chosen.mine:
        seen = seen.filter(user=user)
    if chosen.shown == "open":
        seen = seen.open()
    elif chosen.shown != "all":
        seen = seen.filter(state__in=STATES[chosen.shown])
    return seen


def row(generation: Generation, user: User) -> Row:
    steered = Generation.objects.steered_by(user).filter(pk=generation.pk).exists()
    return _row(_complete(Generation.objects.filter(pk=generation.pk)).get(), steered)


def running(user: User) -> int:
    return Generation.objects.visible_to(user).open().count()


def detail(generation: Generation, user: User) -> Detail:
    request = generation.request
    events = generation.events.select_related("output").order_by("pk")
    return Detail(
        row=row(generation, user),
        prompt=generation.prompt,
        negative_prompt=str(request.get("negative_prompt", "")),
        facts=tuple(_facts(generation)),
        chips=tuple(chip(guide.reference, guide.role) for guide in ordering.guides(generation)),
        moments=tuple(_moment(event) for event in events),
        reading=_reading(generation),
        pictures=tuple(_thumbnail(output) for output in generation.outputs.order_by("index")),
        parent=str(generation.parent.uuid) if generation.parent else "",
    )


def _reading(generation: Generation) -> str:
    """What the draft engine made of the words; empty for other routes."""
    if generation.route != "draft":
        return ""
    return text.excerpt(grammar.describe(grammar.read(generation.prompt)), 400)


def _complete(generations: QuerySet[Generation]) -> QuerySet[Generation]:
    outputs = Output.objects.order_by("index")
    full = generations.select_related("project", "user").prefetch_related(Prefetch("outputs", outputs))
    return full.annotate(waits=pipeline.waits_for_disk())


def _row(generation: Generation, may_steer: bool) -> Row:
    outputs = list(generation.outputs.all())
    made = sum(output.state == OutputState.STORED for output in outputs)
    what = words.pictures(generation.count, series=generation.is_series)
    return Row(
        uuid=str(generation.uuid),
        state=generation.state,
        mark=_mark(generation),
        word=words.state(generation, made),
        title=f"{what} · {generation.width} × {generation.height}",
        prompt=text.excerpt(generation.prompt) or "without words",
        where=f"{words.model(generation.model)} · {words.route(generation.route)}",
        who=generation.user.name if generation.user else "command line",
        initials=generation.user.initials if generation.user else "CL",
        project=generation.project.name,
        project_slug=generation.project.slug,
        started=generation.created_at,
        age=words.age(generation.created_at),
        cost=words.cost(generation),
        again_cost=_again_cost(generation),
        why=generation.error or (pipeline.WAITING if _waits(generation) else ""),
        thumbnails=tuple(_thumbnail(output) for output in outputs if _is_shown(output))[:THUMBNAILS],
        may_cancel=may_steer and generation.state in (State.QUEUED, State.COLLECTING),
        may_repeat=may_steer and generation.is_finished,
        form_key=str(uuid4()),
    )


def _waits(generation: Generation) -> bool:
    return bool(getattr(generation, "waits", False))


def _mark(generation: Generation) -> str:
    if generation.state in (State.FAILED,):
        return "bad"
    if generation.state in (State.PARTIAL, State.UNKNOWN, State.NEEDS_DECISION):
        return "warn"
    if generation.state == State.SUCCEEDED:
        return "ok"
    if _waits(generation):
        return "warn"
    return "wait" if generation.state in (State.QUEUED, State.CANCELLED) else "run"


def _again_cost(generation: Generation) -> str:
    """What the same request costs today; empty when the catalogue no longer has its endpoint."""
    try:
        row = catalogue.endpoint(generation.endpoint)
        return words.price(catalogue.estimate(row, generation.resolution, generation.count))
    except (catalogue.UnknownEndpoint, catalogue.NotOffered):
        return ""


def _is_shown(output: Output) -> bool:
    return output.state != OutputState.FAILED and not output.trashed_at


def _thumbnail(output: Output) -> Thumbnail:
    stored = output.state == OutputState.STORED
    return Thumbnail(
        address=reverse("generations:picture", args=[output.uuid, "512"]) if stored else "",
        page=reverse("gallery:viewer", args=[output.uuid]) if stored and not output.trashed_at else "",
        label=f"Picture {output.index + 1}{', in the trash' if output.trashed_at else ''}",
        reason=output.error,
    )


def _facts(generation: Generation) -> Iterable[Fact]:
    request = generation.request
    yield Fact("Model", words.model(generation.model))
    yield Fact("Route", words.route(generation.route))
    yield Fact("Endpoint", generation.endpoint)
    yield Fact("Pictures", words.pictures(generation.count, series=generation.is_series))
    yield Fact("Size", f"{generation.width} × {generation.height} px, {generation.resolution}")
    yield Fact("Ratio", str(request.get("aspect_ratio", "")))
    yield Fact("Format", generation.media_format.upper())
    drawn = "" if request.get("seed") is not None else " (by chance)"
    yield Fact("Seed", f"{generation.seed}{drawn}")
    yield Fact("Cost", words.cost(generation))


def _moment(event: Event) -> Moment:
    subject = f"Picture {event.output.index + 1}: " if event.output else ""
    step = f"{event.from_state} → {event.to_state}" if event.from_state else event.to_state
    return Moment(event.at, event.actor, subject + step.replace("_", " "), event.note)
