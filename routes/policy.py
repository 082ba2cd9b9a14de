"""How a project's orders find their route: kept here, followed by whoever sends."""

from projects.models import Project
from routes.models import PolicyKind, RoutePolicy

MEANS = {
    PolicyKind.FIXED: "An order goes by the route that was chosen in the composer, and waits for it.",
    PolicyKind.CHEAPEST: "An order goes by the cheapest route that can carry it and has a key.",
    PolicyKind.NEXT: (
        "After a definite refusal an order goes by the next route that can carry it; "
        "never after an answer that was lost, because that order may have been paid."
    ),
}


def of(project: Project) -> str:
    """The project's kind of policy: "fixed", "cheapest" or "next"."""
    kind = RoutePolicy.objects.filter(project=project).values_list("kind", flat=True).first()
    return kind or PolicyKind.FIXED.value


def choose(project: Project, kind: PolicyKind) -> None:
    RoutePolicy.objects.update_or_create(project=project, defaults={"kind": kind})
