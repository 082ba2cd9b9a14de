"""Paid orders as they stand after a sending: real rows by the functions that the dispatcher calls."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from generations import attempts, horizons, pipeline, results, tickets, unknowns
from generations.models import Attempt, Generation, Output, State
from media.models import Blob
from projects.models import Project
from providers.base import Accepted, Body, Progress, RemotePicture, Stage, Unclear
from routes.models import Credential
from tests.paid import ENDPOINTS, make_key, order


def queued(project: Project, user: User | None = None, route: str = "fal", count: int = 4) -> Generation:
    """An order that nothing was sent for; the key is made where there is none."""
    if not Credential.objects.filter(route=route).exists():
        make_key(route)
    return order(project, ENDPOINTS[route], user, count=count)


def sending(
    project: Project, user: User | None = None, route: str = "fal", count: int = 4
) -> tuple[Generation, attempts.Sending]:
    generation = queued(project, user, route, count)
    return generation, send(generation)


def send(generation: Generation) -> attempts.Sending:
    """One more attempt of a queued order, its answer still to come."""
    generation.refresh_from_db()
    assert generation.credential_id is not None
    ticket = tickets.take(generation.pk, generation.fence, generation.credential_id)
    assert ticket is not None
    number = generation.attempts.count() + 1
    uuid = attempts.number_of(generation.uuid, number)
    begun = begin(ticket, number, uuid, {"prompt": generation.prompt})
    assert begun is not None
    generation.refresh_from_db()
    return begun


def begin(ticket: tickets.Ticket, number: int, uuid: UUID, body: Body) -> attempts.Sending | None:
    return attempts.begin([attempts.Ready(ticket, number, uuid, body)])[0]


def submitted(
    project: Project, user: User | None = None, route: str = "fal", count: int = 4, number: str = "req-1"
) -> Generation:
    generation, begun = sending(project, user, route, count)
    attempts.record(begun, Accepted(number))
    generation.refresh_from_db()
    return generation


def finished(generation: Generation, blob: Blob, flagged: tuple[int, ...] = ()) -> list[Output]:
    """Its pictures are at the provider and here; those of the places in `flagged` are flagged there."""
    collecting(generation, flagged)
    for output in generation.outputs.all():
        held = pipeline.claim(output.pk, "test")
        assert held is not None
        assert pipeline.store(held, blob, "test")
    generation.refresh_from_db()
    return list(generation.outputs.order_by("index"))


def collecting(generation: Generation, flagged: tuple[int, ...] = ()) -> None:
    pictures = tuple(
        RemotePicture(
            index=index, url=f"https://v3.fal.media/{index}.png", seed=None, flagged=index in flagged
        )
        for index in range(generation.count)
    )
    results.apply(generation.attempts.get().pk, Progress(Stage.DONE, pictures=pictures))
    generation.refresh_from_db()


def unknown(project: Project, user: User | None = None, route: str = "fal", count: int = 4) -> Generation:
    generation, begun = sending(project, user, route, count)
    attempts.record(begun, Unclear("the connection closed before an answer"))
    generation.refresh_from_db()
    return generation


def undecided(project: Project, user: User | None = None, route: str = "fal", count: int = 4) -> Generation:
    """Looked for in vain for longer than is waited."""
    generation = unknown(project, user, route, count)
    long_ago = timezone.now() - horizons.DECIDE - timedelta(minutes=5)
    Attempt.objects.filter(generation=generation).update(sent_at=long_ago)
    unknowns.look_later(generation.attempts.get().pk, "its list does not name it")
    generation.refresh_from_db()
    assert generation.state == State.NEEDS_DECISION
    return generation
