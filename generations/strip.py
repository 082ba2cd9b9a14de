"""The live strip above the gallery: what is running in a project, and what failed a moment ago."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from generations import batches, pipeline, words
from generations.batches import Batch
from generations.models import Generation, OutputState, State
from projects.models import Project

FAILED_FOR = timedelta(minutes=15)
MOST = 6


@dataclass(frozen=True, slots=True)
class Job:
    """A generation, or a batch as one, in the strip. `kind` is run, wait or bad."""

    uuid: str
    is_batch: bool
    kind: str
    title: str
    where: str
    note: str
    made: int
    count: int
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
    complete = here.annotate(made=made, waits=pipeline.waits_for_disk())
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
    """Where each queued generation stands among all of the studio, from 1."""
    waiting = Generation.objects.filter(state=State.QUEUED).order_by("created_at", "id")
    return {key: place for place, key in enumerate(waiting.values_list("pk", flat=True)[:500], start=1)}


def _job(batch: Batch, places: dict[int, int], may_steer: bool) -> Job:
    made = sum(int(getattr(order, "made", 0)) for order in batch.orders)
    kind, note = "run", f"{made} of {batch.count} ready"
    if batch.state == State.FAILED:
        kind, note = "bad", batch.error or "Failed. Nothing was charged."
    elif any(getattr(order, "waits", False) for order in batch.orders):
        kind, note = "wait", pipeline.WAITING
    elif batch.state == State.QUEUED:
        place = places.get(batch.first.pk)
        kind, note = "wait", f"Queued, position {place}" if place else "Queued"
    return Job(
        uuid=str(batch.first.uuid),
        is_batch=len(batch.orders) > 1,
        kind=kind,
        title=words.pictures(batch.count, series=batch.first.is_series),
        where=f"{words.model(batch.first.model)} · {words.route(batch.first.route)}",
        note=note,
        made=made,
        count=batch.count,
        may_steer=may_steer,
    )
