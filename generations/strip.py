"""The live strip above the gallery: what is running in a project, and what failed a moment ago."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from generations import batches, pipeline, stopping, words
from generations.batches import Batch
from generations.models import Generation, OutputState, State
from generations.stopping import Stop
from projects.models import Project

FAILED_FOR = timedelta(minutes=15)
MOST = 6


@dataclass(frozen=True, slots=True)
class Job:
    """A generation, or a batch as one, in the strip. `kind` is run, wait, warn or bad; `is_counted`: its
    pictures come one by one, so that `made` of `count` says something."""

    uuid: str
    is_batch: bool
    kind: str
    title: str
    where: str
    note: str
    made: int
    count: int
    is_counted: bool
    undecided: str
    stop: Stop | None
    may_steer: bool


@dataclass(frozen=True, slots=True)
class Strip:
    slug: str
    jobs: tuple[Job, ...]
    more: int


def prepare(user: User, project: Project) -> Strip:
    """Running first, oldest first; of failures only recent ones."""
    made = Count("outputs", filter=Q(outputs__state=OutputState.STORED))
    here = Generation.objects.filter(project=project)
    complete = here.select_related("credential").annotate(made=made, waits=pipeline.waits_for_disk())
    begun = here.filter(part=0, batch__in=here.open().values("batch")).order_by("created_at", "id")
    running = list(begun[: 10 * MOST])
    failed = complete.filter(state=State.FAILED, finished_at__gt=timezone.now() - FAILED_FOR)
    chosen = [
        *batches.of(running[:MOST], complete),
        *(Batch((generation,)) for generation in failed.order_by("-id")[:2]),
    ]
    places = _places() if any(batch.state == State.QUEUED for batch in chosen) else {}
    may_steer = Project.objects.worked_on_by(user).filter(pk=project.pk).exists()
    jobs = tuple(_job(batch, places, may_steer) for batch in chosen)
    return Strip(project.slug, jobs, max(0, len(running) - MOST))


def _places() -> dict[int, int]:
    """Where each queued generation stands among all of the studio on its route, from 1."""
    waiting = Generation.objects.filter(state=State.QUEUED).order_by("created_at", "id")
    before: Counter[str] = Counter()
    places = {}
    for key, route in waiting.values_list("pk", "route")[:500]:
        before[route] += 1
        places[key] = before[route]
    return places


def _job(batch: Batch, places: dict[int, int], may_steer: bool) -> Job:
    made = sum(int(getattr(order, "made", 0)) for order in batch.orders)
    return Job(
        uuid=str(batch.first.uuid),
        is_batch=len(batch.orders) > 1,
        kind=_kind(batch),
        title=words.pictures(batch.count, series=batch.first.is_series),
        where=f"{words.model(batch.first.model)} · {words.route(batch.first.route)}",
        note=batch.why or _note(batch, made, places),
        made=made,
        count=batch.count,
        is_counted=batch.state == State.COLLECTING,
        undecided=str(batch.undecided.uuid) if batch.undecided else "",
        stop=stopping.offered(batch.orders) if may_steer else None,
        may_steer=may_steer,
    )


def _kind(batch: Batch) -> str:
    if batch.state == State.FAILED:
        return "bad"
    if batch.state == State.NEEDS_DECISION:
        return "warn"
    waits = any(getattr(order, "waits", False) for order in batch.orders)
    return "wait" if waits or batch.state == State.QUEUED else "run"


def _note(batch: Batch, made: int, places: dict[int, int]) -> str:
    if batch.state == State.FAILED:
        return "Failed. Nothing was charged."
    if batch.state == State.QUEUED:
        place = places.get(batch.first.pk)
        return f"Queued, position {place}" if place else "Queued"
    if batch.state == State.COLLECTING and batch.first.is_drawn:
        return f"{made} of {batch.count} ready"
    return words.state(batch.state, made, batch.count, batch.first.route)
