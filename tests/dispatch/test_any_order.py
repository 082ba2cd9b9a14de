"""Whatever happens in whatever order to one sending: one job, one charge, books that are even.

No network here: the functions that note what happened are called as the dispatcher and the web would.
"""

from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations import attempts, hooks, pipeline, places, results, tickets, unknowns
from generations.attempts import Sending
from generations.models import TERMINAL, Attempt, Generation, Outcome, Output, OutputState, State
from media.models import Blob
from projects.models import Project
from providers.base import (
    Accepted,
    Blame,
    CancelOutcome,
    NotFound,
    NotReached,
    Progress,
    Refused,
    RemotePicture,
    Stage,
    Submitted,
    Unclear,
)
from spend.models import EntryKind
from tests.dispatch import oracle
from tests.examples import examples
from tests.factories import make_blob, make_project, make_user
from tests.generations.sent import begin
from tests.paid import ENDPOINTS, make_key, order

PRICE = 30_000  # micro-USD that the job costs at this provider
ENDS: dict[str, Progress] = {
    "done": Progress(
        Stage.DONE, (RemotePicture(0, "https://im.runware.ai/a.png"),), Decimal(PRICE) / 1_000_000
    ),
    "failed": Progress(Stage.FAILED, cost_usd=Decimal(0), refused=Refused(Blame.PROVIDER, "It failed.")),
    "billed": Progress(Stage.FAILED, cost_usd=Decimal(PRICE) / 1_000_000, note="It failed."),
}
STEPS = ("answer", "hook", "poll", "kill", "look", "cancel", "stop", "run", "fetch", "store")
TRUTHS = ("accepted", "refused", "not reached", "lost before")


@dataclass
class Provider:
    """What is true there; `jobs` are the attempts that were taken."""

    truth: str
    end: str
    jobs: list[str] = field(default_factory=list)
    is_over: bool = False

    def take(self, attempt: Attempt) -> Submitted:
        """The POST arrives, as the truth of the first and well at any later one."""
        truth, self.truth = self.truth, "accepted"
        if truth == "refused":
            return Refused(Blame.RATE, "Too many.")
        if truth == "not reached":
            return NotReached("refused")
        if truth == "lost before":
            return Unclear("ReadError")
        self.jobs.append(str(attempt.uuid))
        return Accepted(str(attempt.uuid))

    def stands(self) -> Progress:
        return ENDS[self.end] if self.is_over else Progress(Stage.RUNNING)

    def charged(self) -> int:
        return PRICE * len(self.jobs) if self.is_over and self.end in ("done", "billed") else 0


@dataclass
class Play:
    """One generation between us and its provider. `answers` are on their way to the sender that waits."""

    generation: Generation
    provider: Provider
    blob: Blob
    answers: list[tuple[Sending, Submitted]] = field(default_factory=list)

    def send(self) -> None:
        row = Generation.objects.get(pk=self.generation.pk)
        if row.state != State.QUEUED or row.credential_id is None:
            return
        ticket = tickets.take(row.pk, row.fence, row.credential_id)
        assert ticket is not None
        number = row.attempts.count() + 1
        sending = begin(ticket, number, attempts.number_of(row.uuid, number), {})
        assert sending is not None
        self.answers.append((sending, self.provider.take(Attempt.objects.get(pk=sending.attempt_id))))

    def step(self, name: str) -> None:
        getattr(self, f"_{name}")()

    def quiesce(self) -> None:
        """Everything heals: all answers that still come, all looks, all downloads."""
        self.provider.is_over = True
        for _ in range(4):
            for name in ("kill", "look", "poll", "fetch", "store"):
                self.step(name)
            self.send()
            self._answer()

    def _answer(self) -> None:
        if self.answers:
            attempts.record(*self.answers.pop(0))

    def _lost(self) -> None:
        """The answer goes missing on its way."""
        if self.answers:
            sending, answer = self.answers.pop(0)
            lost = Unclear("ReadError") if isinstance(answer, Accepted) else answer
            attempts.record(sending, lost)

    def _kill(self) -> None:
        """The sender's lease ends; should it only have been asleep, its answer may come all the same."""
        Generation.objects.filter(state=State.SUBMITTING).update(lease_until=timezone.now())
        for pk in attempts.overdue(timezone.now()):
            attempts.unclear(pk, Unclear("the dispatcher stopped"))

    def _hook(self) -> None:
        for attempt in self._attempts():
            if str(attempt.uuid) in self.provider.jobs:
                body = f'{{"taskUUID": "{attempt.uuid}", "over": {int(self.provider.is_over)}}}'
                hooks.receive(attempt, {}, body.encode())

    def _look(self) -> None:
        for attempt in self._attempts().filter(outcome__in=unknowns.LOST):
            if str(attempt.uuid) in self.provider.jobs:
                attempts.bind(attempt.pk, Accepted(str(attempt.uuid)))
            else:
                unknowns.not_found(attempt.pk, NotFound(proof=True, reason="not listed"))

    def _poll(self) -> None:
        for attempt in self._attempts().filter(outcome=Outcome.ACCEPTED):
            results.apply(attempt.pk, self.provider.stands())

    def _run(self) -> None:
        self.provider.is_over = True

    def _cancel(self) -> None:
        pipeline.cancel(Generation.objects.get(pk=self.generation.pk), "Ana")

    def _stop(self) -> None:
        for attempt in self._attempts().filter(outcome=Outcome.ACCEPTED, is_done=False):
            results.stop_asked(attempt.pk, CancelOutcome.IMPOSSIBLE)

    def _fetch(self) -> None:
        for wanted in places.to_fetch(timezone.now(), 10):
            places.arrived([wanted.held])

    def _store(self) -> None:
        for output in Output.objects.filter(state=OutputState.PENDING, arrived_at__isnull=False):
            held = pipeline.claim(output.pk, "worker")
            if held is not None:
                pipeline.store(held, self.blob, "worker")
                assert not pipeline.store(held, self.blob, "worker again")

    def _attempts(self) -> QuerySet[Attempt]:
        return Attempt.objects.filter(generation=self.generation).order_by("pk")


@pytest.fixture
def blob(db: None) -> Blob:
    return make_blob()


@pytest.fixture
def stage(db: None) -> Project:
    make_key("runware")
    return make_project(owner=make_user())


@settings(
    max_examples=examples(100),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    truth=st.sampled_from(TRUTHS),
    end=st.sampled_from(sorted(ENDS)),
    steps=st.lists(st.sampled_from((*STEPS, "lost")), max_size=14),
)
def test_every_order_of_events_ends_in_one_charge(
    stage: Project, blob: Blob, truth: str, end: str, steps: list[str]
) -> None:
    with transaction.atomic():
        play = Play(order(stage, ENDPOINTS["runware"]), Provider(truth, end), blob)
        play.send()
        for name in steps:
            play.step(name)
        play.quiesce()
        _is_sound(play)
        transaction.set_rollback(True)


def _is_sound(play: Play) -> None:
    generation = Generation.objects.get(pk=play.generation.pk)
    assert generation.state in TERMINAL, [event.note for event in generation.events.all()]
    assert len(play.provider.jobs) <= 1
    assert oracle.books(generation) == (play.provider.charged(), 0)
    assert (generation.cost_micro_usd or 0) == play.provider.charged()
    kinds = list(oracle.entries(generation).values_list("kind", flat=True))
    assert kinds.count(EntryKind.RESERVE) == 1
    assert kinds.count(EntryKind.SETTLE) + kinds.count(EntryKind.RELEASE) == 1
    taken = generation.attempts.exclude(remote_id="").values_list("remote_id", flat=True)
    assert sorted(taken) == sorted(play.provider.jobs)
    stored = generation.outputs.filter(state=OutputState.STORED).count()
    assert stored == (len(play.provider.jobs) if play.provider.end == "done" else 0)
