"""The queue: generations of everybody as ready rows, and one generation with its history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db.models import F, Prefetch, QuerySet
from django.db.models.fields.tuple_lookups import TupleLessThan
from django.urls import reverse

from accounts.models import User
from elements.references import Chip, chip
from generations import batches, ordering, pipeline, readings, stopping, text, words
from generations.batches import Batch
from generations.cursor import Cursor
from generations.decisions import AttemptRow, Fact, attempt_rows
from generations.models import Event, Generation, GenerationQuerySet, Output, OutputState, State
from generations.stopping import Stop
from projects.models import Project
from providers import catalogue

SIZE = 50
THUMBNAILS = 4
SHOWN = {
    "all": "All",
    "open": "Running",
    "decide": "Needs a decision",
    "failed": "Failed",
    "done": "Done",
}
STATES = {
    "decide": (State.NEEDS_DECISION,),
    "failed": (State.FAILED, State.PARTIAL),
    "done": (State.SUCCEEDED, State.PARTIAL, State.CANCELLED),
}


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture with the page that shows it; the place held for one has no address, a failed one a reason."""

    address: str
    page: str
    label: str
    reason: str
    is_flagged: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A generation, or the orders of a batch as one.

    `mark` is run, wait, ok, warn or bad; `form_key` is that of a retry. `undecided` is the UUID of the order
    that somebody has to decide about, if there is one.
    """

    uuid: str
    is_batch: bool
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
    stop: Stop | None
    undecided: str
    may_steer: bool
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
class Detail:
    row: Row
    prompt: str
    negative_prompt: str
    facts: tuple[Fact, ...]
    chips: tuple[Chip, ...]
    attempts: tuple[AttemptRow, ...]
    moments: tuple[Moment, ...]
    reading: str
    pictures: tuple[Thumbnail, ...]
    parent: str


def filters(asked: dict[str, str]) -> Filters:
    """Filters from an address; what it does not know is left out."""
    shown = asked.get("state", "")
    return Filters(shown if shown in SHOWN else "all", asked.get("mine") == "1")


def page(user: User, project: Project | None, chosen: Filters, start: Cursor | None) -> Page:
    """SIZE batches that `user` may see, the newest or those below `start`."""
    seen = _chosen(user, project, chosen)
    if start is not None:
        seen = seen.filter(TupleLessThan((F("created_at"), F("id")), (start.at, start.pk)))
    steered = set(Project.objects.worked_on_by(user).values_list("pk", flat=True))
    found = list(seen.order_by("-created_at", "-id")[: SIZE + 1])
    shown = found[:SIZE]
    listed = batches.of(shown, _complete(Generation.objects.all()))
    return Page(
        tuple(_row(batch, batch.first.project_id in steered) for batch in listed),
        Cursor.of(shown[-1]) if len(found) > SIZE else None,
    )


def _chosen(user: User, project: Project | None, chosen: Filters) -> GenerationQuerySet:
    seen = Generation.objects.visible_to(user)
    if project is not None:
        seen = seen.filter(project=project)
    if chosen.mine:
        seen = seen.filter(user=user)
    if chosen.shown == "all":
        return seen.filter(part=0)
    fitting = seen.open() if chosen.shown == "open" else seen.filter(state__in=STATES[chosen.shown])
    return seen.filter(part=0, batch__in=fitting.values("batch"))


def row(generation: Generation, user: User) -> Row:
    steered = Generation.objects.steered_by(user).filter(pk=generation.pk).exists()
    return _row(Batch((_complete(Generation.objects.filter(pk=generation.pk)).get(),)), steered)


def running(user: User) -> int:
    return Generation.objects.visible_to(user).open().count()


def undecided(user: User, project: Project | None) -> int:
    """How many generations wait for a person's decision."""
    seen = Generation.objects.visible_to(user).filter(state=State.NEEDS_DECISION)
    return (seen if project is None else seen.filter(project=project)).count()


def detail(generation: Generation, user: User) -> Detail:
    request = generation.request
    events = generation.events.select_related("output").order_by("pk")
    return Detail(
        row=row(generation, user),
        prompt=generation.prompt,
        negative_prompt=str(request.get("negative_prompt", "")),
        facts=tuple(_facts(generation)),
        chips=tuple(chip(guide.reference, guide.role) for guide in ordering.guides(generation)),
        attempts=attempt_rows(generation),
        moments=tuple(_moment(event) for event in events),
        reading=_reading(generation),
        pictures=tuple(_thumbnail(output) for output in generation.outputs.order_by("index")),
        parent=str(generation.parent.uuid) if generation.parent else "",
    )


def _reading(generation: Generation) -> str:
    """What the draft engine made of the words; empty for other routes."""
    return readings.of(generation) if generation.route == "draft" else ""


def _complete(generations: QuerySet[Generation]) -> QuerySet[Generation]:
    outputs = Output.objects.order_by("index")
    full = generations.select_related("project", "user", "credential").prefetch_related(
        Prefetch("outputs", outputs)
    )
    return full.annotate(waits=pipeline.waits_for_disk())


def _row(batch: Batch, may_steer: bool) -> Row:
    first, outputs = batch.first, batch.outputs
    made = sum(output.state == OutputState.STORED for output in outputs)
    what = words.pictures(batch.count, series=first.is_series)
    orders = f" in {len(batch.orders)} orders" if len(batch.orders) > 1 else ""
    return Row(
        uuid=str(first.uuid),
        is_batch=len(batch.orders) > 1,
        state=batch.state,
        mark=_mark(batch),
        word=_word(batch, made),
        title=f"{what}{orders} · {first.width} × {first.height}",
        prompt=text.excerpt(first.prompt) or "without words",
        where=f"{words.model(first.model)} · {words.route(first.route)}",
        who=first.user.name if first.user else "command line",
        initials=first.user.initials if first.user else "CL",
        project=first.project.name,
        project_slug=first.project.slug,
        started=first.created_at,
        age=words.age(first.created_at),
        cost=words.cost(batch.estimate_micro_usd, batch.cost_micro_usd),
        again_cost=_again_cost(batch),
        why=batch.why,
        thumbnails=tuple(_thumbnail(output) for output in outputs if _is_shown(output))[:THUMBNAILS],
        stop=stopping.offered(batch.orders) if may_steer else None,
        undecided=str(batch.undecided.uuid) if batch.undecided else "",
        may_steer=may_steer,
        may_repeat=may_steer and batch.is_finished,
        form_key=str(uuid4()),
    )


def _word(batch: Batch, made: int) -> str:
    if batch.is_asked_to_stop and batch.state in (State.SUBMITTING, State.SUBMITTED):
        return "Asked to stop…"
    return words.state(batch.state, made, batch.count, batch.first.route)


def _waits(batch: Batch) -> bool:
    return any(getattr(order, "waits", False) for order in batch.orders)


def _mark(batch: Batch) -> str:
    if batch.state in (State.FAILED,):
        return "bad"
    if batch.state in (State.PARTIAL, State.UNKNOWN, State.NEEDS_DECISION):
        return "warn"
    if batch.state == State.SUCCEEDED:
        return "ok"
    if _waits(batch):
        return "warn"
    return "wait" if batch.state in (State.QUEUED, State.CANCELLED) else "run"


def _again_cost(batch: Batch) -> str:
    """What the same request costs today; empty when the catalogue no longer has its endpoint."""
    try:
        row = catalogue.endpoint(batch.first.endpoint)
        return words.price(catalogue.estimate(row, batch.first.resolution, batch.count))
    except (catalogue.UnknownEndpoint, catalogue.NotOffered):
        return ""


def _is_shown(output: Output) -> bool:
    return output.state != OutputState.FAILED and not output.trashed_at


def _thumbnail(output: Output) -> Thumbnail:
    stored = output.state == OutputState.STORED
    return Thumbnail(
        address=words.picture_address(output, "512") if stored else "",
        page=reverse("gallery:viewer", args=[output.uuid]) if stored and not output.trashed_at else "",
        label=_label(output),
        reason=output.error,
        is_flagged=output.is_flagged,
    )


def _label(output: Output) -> str:
    trashed = ", in the trash" if output.trashed_at else ""
    flagged = f": {words.FLAGGED}" if output.is_flagged else ""
    return f"Picture {output.index + 1}{trashed}{flagged}"


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
    yield Fact("Cost", words.cost(generation.estimate_micro_usd, generation.cost_micro_usd))
    if beforehand := stopping.beforehand(generation):
        yield Fact("To stop it", beforehand)


def _moment(event: Event) -> Moment:
    subject = f"Picture {event.output.index + 1}: " if event.output else ""
    moved = event.from_state and event.from_state != event.to_state
    step = f"{event.from_state} → {event.to_state}" if moved else event.to_state
    return Moment(event.at, event.actor, subject + step.replace("_", " "), event.note)
