"""The cast of a project pins versions, and a project's own elements stay in it."""

import pytest

from accounts.models import StudioRole
from accounts.people import RefusedError
from elements import library
from elements.models import Element
from projects.cast import (
    cast,
    elements_changed_by,
    elements_visible_to,
    members,
    uncast,
    update_to_current,
)
from projects.models import ProjectRole
from tests.factories import make_element, make_membership, make_project, make_user

pytestmark = pytest.mark.django_db


def test_a_member_keeps_its_version_until_somebody_takes_the_newer_one(project):
    mara = make_element()
    cast(project, mara)
    library.new_version(mara, library.Change(description="Chemist"), None)
    cast(project, mara)
    [member] = members(project)
    assert (member.version.number, member.newer) == (1, 2)
    assert update_to_current(project, mara)
    [member] = members(project)
    assert (member.version.number, member.newer) == (2, None)
    assert not update_to_current(project, mara)
    assert uncast(project, mara)
    assert not uncast(project, mara)
    assert members(project) == []


def test_an_element_of_another_project_cannot_be_cast(project):
    theirs = make_element(project=make_project("Elsewhere"))
    with pytest.raises(RefusedError, match="belongs to another project"):
        cast(project, theirs)
    assert members(project) == []


def test_who_sees_and_who_changes(project, ana):
    shared, own = make_element("shared"), make_element("own", project=project)
    elsewhere = make_element("elsewhere", project=make_project("Elsewhere"))
    reviewer, newcomer = make_user("r@example.com"), make_user("n@example.com")
    make_membership(project, reviewer, ProjectRole.REVIEWER)
    admin = make_user("admin@example.com", StudioRole.ADMIN)
    seen = {person: set(elements_visible_to(person)) for person in (ana, reviewer, newcomer, admin)}
    assert seen == {
        ana: {shared, own},
        reviewer: {shared, own},
        newcomer: {shared},
        admin: set(Element.objects.all()),
    }
    changed = {person: set(elements_changed_by(person)) for person in (ana, reviewer, newcomer, admin)}
    assert changed == {
        ana: {shared, own},
        reviewer: set(),
        newcomer: set(),
        admin: {shared, own, elsewhere},
    }
