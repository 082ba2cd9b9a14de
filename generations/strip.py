"""The live strip above the gallery: what is running in a project, and what failed a moment ago."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import User
from generations import pipeline, words
from generations.models import Generation, OutputState, State
from projects.models import Project

FAILED_FOR = timedelta(minutes=15)
MOST = 6


@dataclass(frozen=True, slots=True)
class Job:
    """One generation in the strip. `kind` is run, wait or bad."""

    uuid: str
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
    here = Generation.objects.filter(project=project).annotate(made=made, waits=pipeline.waits_for_disk())
    running = list(here.open().order_by("created_at", "id")[: 10 * MOST])
    failed = here.filter(state=State.FAILED, finished_at__gt=timezone.now() - FAILED_FOR).order_by("-id")[:2]
    chosen = [*running[:MOST], *failed]
    places = _places() if any(generation.state == State.QUEUED for generation in chosen) else {}
    may_steer = Project.objects.worked_on_by(user).filter(pk=project.pk).exists()
    jobs = tuple(_job(generation, places, may_steer) for generation in chosen)
    return Strip(project.slug, jobs, max(0, len(running) - MOST))


def _places() -> dict[int, int]:
    """Where each queued generation stands among all of the studio, from 1."""
    waiting = Generation.objects.filter(state=State.QUEUED).order_by("created_at", "id")
    return {key: place for place, key in enumerate(waiting.values_list("pk", flat=True)[:500], start=1)}


def _job(generation: Generation, places: dict[int, int], may_steer: bool) -> Job:
    made = int(getattr(generation, "made", 0))
    kind, note = "run", f"{made} of {generation.count} ready"
    if generation.state == State.FAILED:
        kind, note = "bad", generation.error or "Failed. Nothing was charged."
    elif getattr(generation, "waits", False):
        kind, note = "wait", pipeline.WAITING
    elif generation.state == State.QUEUED:
        place = places.get(generation.pk)
        kind, note = "wait", f"Queued, position {place}" if place else "Queued"
    return Job(
        uuid=str(generation.uuid),
        kind=kind,
        title=words.pictures(generation.count, series=generation.is_series),
        where=f"{words.model(generation.model)} · {words.route(generation.route)}",
        note=note,
        made=made,
        count=generation.count,
        may_steer=may_steer,
    )
