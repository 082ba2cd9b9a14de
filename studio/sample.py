"""The sample project The Inheritance: made once, harmless to repeat, deleted in one click."""

from accounts.models import User
from projects.models import Project, ProjectRole
from projects.people import add_member

SLUG = "the-inheritance"


def make_sample(user: User) -> Project:
    """The sample project with `user` as a member; when it exists, nothing but the membership is added."""
    project, _ = Project.objects.get_or_create(
        slug=SLUG, defaults={"name": "The Inheritance", "is_sample": True, "created_by": user}
    )
    add_member(project, user, ProjectRole.PRODUCER)
    return project
