"""Two requests at the same moment: the rules hold for both together."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from accounts import invitations, people
from accounts.models import Invitation, User
from projects import people as membership
from projects.models import Membership
from tests.factories import make_membership, make_project, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each act returned or the refusal it met."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except people.RefusedError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_owners_who_close_each_others_account_leave_one():
    ana, ben = make_user("a@example.com", role="owner"), make_user("b@example.com", role="owner")
    at_once(lambda: people.deactivate(ana, ben), lambda: people.deactivate(ben, ana))
    assert User.objects.filter(role="owner", is_active=True).count() == 1


def test_two_producers_who_leave_at_once_leave_one():
    ana, ben = make_user("a@example.com"), make_user("b@example.com")
    project = make_project(owner=ana)
    make_membership(project, ben, "producer")
    mine, theirs = project.memberships.order_by("pk")
    at_once(
        lambda: membership.remove_member(project, mine), lambda: membership.remove_member(project, theirs)
    )
    assert Membership.objects.filter(role="producer").count() == 1


def test_one_invitation_accepted_twice_at_once_makes_one_account():
    boss = make_user(role="admin")
    invitation = Invitation.objects.create(
        token_sha256="0" * 64, created_by=boss, expires_at=timezone.now() + timedelta(days=1)
    )
    made = at_once(
        *(lambda n=n: invitations.accept(invitation, "Ben", f"b{n}@example.com", "x") for n in range(4))
    )
    assert sum(person is not None for person in made) == 1
    assert User.objects.count() == 2
