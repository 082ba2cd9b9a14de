"""Making, renaming and deleting projects."""

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.text import slugify

from accounts.models import User
from accounts.people import RefusedError
from elements import moving
from elements.models import Element, Reference, WantedReference
from media import forgetting
from media.models import Blob
from projects.models import Project, ProjectRole
from projects.people import add_member

LONGEST = 50
# Words that stand at the place of a slug in addresses, and the slug of the sample.
RESERVED = ("new", "sample", "the-inheritance")
TRIES = 1000


def create_project(user: User, name: str, *, requires_consent: bool) -> Project:
    """A project with `user` as its producer, under a slug nobody has."""
    with transaction.atomic():
        project = _create_under_free_slug(user, name, requires_consent)
        add_member(project, user, ProjectRole.PRODUCER)
    return project


def save_settings(project: Project, name: str, *, requires_consent: bool) -> None:
    """The slug stays: links to the project keep working."""
    project.name = name
    project.requires_consent = requires_consent
    project.save(update_fields=["name", "requires_consent"])


def delete_project(project: Project, user: User) -> None:
    """Delete the project with all it holds, for good; the ledger keeps what was spent. Raises RefusedError.

    The project row is locked, so a generation cannot start between the look and the deletion.
    """
    with transaction.atomic():
        locked = Project.objects.select_for_update().filter(pk=project.pk).first()
        if locked is None:
            return
        running = locked.generations.open().count()
        if running:
            still = "1 generation is" if running == 1 else f"{running} generations are"
            raise RefusedError(
                f"{still} still running. Nothing was deleted. Cancel or wait, then delete again."
            )
        for element in Element.objects.filter(project_id=project.pk):
            moving.purge(element, user)
        _let_go_of_pictures(locked)
        locked.delete()
        WantedReference.objects.filter(project_id=project.pk).delete()
        Reference.objects.of(project.pk).delete()


def _let_go_of_pictures(project: Project) -> None:
    """Stills with their copies, and references: what has no use left goes with the sweep, since there may be
    thousands."""
    stills = project.generations.filter(outputs__blob__isnull=False).values("outputs__blob")
    copies = project.generations.filter(outputs__twin__blob__isnull=False).values("outputs__twin__blob")
    references = Reference.objects.of(project.pk).values("blob")
    used = Q(pk__in=stills) | Q(pk__in=copies) | Q(pk__in=references)
    forgetting.let_go_later(Blob.objects.filter(used))


def _create_under_free_slug(user: User, name: str, requires_consent: bool) -> Project:
    stem = slugify(name)[:LONGEST].strip("-") or "project"
    for number in range(2 if stem in RESERVED else 1, TRIES):
        slug = stem if number == 1 else f"{stem}-{number}"
        if Project.objects.filter(slug=slug).exists():
            continue
        try:
            with transaction.atomic():
                return Project.objects.create(
                    name=name,
                    slug=slug,
                    requires_consent=requires_consent,
                    created_by=user,
                )
        except IntegrityError:
            continue
    raise RefusedError("Too many projects have this name. Choose another one.")
