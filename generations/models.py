"""A generation is one intent with its frozen request; outputs are its pictures; events are its history."""

from typing import Self
from uuid import uuid4

from django.db import models
from django.utils import timezone

from accounts.models import User
from elements.models import Element, ElementVersion, Reference
from generations.twins import Twin as Twin
from media.models import Blob
from projects.models import Project
from routes.models import Credential


class State(models.TextChoices):
    """Who may move what stands in `generations/pipeline.py`."""

    QUEUED = "queued", "Queued"
    SUBMITTING = "submitting", "Submitting"
    SUBMITTED = "submitted", "Submitted"
    UNKNOWN = "unknown", "Unknown"
    NEEDS_DECISION = "needs_decision", "Needs a decision"
    COLLECTING = "collecting", "Collecting"
    SUCCEEDED = "succeeded", "Succeeded"
    PARTIAL = "partial", "Partial"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


TERMINAL = (State.SUCCEEDED, State.PARTIAL, State.FAILED, State.CANCELLED)


class GenerationQuerySet(models.QuerySet["Generation"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))

    def steered_by(self, user: User) -> Self:
        """Generations that `user` may cancel and repeat."""
        return self.filter(project__in=Project.objects.worked_on_by(user))

    def open(self) -> Self:
        return self.exclude(state__in=TERMINAL)


class Generation(models.Model):
    """One intent: pressed once, sent at most once, paid at most once."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="generations")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="children")
    batch = models.UUIDField(default=uuid4, db_index=True)
    form_key = models.UUIDField(default=uuid4)
    part = models.PositiveSmallIntegerField(default=0)

    state = models.CharField(max_length=16, choices=State, default=State.QUEUED)
    fence = models.PositiveIntegerField(default=0)
    cancel_requested_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True)

    credential = models.ForeignKey(Credential, null=True, on_delete=models.SET_NULL, related_name="+")
    lease_until = models.DateTimeField(null=True)  # while a dispatcher prepares or sends it
    due_at = models.DateTimeField(null=True)  # not sent before
    refusals = models.PositiveSmallIntegerField(default=0)  # in a row, each to be tried again
    waiting = models.CharField(max_length=200, blank=True)  # why nothing happens just now, for people

    route = models.CharField(max_length=20)
    model = models.CharField(max_length=20)
    endpoint = models.CharField(max_length=40)
    prompt = models.TextField(blank=True)
    request = models.JSONField()
    request_sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    media_format = models.CharField(max_length=8)
    resolution = models.CharField(max_length=4)
    count = models.PositiveSmallIntegerField()
    is_series = models.BooleanField(default=False)
    seed = models.BigIntegerField()
    estimate_micro_usd = models.BigIntegerField()
    cost_micro_usd = models.BigIntegerField(null=True)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["project", "-created_at", "-id"], name="generation_newest"),
            models.Index(
                fields=["created_at", "id"], condition=~models.Q(state__in=TERMINAL), name="generation_open"
            ),
            models.Index(fields=["state", "credential"], name="generation_state"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "form_key", "part"], name="one_generation_per_form_key"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="generation_state_known"),
            models.CheckConstraint(condition=models.Q(count__gte=1), name="generation_count_positive"),
            models.CheckConstraint(
                condition=models.Q(estimate_micro_usd__gte=0), name="generation_estimate_not_negative"
            ),
        ]

    @property
    def is_finished(self) -> bool:
        return self.state in TERMINAL

    @property
    def is_drawn(self) -> bool:
        """Whether it is drawn on this machine and never sent anywhere."""
        return self.route == "draft"


class Outcome(models.TextChoices):
    """What is known of a sending. Only the first three can stand for work that somebody does."""

    NONE = "none", "Being sent"
    ACCEPTED = "accepted", "Accepted"
    UNKNOWN = "unknown", "Not known"
    REFUSED = "refused", "Refused"
    VOID = "void", "Never arrived"
    ABANDONED = "abandoned", "Given up"


class Attempt(models.Model):
    """One sending of a generation to a provider: committed before its first byte leaves, posted once.

    `uuid` is what providers take as our number of it. `body` is what is posted, with marks in place of long
    file data. `due_at` is when it is asked about next, `looks` how often it was, `hooked_at` when a webhook
    last spoke of it. `cost_micro_usd` is the provider's own figure. `is_late`: its pictures came after it was
    given up or another was sent.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    credential = models.ForeignKey(Credential, null=True, on_delete=models.SET_NULL, related_name="attempts")
    route = models.CharField(max_length=20)
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.NONE)
    body = models.JSONField()
    body_sha256 = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    posts = models.PositiveSmallIntegerField(default=1)  # of this very body under this very number
    remote_id = models.CharField(max_length=200, blank=True)
    urls = models.JSONField(default=dict, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    due_at = models.DateTimeField(null=True)
    looks = models.PositiveIntegerField(default=0)
    hooked_at = models.DateTimeField(null=True)
    is_done = models.BooleanField(default=False)  # the provider has said how it ended
    is_late = models.BooleanField(default=False)
    cancel_sent_at = models.DateTimeField(null=True)
    cost_micro_usd = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(due_at__isnull=False), name="attempt_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["generation", "number"], name="one_attempt_per_number"),
            models.UniqueConstraint(
                fields=["route", "remote_id"],
                condition=~models.Q(remote_id=""),
                name="one_attempt_per_remote_job",
            ),
            models.UniqueConstraint(
                fields=["generation"],
                condition=models.Q(outcome__in=["none", "accepted", "unknown"], is_late=False),
                name="one_living_attempt_per_generation",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=Outcome.values), name="attempt_outcome_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome="accepted") | ~models.Q(remote_id=""),
                name="attempt_accepted_has_remote_job",
            ),
        ]


class InboxEvent(models.Model):
    """A webhook as it came: a hint to look, never believed further. Bodies are not kept."""

    attempt = models.ForeignKey(Attempt, on_delete=models.CASCADE, related_name="hooks")
    delivery = models.CharField(max_length=200)
    remote_id = models.CharField(max_length=200, blank=True)
    verified = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "delivery"], name="one_event_per_delivery")]


class GenerationReference(models.Model):
    """A reference in the place and role that the request froze."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="references")
    reference = models.ForeignKey(Reference, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "position"], name="one_reference_per_position")
        ]


class GenerationElement(models.Model):
    """An element in the version that the request froze. The name stays when the element is purged."""

    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="elements")
    element = models.ForeignKey(Element, null=True, on_delete=models.SET_NULL, related_name="+")
    version = models.ForeignKey(ElementVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "position"], name="one_element_per_position"),
            models.UniqueConstraint(fields=["generation", "name"], name="one_element_per_name"),
        ]


class OutputState(models.TextChoices):
    PENDING = "pending", "Pending"
    STORED = "stored", "Stored"
    FAILED = "failed", "Failed"


class Flag(models.TextChoices):
    NONE = "", "None"
    PICK = "pick", "Pick"
    DROP = "drop", "Drop"


class OutputQuerySet(models.QuerySet["Output"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))

    def curated_by(self, user: User) -> Self:
        """Outputs that `user` may rate, flag and trash."""
        return self.filter(project__in=Project.objects.worked_on_by(user))

    def stored(self) -> Self:
        return self.filter(state=OutputState.STORED)

    def in_gallery(self) -> Self:
        """What the grid shows: pictures and the places held for them."""
        return self.filter(trashed_at__isnull=True).exclude(state=OutputState.FAILED)


_IN_GALLERY = models.Q(trashed_at__isnull=True) & ~models.Q(state="failed")


class Output(models.Model):
    """One picture of a generation. `project` and `created_at` are copied for the gallery's index.

    `tries` counts claims whose worker was never heard of again; `fence` counts all of them.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="outputs")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    index = models.PositiveSmallIntegerField()
    seed = models.BigIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    state = models.CharField(max_length=8, choices=OutputState, default=OutputState.PENDING)
    blob = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    error = models.CharField(max_length=500, blank=True)
    fence = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(null=True)
    attempt = models.ForeignKey(Attempt, null=True, on_delete=models.SET_NULL, related_name="outputs")
    source = models.TextField(blank=True)  # sealed: whoever has the address has the picture
    source_expires_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)  # its bytes lie here and wait to be decoded
    is_flagged = models.BooleanField(default=False)  # by the provider's safety check: blurred until cleared
    stored_at = models.DateTimeField(null=True)

    rating = models.PositiveSmallIntegerField(default=0)
    flag = models.CharField(max_length=4, choices=Flag, default=Flag.NONE, blank=True)
    is_favourite = models.BooleanField(default=False)
    trashed_at = models.DateTimeField(null=True)

    objects = OutputQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["project", "-created_at", "-id"], condition=_IN_GALLERY, name="output_gallery"
            ),
            models.Index(
                fields=["project", "flag", "-created_at", "-id"], condition=_IN_GALLERY, name="output_flag"
            ),
            models.Index(
                fields=["project", "-created_at", "-id"],
                condition=models.Q(is_favourite=True) & _IN_GALLERY,
                name="output_favourite",
            ),
            models.Index(
                fields=["created_at", "id"], condition=models.Q(state="pending"), name="output_pending"
            ),
            models.Index(
                fields=["source_expires_at", "id"],
                condition=models.Q(attempt__isnull=False, arrived_at__isnull=True),
                name="output_to_fetch",
            ),
            models.Index(
                fields=["project", "trashed_at"],
                condition=models.Q(trashed_at__isnull=False),
                name="output_trash",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["generation", "index"], name="one_output_per_index"),
            models.CheckConstraint(
                condition=models.Q(state__in=OutputState.values), name="output_state_known"
            ),
            models.CheckConstraint(condition=models.Q(flag__in=Flag.values), name="output_flag_known"),
            models.CheckConstraint(condition=models.Q(rating__lte=5), name="output_rating_to_five"),
            models.CheckConstraint(
                condition=~models.Q(state="stored") | models.Q(blob__isnull=False),
                name="output_stored_has_picture",
            ),
        ]


class SeriesQuerySet(models.QuerySet["Series"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(project__in=Project.objects.visible_to(user))

    def worked_on_by(self, user: User) -> Self:
        """Series whose panels `user` may lock, choose and make again."""
        return self.filter(project__in=Project.objects.worked_on_by(user))


class Series(models.Model):
    """Pictures that tell something together: panels under one style line."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="series")
    style = models.TextField(blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SeriesQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["project", "-created_at", "-id"], name="series_newest")]


class Panel(models.Model):
    """A position in a series, from 0. What shows is the take that somebody chose, or else its newest one."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="panels")
    position = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True)
    is_locked = models.BooleanField(default=False)
    chosen = models.ForeignKey(Output, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "position"], name="one_panel_per_position")]


class Take(models.Model):
    """An output filed under a panel."""

    panel = models.ForeignKey(Panel, on_delete=models.CASCADE, related_name="takes")
    output = models.OneToOneField(Output, on_delete=models.CASCADE, related_name="take")


class Event(models.Model):
    """What happened to a generation, in order: its history for people and the feed of live pages."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="events")
    output = models.ForeignKey(Output, null=True, on_delete=models.CASCADE, related_name="+")
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16)
    actor = models.CharField(max_length=80)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["project", "id"], name="event_feed")]


class Heartbeat(models.Model):
    """When a dispatcher or a worker was last heard from."""

    name = models.CharField(max_length=120, unique=True)
    role = models.CharField(max_length=12)
    seen_at = models.DateTimeField()
