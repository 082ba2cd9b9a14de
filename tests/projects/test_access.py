"""Who is answered at which address of a project: what is not yours does not exist."""

import uuid

import pytest

from projects.models import Membership, Project
from tests.factories import make_membership, make_project, make_user

pytestmark = pytest.mark.django_db

LEADS = ("owner", "admin", "producer")
SEES = (*LEADS, "artist", "reviewer")
STRANGERS = ("stranger", "anonymous")
# Address, method, and who is answered there; everybody else gets a 404, or the sign-in page when signed out.
ADDRESSES = [
    ("GET", "settings", SEES),
    ("POST", "settings", LEADS),
    ("POST", "members", LEADS),
    ("POST", "members/{member}/role", LEADS),
    ("POST", "members/{member}/remove", LEADS),
    ("POST", "leave", ("producer", "artist", "reviewer")),
    ("POST", "delete", LEADS),
]


def sign_in(client, who: str, project: Project) -> None:
    if who == "anonymous":
        return
    person = make_user("who@example.com", role=who if who in ("owner", "admin") else "member")
    if who in ("producer", "artist", "reviewer"):
        make_membership(project, person, who)
    client.force_login(person)


@pytest.mark.parametrize("who", [*SEES, *STRANGERS])
@pytest.mark.parametrize(("method", "path", "answered"), ADDRESSES)
def test_everybody_is_answered_by_the_table(client, who, method, path, answered):
    project = make_project(owner=make_user("boss@example.com"))
    member = make_user("member@example.com")
    make_membership(project, member)
    sign_in(client, who, project)
    before = list(Membership.objects.order_by("pk").values())
    answer = client.generic(method, f"/projects/night-market/{path}".format(member=member.uuid))
    if who in answered:
        assert answer.status_code in (200, 302, 422)
    elif who == "anonymous":
        assert answer["Location"].startswith("/account/login/")
    else:
        assert answer.status_code == 404
    if who not in answered:
        assert list(Membership.objects.order_by("pk").values()) == before
        assert Project.objects.filter(slug="night-market", name="Night Market").exists()


@pytest.mark.parametrize("who", ["artist", "reviewer"])
def test_who_may_only_look_is_shown_no_button_that_changes_the_project(client, who):
    project = make_project(owner=make_user("boss@example.com"))
    sign_in(client, who, project)
    page = client.get("/projects/night-market/settings").content.decode()
    assert "/projects/night-market/delete" not in page
    assert 'name="role"' not in page
    assert "Save settings" not in page
    assert "/projects/night-market/leave" in page


@pytest.mark.parametrize(
    "slug", ["nothing", "night-market%00", "1", "x" * 3000, "night_market", "NIGHT-MARKET"]
)
def test_a_forged_address_is_a_404(client, slug):
    make_project()
    client.force_login(make_user(role="owner"))
    for _, path, _ in ADDRESSES:
        assert client.post(f"/projects/{slug}/{path}".format(member=uuid.uuid4())).status_code == 404


def test_the_member_of_another_project_is_a_404(client):
    ana = make_user()
    make_project(owner=ana)
    other = make_user("ben@example.com")
    make_project("Other", owner=other)
    client.force_login(ana)
    for act in ("role", "remove"):
        path = f"/projects/night-market/members/{other.uuid}/{act}"
        assert client.post(path, {"role": "artist"}).status_code == 404


def test_state_never_changes_by_get(client):
    make_project()
    client.force_login(make_user(role="owner"))
    for method, path, _ in ADDRESSES[2:]:
        assert method == "POST"
        assert client.get(f"/projects/night-market/{path}".format(member=uuid.uuid4())).status_code == 405
    assert client.get("/projects/sample").status_code == 405
