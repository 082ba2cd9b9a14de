"""Cards of the projects page and the budget row of a project's bar, as ready strings."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.db.models import Count, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from generations.models import TERMINAL, Generation, Output, State
from projects.models import Membership, Project, ProjectQuerySet
from spend import bars
from spend.bars import BudgetRow

PICTURES = 4
FACES = 4
# A failure older than this is history; it no longer asks for anybody.
FRESH = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Face:
    name: str
    initials: str


@dataclass(frozen=True, slots=True)
class ProjectCard:
    name: str
    href: str
    queue_href: str
    is_sample: bool
    pictures: list[str]
    activity: str
    budget: BudgetRow
    faces: list[Face]
    more_faces: int
    running: str
    failed: str
    undecided: str


@dataclass(frozen=True, slots=True)
class _Work:
    running: int = 0
    failed: int = 0
    undecided: int = 0


def project_cards(user: User) -> list[ProjectCard]:
    """Every project that `user` sees, the latest activity first, in a fixed number of queries."""
    projects = list(_with_pictures(Project.objects.visible_to(user)).order_by("-touched_at", "-pk"))
    keys = [project.pk for project in projects]
    money, work, faces = bars.of_projects(keys), _work(keys), _faces(keys)
    return [_card(p, money[p.pk], work.get(p.pk, _Work()), faces.get(p.pk, [])) for p in projects]


def budget_of(project: Project) -> BudgetRow:
    """The budget row of one project, as its top bar shows it."""
    return bars.of_projects([project.pk])[project.pk]


def _with_pictures(projects: ProjectQuerySet) -> ProjectQuerySet:
    """Add `picture_0` … `picture_3`: the latest stored pictures, each found by the gallery's index."""
    latest = (
        Output.objects.in_gallery()
        .stored()
        .filter(project=OuterRef("pk"), is_flagged=False)
        .order_by("-created_at", "-id")
        .values("uuid")
    )
    return projects.annotate(**{f"picture_{n}": Subquery(latest[n : n + 1]) for n in range(PICTURES)})


def _work(keys: list[int]) -> dict[int, _Work]:
    """What runs, what failed lately and was not tried again, and what waits for a person's decision."""
    lately = timezone.now() - FRESH
    failed = Q(state__in=(State.FAILED, State.PARTIAL), finished_at__gt=lately, children__isnull=True)
    rows = (
        Generation.objects.filter(failed | ~Q(state__in=TERMINAL), project__in=keys)
        .values("project_id")
        .annotate(
            running=Count("id", filter=~Q(state__in=(*TERMINAL, State.NEEDS_DECISION)), distinct=True),
            failed=Count("id", filter=failed, distinct=True),
            undecided=Count("id", filter=Q(state=State.NEEDS_DECISION), distinct=True),
        )
    )
    return {row["project_id"]: _Work(row["running"], row["failed"], row["undecided"]) for row in rows}


def _faces(keys: list[int]) -> dict[int, list[Face]]:
    members = Membership.objects.filter(project__in=keys, user__is_active=True)
    found: dict[int, list[Face]] = {}
    for member in members.select_related("user").order_by("pk"):
        found.setdefault(member.project_id, []).append(Face(member.user.name, member.user.initials))
    return found


def _card(project: Project, money: BudgetRow, work: _Work, faces: list[Face]) -> ProjectCard:
    return ProjectCard(
        name=project.name,
        href=reverse("gallery:stills", args=[project.slug]),
        queue_href=reverse("generations:queue", args=[project.slug]),
        is_sample=project.is_sample,
        pictures=_addresses(getattr(project, f"picture_{n}") for n in range(PICTURES)),
        activity=str(naturaltime(project.touched_at)),
        budget=money,
        faces=faces[:FACES],
        more_faces=max(0, len(faces) - FACES),
        running=f"{work.running} running" if work.running else "",
        failed=f"{work.failed} failed" if work.failed else "",
        undecided=f"{work.undecided} to decide" if work.undecided else "",
    )


def _addresses(uuids: Iterable[UUID | None]) -> list[str]:
    return [reverse("generations:picture", kwargs={"uuid": u, "size": "512"}) for u in uuids if u]
