"""The library: elements with immutable versions and consent, and references that guide a generation.

`project_id` is a plain number throughout: projects stand above elements, so a row cannot point up to them.
"""

from collections.abc import Iterable
from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from media.models import Blob, Document


class Kind(models.TextChoices):
    CHARACTER = "character", "Character"
    OBJECT = "object", "Object"
    PRODUCT = "product", "Product"
    COSTUME = "costume", "Costume"
    PLACE = "place", "Place"
    STYLE = "style", "Style"


class Angle(models.TextChoices):
    FRONT = "front", "Front"
    THREE_QUARTER_LEFT = "three-quarter-left", "Three-quarter left"
    THREE_QUARTER_RIGHT = "three-quarter-right", "Three-quarter right"
    THREE_QUARTER = "three-quarter", "Three-quarter"
    PROFILE = "profile", "Profile"
    PROFILE_LEFT = "profile-left", "Profile left"
    PROFILE_RIGHT = "profile-right", "Profile right"
    BACK = "back", "Back"
    EXPRESSION = "expression", "Expression"
    AT_WORK = "at-work", "At work"
    DETAIL = "detail", "Detail"
    OTHER = "other", "Other"


class Origin(models.TextChoices):
    PHOTOGRAPHED = "photographed", "Photographed"
    GENERATED = "generated", "Generated"


class ConsentState(models.TextChoices):
    NONE = "none", "None"
    ATTESTED = "attested", "Attested"
    DOCUMENT = "document", "Document"


class ReferenceRole(models.TextChoices):
    SUBJECT = "subject", "Subject"
    SCENE = "scene", "Scene"
    COMPOSITION = "composition", "Composition"
    STYLE = "style", "Style"
    PALETTE = "palette", "Palette"
    TEXTURE = "texture", "Texture"
    PRODUCT = "product", "Product"
    LIGHTING = "lighting", "Lighting"
    CHARACTER = "character", "Character"


class ElementQuerySet(models.QuerySet["Element"]):
    def seen_from(self, project_ids: Iterable[int]) -> Self:
        """Elements shared with the studio, and those of these projects."""
        return self.filter(Q(project_id=None) | Q(project_id__in=project_ids))

    def living(self) -> Self:
        return self.filter(archived_at=None)


class Element(models.Model):
    """A recurring character, object, product, costume, place or style; without `project_id` it is shared."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    handle = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.CHARACTER)
    project_id = models.BigIntegerField(null=True, db_index=True)
    notes = models.TextField(blank=True, max_length=4000)
    colour = models.CharField(max_length=7, blank=True)
    current = models.ForeignKey("ElementVersion", null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    touched_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True)

    objects = ElementQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["-touched_at", "-id"], condition=Q(archived_at__isnull=True), name="element_library"
            ),
            models.Index(
                fields=["kind", "-touched_at", "-id"],
                condition=Q(archived_at__isnull=True),
                name="element_kind",
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="element_kind_known"),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"

    @property
    def needs_consent(self) -> bool:
        """Whether it may show a person."""
        return self.kind == Kind.CHARACTER


class ElementHandle(models.Model):
    """A handle that an element has had: an old one still leads to it and is given to nobody else."""

    handle = models.CharField(max_length=30, unique=True)
    element = models.ForeignKey(Element, on_delete=models.CASCADE, related_name="handles")


class ElementTag(models.Model):
    element = models.ForeignKey(Element, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=30, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["element", "name"], name="one_tag_per_element")]


class Photo(models.Model):
    """A picture of an element. Versions share photos; the original of a crop stays.

    The face box that somebody marked is given in fractions of the picture: left, top, width, height. `people`
    is how many people they counted. `measures` are the decoder's figures, and under "expression" what
    somebody said of it: "neutral", "other", or nothing.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    element = models.ForeignKey(Element, on_delete=models.CASCADE, related_name="photos")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    origin = models.CharField(max_length=12, choices=Origin, default=Origin.PHOTOGRAPHED)
    crop_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    people = models.PositiveSmallIntegerField(null=True)
    face_left = models.FloatField(null=True)
    face_top = models.FloatField(null=True)
    face_width = models.FloatField(null=True)
    face_height = models.FloatField(null=True)
    measures = models.JSONField(default=dict)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["element", "blob"], name="one_photo_per_picture"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="photo_origin_known"),
            models.CheckConstraint(
                condition=Q(face_left=None, face_top=None, face_width=None, face_height=None)
                | Q(face_left__gte=0, face_top__gte=0, face_width__gt=0, face_height__gt=0),
                name="photo_face_whole_or_none",
            ),
        ]

    @property
    def face(self) -> tuple[float, float, float, float] | None:
        """Left, top, width and height of the marked face in fractions of the picture."""
        if self.face_left is None or self.face_top is None:
            return None
        if self.face_width is None or self.face_height is None:
            return None
        return (self.face_left, self.face_top, self.face_width, self.face_height)


class ElementVersion(models.Model):
    """What an element looked like at a time; never changed once written. `number` counts from 1."""

    element = models.ForeignKey(Element, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=20)
    description = models.CharField(max_length=100, blank=True)
    wardrobe = models.JSONField(default=list)  # texts, one per outfit
    note = models.CharField(max_length=200)
    photos = models.ManyToManyField(Photo, through="VersionPhoto", related_name="versions")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["element", "number"], name="one_version_per_number"),
            models.CheckConstraint(condition=Q(number__gte=1), name="version_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"v{self.number}"


class VersionPhoto(models.Model):
    """A photo in its place in a version: the front at 0, the others in their order."""

    version = models.ForeignKey(ElementVersion, on_delete=models.CASCADE, related_name="places")
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="places")
    position = models.PositiveSmallIntegerField()
    angle = models.CharField(max_length=20, choices=Angle)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="one_photo_per_place"),
            models.UniqueConstraint(fields=["version", "photo"], name="one_place_per_photo"),
            models.CheckConstraint(condition=Q(angle__in=Angle.values), name="angle_known"),
            models.CheckConstraint(
                condition=Q(position=0, angle="front") | Q(position__gte=1) & ~Q(angle="front"),
                name="front_stands_first",
            ),
            models.CheckConstraint(condition=Q(position__lte=10), name="ten_photos_beside_the_front"),
        ]


class Consent(models.Model):
    """A person's consent to being an element: at most one row each; no row means none.

    `uses` lists what is allowed: "stills", "review", "video", "publication". It holds through `expires_on`,
    unless somebody ended it before. The document is a scan or a PDF and never leaves but as a download.
    """

    element = models.OneToOneField(Element, on_delete=models.CASCADE, related_name="consent")
    state = models.CharField(max_length=8, choices=ConsentState, default=ConsentState.NONE)
    uses = models.JSONField(default=list)
    expires_on = models.DateField(null=True)
    note = models.CharField(max_length=400, blank=True)
    document = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    pdf = models.ForeignKey(Document, null=True, on_delete=models.PROTECT, related_name="+")
    document_name = models.CharField(max_length=120, blank=True)
    ended_on = models.DateField(null=True)
    given_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ConsentState.values), name="consent_state_known"),
            models.CheckConstraint(
                condition=~Q(state="document") | Q(document__isnull=False) | Q(pdf__isnull=False),
                name="consent_document_is_there",
            ),
            models.CheckConstraint(
                condition=Q(document__isnull=True) | Q(pdf__isnull=True), name="consent_has_one_document"
            ),
        ]


class RemoteCopy(models.Model):
    """An element or a picture that a provider keeps for us: made, reused, and deleted at the end.

    `account` tells keys of one route apart; `content` is what it was made of: "mara@3", or a SHA-256.
    """

    route = models.CharField(max_length=20)
    account = models.CharField(max_length=64)
    content = models.CharField(max_length=100)
    remote_id = models.CharField(max_length=300)
    element = models.ForeignKey(Element, null=True, on_delete=models.SET_NULL, related_name="remote_copies")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True)
    forget_at = models.DateTimeField(null=True, db_index=True)  # to be deleted there from then on

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["route", "account", "content"],
                condition=Q(forget_at__isnull=True),
                name="one_living_copy_per_content",
            )
        ]


class LibraryEvent(models.Model):
    """What was done to the library and by whom. Plain text: it outlives what it speaks of."""

    handle = models.CharField(max_length=30, db_index=True)
    text = models.CharField(max_length=300)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField(default=timezone.now)


class ReferenceQuerySet(models.QuerySet["Reference"]):
    def of(self, project_id: int) -> Self:
        return self.filter(project_id=project_id)


class Reference(models.Model):
    """A picture of one project, kept under its content and shown under the name it came with.

    `handle` is how a prompt mentions it: "ref-" and a name. The original of a crop stays.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    project_id = models.BigIntegerField(db_index=True)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    handle = models.CharField(max_length=34)
    crop_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project_id", "blob"], name="one_reference_per_picture"),
            models.UniqueConstraint(fields=["project_id", "handle"], name="one_reference_per_handle"),
        ]


class Fetching(models.TextChoices):
    WAITING = "waiting", "Waiting"
    THERE = "there", "There"
    FAILED = "failed", "Failed"


class WantedReference(models.Model):
    """A picture at an address that somebody wants as a reference; the dispatcher fetches it.

    `host` was on the studio's list when it was asked for. `error` is one sentence for people.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    project_id = models.BigIntegerField(db_index=True)
    url = models.CharField(max_length=2000)
    host = models.CharField(max_length=253)
    state = models.CharField(max_length=7, choices=Fetching, default=Fetching.WAITING)
    error = models.CharField(max_length=300, blank=True)
    reference = models.ForeignKey(Reference, null=True, on_delete=models.CASCADE, related_name="+")
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(state="waiting"), name="references_to_be_fetched"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=Fetching.values), name="wanted_state_known"),
            models.CheckConstraint(
                condition=~Q(state="there") | Q(reference__isnull=False), name="what_is_there_is_a_reference"
            ),
        ]


class StagedPhoto(models.Model):
    """A photo that somebody sent for an element that is not there yet; let go of after a day."""

    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blob", "user"], name="one_staged_photo_per_sender"),
        ]
