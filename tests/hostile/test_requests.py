"""Requests that no browser would send: forged, doubled, mixed, oversized; nothing half, nothing lost."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client

from accounts.models import StudioRole
from delivery.models import Export
from elements.models import Reference
from generations.models import Generation, Output
from projects.models import Membership, Project
from spend.models import LedgerEntry
from tests.factories import (
    make_membership,
    make_project,
    make_reference,
    make_stored,
    make_user,
)
from tests.hostile.calls import COMPOSED

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return make_user()


@pytest.fixture
def project(ana):
    return make_project(owner=ana)


@pytest.fixture
def web(client, ana, project):
    client.force_login(ana)
    return client


def form(**changes: object) -> dict[str, object]:
    return {**COMPOSED, "form_key": str(uuid4()), **changes}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (json.dumps(COMPOSED), "application/json"),
        ('{"prompt": "\\ud800"}', "application/json"),
        ("prompt=a&count=1", "text/plain"),
        ("prompt=a", "application/x-www-form-urlencoded; charset=utf-7"),
        (b"prompt=%ff%fe&form_key=%00", "application/x-www-form-urlencoded"),
        ("x", "multipart/form-data"),
        ("x", "multipart/form-data; boundary="),
        ("--x\r\nContent-Disposition: form-data\r\n\r\n", "multipart/form-data; boundary=x"),
        ("prompt=" + "a" * 3_000_000, "application/x-www-form-urlencoded"),
        ("&".join(f"a{n}=1" for n in range(2001)), "application/x-www-form-urlencoded"),
    ],
    ids=lambda value: str(value)[:30],
)
@pytest.mark.parametrize(
    "path", ["projects/night-market/generate", "projects/night-market/references", "projects/new"]
)
def test_a_body_that_is_no_form_starts_nothing(web, path, body, kind):
    answer = web.post(f"/{path}", body, content_type=kind)
    assert 400 <= answer.status_code < 500
    assert re.search(r"[A-Z][^<>]+\.", answer.content.decode())
    assert not Generation.objects.exists()
    assert not Reference.objects.exists()
    assert Project.objects.count() == 1


@pytest.mark.parametrize(
    "typed", ["A fox\0", "𝒳" * 2501, "‮", " \n\u200b", "a\x1bb"], ids=["nul", "2501", "rlo", "blank", "escape"]
)
def test_a_refused_prompt_comes_back_as_it_was_typed(web, typed):
    answer = web.post(
        "/projects/night-market/generate",
        form(prompt=typed, negative_prompt="blur & <b>", seed="seven", count="77"),
        headers={"HX-Request": "true"},
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert typed.replace("\0", "") in page.replace("\0", "")
    assert 'value="seven"' in page
    assert not Generation.objects.exists()


# Ids, keys and rights


def test_what_is_added_to_a_form_is_not_stored(web, ana, project):
    other = make_project("Elsewhere")
    extra = {
        "state": "succeeded",
        "cost_micro_usd": "0",
        "estimate_micro_usd": "-5",
        "project": str(other.pk),
        "project_id": str(other.pk),
        "user": "1",
        "user_id": "1",
        "width": "1",
        "height": "1",
        "part": "7",
        "batch": str(uuid4()),
        "endpoint": "kling-v3-text",
        "uuid": str(uuid4()),
    }
    assert web.post("/projects/night-market/generate", form(**extra)).status_code == 302
    made = Generation.objects.get()
    assert (made.state, made.cost_micro_usd, made.estimate_micro_usd) == ("queued", None, 0)
    assert (made.project, made.user, made.part, made.endpoint) == (project, ana, 0, "draft-o3-text")
    assert (made.width, made.height) == (1360, 768)
    assert str(made.uuid) != extra["uuid"]
    assert str(made.batch) != extra["batch"]


def test_what_is_added_to_other_forms_is_not_stored(web, ana, project):
    web.post(
        "/people/preferences",
        {
            "name": "Ana",
            "theme": "dark",
            "backdrop": "dark",
            "role": "owner",
            "is_active": "0",
            "email": "x@example.com",
        },
    )
    ana.refresh_from_db()
    assert (ana.role, ana.is_active, ana.email) == (StudioRole.MEMBER, True, "ana@example.com")
    web.post(
        "/projects/night-market/settings",
        {"name": "Night Market", "slug": "mine", "is_sample": "1", "created_by": "1"},
    )
    project.refresh_from_db()
    assert (project.slug, project.is_sample) == ("night-market", False)
    still = make_stored(project, ana)[0]
    web.post(
        "/projects/night-market/curate/rate",
        {"id": str(still.uuid), "value": "4", "field": "state", "blob": "1"},
    )
    still.refresh_from_db()
    assert (still.rating, still.state) == (4, "stored")


def test_a_parameter_sent_twice_counts_once_and_the_price_is_of_that(web):
    doubled = form(count=["1", "4"])
    preview = web.post("/projects/night-market/preview", doubled).content.decode()
    assert "Generate 4" in preview
    web.post("/projects/night-market/generate", doubled)
    assert Generation.objects.get().count == Output.objects.count() == 4


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("curate/rate", {"value": "5"}),
        ("curate/discard", {}),
        ("zip", {}),
        ("export", {"media_format": "png"}),
        ("export/dialog", {}),
    ],
)
def test_ids_of_another_project_among_ones_own_refuse_all(web, ana, project, path, more):
    mine = make_stored(project, ana)[0]
    theirs = make_stored(make_project("Elsewhere"))[0]
    also_mine = make_stored(make_project("Second", ana), ana)[0]
    for other in (theirs, also_mine):
        answer = web.post(f"/projects/night-market/{path}", {"id": [mine.uuid, other.uuid], **more})
        assert answer.status_code == 404
    mine.refresh_from_db()
    assert (mine.rating, mine.trashed_at) == (0, None)
    assert not Export.objects.exists()


def test_a_reference_of_another_project_starts_nothing(web, ana, project):
    mine = make_reference(project)
    second = make_project("Second", ana)
    theirs = make_reference(second, colour="#998877")
    answer = web.post(
        "/projects/night-market/generate",
        form(reference=[str(mine.uuid), str(theirs.uuid)], role=["style", "style"]),
    )
    assert answer.status_code == 422
    assert "not in this project" in answer.content.decode()
    assert not Generation.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_a_key_used_in_another_project_starts_nothing_there(web, ana):
    make_project("Second", ana)
    sent = form()
    assert web.post("/projects/night-market/generate", sent).status_code == 302
    answer = web.post("/projects/second/generate", sent)
    assert answer.status_code == 422
    assert "already sent" in answer.content.decode()
    assert Generation.objects.count() == 1


def test_the_same_key_of_another_person_is_another_intent(web, project):
    ben = make_user("ben@example.com")
    make_membership(project, ben)
    other = Client()
    other.force_login(ben)
    sent = form()
    web.post("/projects/night-market/generate", sent)
    other.post("/projects/night-market/generate", sent)
    emails = set(Generation.objects.values_list("user__email", flat=True))
    assert emails == {"ana@example.com", "ben@example.com"}


@pytest.mark.parametrize(
    "token", ["", "x", "0-0", "ffffffffffffff-fffffffffffffff", "-1", "1 OR 1", "1" * 10_000, "٣-٣", "\0"]
)
def test_a_tampered_cursor_is_a_page(web, ana, project, token):
    make_stored(project, ana)
    for path, name in (("", "before"), ("", "after"), ("newer", "after"), ("trash", "before")):
        assert web.get(f"/projects/night-market/{path}", {name: token}).status_code == 200


@pytest.mark.parametrize(
    "uuid",
    [
        "1",
        "1 OR 1=1",
        "%00",
        pytest.param("x" * 10_000, id="long"),
        "٣",
        "..%2f..",
        "9B2D6C1A-4F3E-4D8B-9C57-1E2F3A4B5C6D",
    ],
)
def test_a_bad_id_is_not_found(web, uuid):
    for path in (
        "outputs/{}/",
        "outputs/{}/download",
        "generations/{}/",
        "references/{}/file/512",
        "exports/{}/file",
    ):
        assert web.get("/" + path.format(uuid)).status_code == 404
    for path in ("generations/{}/cancel", "generations/{}/retry", "exports/{}/delete"):
        assert web.post("/" + path.format(uuid)).status_code == 404


@pytest.mark.parametrize(
    "query", ["id=x", "id=%00", "id[]=1", "id=1&id=2", "order_by=password", "user__password=x"]
)
def test_junk_in_a_question_is_no_fault(web, query):
    for path in ("", "newer", "tiles", "compare", "queue", "exports", "export/dialog", "zip", "composer"):
        assert web.get(f"/projects/night-market/{path}?{query}").status_code < 500


# Coming back and going away


@pytest.mark.parametrize(
    "target", ["//evil.test", "/\\evil.test", "https:evil.test", "javascript:alert(1)", "https://evil.test/"]
)
def test_sign_in_never_leads_away(client, target):
    make_user(password="correct horse battery")
    sent = {"login": "ana@example.com", "password": "correct horse battery", "next": target}
    answer = client.post("/account/login/", sent)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/projects/"


def test_a_lost_session_leads_back_to_the_page_and_not_to_a_fragment(client, project):
    def led(**headers: str) -> str:
        answer = client.post(
            "/projects/night-market/generate", form(), headers={"HX-Request": "true", **headers}
        )
        return str(answer.headers["HX-Redirect"])

    here = "http://testserver/projects/night-market/?show=picks"
    assert led(**{"HX-Current-URL": here}).endswith("?next=/projects/night-market/%3Fshow%3Dpicks")
    for forged in (
        "https://evil.test/",
        "javascript:alert(1)",
        "//evil.test/",
        "http://testserver.evil.test/",
    ):
        assert led(**{"HX-Current-URL": forged}).endswith("?next=/projects/")
    assert (
        client.post("/projects/night-market/generate", form())
        .headers["Location"]
        .endswith("?next=/projects/")
    )
    assert client.get("/queue/?state=failed").headers["Location"].endswith("?next=/queue/%3Fstate%3Dfailed")


def test_bytes_known_to_a_browser_are_gone_with_the_membership(web, ana, project):
    still = make_stored(project, make_user("ben@example.com"))[0]
    plate = make_reference(project)
    paths = [
        f"/outputs/{still.uuid}/file/512",
        f"/outputs/{still.uuid}/download",
        f"/references/{plate.uuid}/file/512",
    ]
    tags = {path: web.get(path).headers["ETag"] for path in paths}
    assert all(web.get(path, headers={"If-None-Match": tags[path]}).status_code == 304 for path in paths)
    Membership.objects.filter(user=ana).delete()
    for path in paths:
        for headers in ({"If-None-Match": tags[path]}, {"If-None-Match": "*"}, {"Range": "bytes=0-"}):
            assert web.get(path, headers=headers).status_code == 404


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=" + ",".join(["0-"] * 1000),
        "bytes=9-1",
        "bytes=-",
        "bytes=1e3-",
        "lines=1-2",
        "bytes=99999999999-",
    ],
)
def test_a_strange_range_is_the_whole_file_or_416(web, ana, project, asked):
    still = make_stored(project, ana)[0]
    assert web.get(f"/outputs/{still.uuid}/file/original", headers={"Range": asked}).status_code in (200, 416)


def test_a_role_lost_between_page_and_press_counts(web, ana, project):
    still = make_stored(project, ana)[0]
    Membership.objects.filter(user=ana).update(role="reviewer")
    assert web.get("/projects/night-market/").status_code == 200
    assert web.post("/projects/night-market/generate", form()).status_code == 404
    assert web.post("/projects/night-market/curate/rate", {"id": still.uuid, "value": 3}).status_code == 404
    assert Generation.objects.count() == 1


def test_a_closed_account_is_out_at_its_next_request(web, ana):
    type(ana).objects.filter(pk=ana.pk).update(is_active=False)
    answer = web.get("/projects/night-market/")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/login/")


def test_a_refused_act_is_one_plain_sentence(web, ana, project):
    still = make_stored(project, ana)[0]
    answer = web.post("/projects/night-market/curate/rate", {"id": still.uuid, "value": "9" * 5000})
    assert answer.status_code == 422
    assert re.fullmatch(r"[A-Z][^*]+\.", answer.json()["text"])


@pytest.mark.django_db(transaction=True)
def test_the_same_form_from_many_threads_is_one_generation_and_one_reserve(ana, project):
    sent, start = form(count="3"), Barrier(6)

    def press(_: int) -> int:
        client = Client()
        client.force_login(ana)
        start.wait()
        try:
            return client.post("/projects/night-market/generate", sent).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(press, range(6))) == {302}
    assert Generation.objects.count() == 1
    assert Output.objects.count() == 3
    assert LedgerEntry.objects.filter(kind="reserve").count() == 1
