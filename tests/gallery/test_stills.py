"""The stills page from outside: what it shows, to whom, and at what price in queries."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import StudioRole, User
from gallery.tiles import heading
from generations.models import Output, OutputState
from projects.models import Project, ProjectRole
from tests.factories import make_generation, make_membership, make_project, make_stored, make_user
from tests.gallery.filling import fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client: Client):
    user = make_user()
    client.force_login(user)
    return user


@pytest.fixture
def project(user):
    return make_project(owner=user)


def shown(answer) -> list[str]:
    """UUIDs of the tiles, in order."""
    return [part[:36] for part in answer.text.split('id="tile-')[1:] if part[8] == "-"]


def older_link(answer: HttpResponse) -> str:
    return str(answer.text).split('class="more" href="')[1].split('"')[0].replace("&amp;", "&")


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_newest_still_comes_first(client, project):
    outputs = fill(project, 3)
    assert shown(client.get(f"/projects/{project.slug}/")) == [str(output.uuid) for output in outputs]


def test_fifty_stills_cost_as_many_queries_as_five(client, project, user):
    fill(project, 5, user)
    client.get(f"/projects/{project.slug}/")  # the first visit of a session writes it down
    few = queries(client, f"/projects/{project.slug}/")
    fill(project, 45, user)
    assert queries(client, f"/projects/{project.slug}/") == few
    fill(project, 30, user)
    assert queries(client, f"/projects/{project.slug}/") == few + 1, (
        "one limited count, once there are further pages"
    )


def test_nothing_counts_without_a_limit(client, project, user):
    fill(project, 3, user)
    with CaptureQueriesContext(connection) as captured:
        client.get(f"/projects/{project.slug}/")
    counting = [
        one["sql"]
        for one in captured
        if "COUNT(" in one["sql"] and '"generations_output"' in one["sql"].split("FROM")[-1]
    ]
    assert all("LIMIT" in sql for sql in counting)


def test_further_pages_continue_without_repeating_the_day(client, project):
    noon = datetime(2026, 11, 19, 12, tzinfo=UTC)
    outputs = fill(project, 60, at=noon)
    first = client.get(f"/projects/{project.slug}/")
    assert first.text.count('class="day"') == 1
    assert len(shown(first)) == 50
    link = older_link(first)
    rest = client.get(
        f"/projects/{project.slug}/{link}", headers={"HX-Request": "true", "HX-Request-Type": "partial"}
    )
    assert shown(rest) == [str(output.uuid) for output in outputs[50:]]
    assert 'class="day"' not in rest.text
    assert "<html" not in rest.text


def test_a_deep_page_leads_up_again(client, project):
    outputs = fill(project, 60)
    first = client.get(f"/projects/{project.slug}/")
    link = older_link(first)
    deep = client.get(f"/projects/{project.slug}/{link}")
    up = deep.text.split("after=")[1].split('"')[0]
    above = client.get(f"/projects/{project.slug}/", {"after": up})
    assert shown(above) == [str(output.uuid) for output in outputs[:50]]


def test_a_day_says_how_many_it_has(client, project):
    fill(project, 55, at=datetime(2026, 11, 18, 12, tzinfo=UTC))
    fill(project, 3, at=datetime(2026, 11, 19, 12, tzinfo=UTC))
    text = client.get(f"/projects/{project.slug}/").text
    assert "19 November <small>3</small>" in text
    assert "18 November <small>55</small>" in text


def test_days_are_said_as_people_say_them():
    today = timezone.localdate()
    assert heading(today) == "Today"
    assert heading(today - timedelta(days=1)) == "Yesterday"
    assert heading(datetime(2019, 3, 5, tzinfo=UTC).date()) == "Tuesday 5 March 2019"


def test_places_are_held_and_failures_are_left_to_the_strip(client, project, user):
    generation = make_generation(project, user, count=2)
    waiting, failed = generation.outputs.order_by("index")
    Output.objects.filter(pk=failed.pk).update(state=OutputState.FAILED)
    text = client.get(f"/projects/{project.slug}/").text
    assert f'id="tile-{waiting.uuid}"' in text
    assert "data-pending" in text
    assert str(failed.uuid) not in text


def test_tiles_come_anew_and_one_that_left_is_left_out(client, project):
    here, gone = fill(project, 2)
    Output.objects.filter(pk=gone.pk).update(trashed_at=timezone.now())
    answer = client.get(f"/projects/{project.slug}/tiles", {"id": [here.uuid, gone.uuid]})
    assert shown(answer) == [str(here.uuid)]


def test_newer_tiles_come_with_the_count_of_the_filter(client, project):
    make_stored(project, prompt="A fox", count=3)
    make_stored(project, prompt="A heron")
    for asked, words in (({}, "4 stills"), ({"q": "heron"}, "1 still"), ({"q": "nobody"}, "0 stills")):
        page = client.get(f"/projects/{project.slug}/newer", asked).content.decode()
        assert re.search(rf'data-count="{words[0]}">\s*{words}\s*</data>', page)


def test_newer_tiles_are_those_above_the_cursor(client, project):
    old = fill(project, 1, at=timezone.now() - timedelta(hours=1))[0]
    cursor = client.get(f"/projects/{project.slug}/").text.split('data-cursor="')[1].split('"')[0]
    assert shown(client.get(f"/projects/{project.slug}/newer", {"after": cursor})) == []
    fresh = fill(project, 2)
    answer = client.get(f"/projects/{project.slug}/newer", {"after": cursor})
    assert shown(answer) == [str(output.uuid) for output in fresh]
    assert shown(client.get(f"/projects/{project.slug}/newer", {"after": "junk"})) == [
        *shown(answer),
        str(old.uuid),
    ]


@pytest.mark.parametrize("name", ["tiles", "newer", "trash", "", "compare"])
@pytest.mark.parametrize(
    "query",
    [
        "id=1",
        "id=x&id=" + "9" * 40,
        "after=%00",
        "q=%00&rating=99&show=x&model=%00",
        "id=" + "&id=".join(["a"] * 600),
    ],
)
def test_junk_in_the_address_is_never_an_error_of_ours(client, project, name, query):
    fill(project, 1)
    assert client.get(f"/projects/{project.slug}/{name}?{query}").status_code in (200, 404, 422)


MATRIX = [
    ("stranger", None, 404),
    ("reviewer", ProjectRole.REVIEWER, 200),
    ("artist", ProjectRole.ARTIST, 200),
    ("producer", ProjectRole.PRODUCER, 200),
    ("admin", StudioRole.ADMIN, 200),
]


@pytest.mark.parametrize(("who", "role", "status"), MATRIX, ids=lambda value: str(value))
def test_only_members_and_admins_see_stills(client, who, role, status):
    project = make_project(owner=make_user("owner@example.com"))
    one, two = fill(project, 2)
    person = make_user(f"{who}@example.com", role=role if role == StudioRole.ADMIN else StudioRole.MEMBER)
    if role in ProjectRole.values:
        make_membership(project, person, role)
    client.force_login(person)
    base = f"/projects/{project.slug}/"
    pages = ["", "newer", f"tiles?id={one.uuid}", f"compare?id={one.uuid}&id={two.uuid}"]
    assert {client.get(base + page).status_code for page in pages} == {status}
    assert client.get(f"/outputs/{one.uuid}/").status_code == status
    allowed = 404 if role in (None, ProjectRole.REVIEWER) else 200
    assert client.get(base + "trash").status_code == allowed
    assert client.post(base + "curate/rate", {"id": one.uuid, "value": 3}).status_code == allowed
    one.refresh_from_db()
    assert one.rating == (3 if allowed == 200 else 0)


def test_the_signed_out_are_sent_to_sign_in(project):
    one = fill(project, 1)[0]
    for address in (f"/projects/{project.slug}/", f"/outputs/{one.uuid}/", f"/projects/{project.slug}/newer"):
        assert Client().get(address).status_code == 302


def set_up_filters(project: Project, user: User, other: User) -> dict[str, str]:
    """Six stills, each found by another filter."""
    names = ("plain", "pick", "drop", "liked", "stars", "other")
    made = dict(zip(names, fill(project, 6, user, "Fog over the harbour"), strict=True))
    Output.objects.filter(pk=made["pick"].pk).update(flag="pick")
    Output.objects.filter(pk=made["drop"].pk).update(flag="drop")
    Output.objects.filter(pk=made["liked"].pk).update(is_favourite=True)
    Output.objects.filter(pk=made["stars"].pk).update(rating=4)
    generation = made["other"].generation
    generation.user, generation.model, generation.prompt = other, "v3", "Low angle, night RAIN, 100% neon"
    generation.save(update_fields=["user", "model", "prompt"])
    return {str(output.uuid): name for name, output in made.items()}


FILTERS = [
    ("", "plain pick drop liked stars other"),
    ("show=picks", "pick"),
    ("show=drops", "drop"),
    ("show=favourites", "liked"),
    ("show=unreviewed", "plain liked other"),
    ("rating=4", "stars"),
    ("rating=5", ""),
    ("q=rating>3", "stars"),
    ("q=rating>5", ""),
    ("mine=1", "plain pick drop liked stars"),
    ("q=by:me+status:picks", "pick"),
    ("model=v3", "other"),
    ("q=model:v3", "other"),
    ("q=model:v3&model=o3", ""),
    ("q=rain", "other"),
    ("q=rain+NIGHT", "other"),
    ("q=%22night rain%22", "other"),
    ("q=%22rain night%22", ""),
    ("q=100%25", "other"),
    ("q=_", ""),
    ("q=harbour+rain", ""),
    ("q=fog&show=picks", "pick"),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS)
def test_every_filter_finds_what_it_says(client, project, user, query, expected):
    names = set_up_filters(project, user, make_user("other@example.com"))
    answer = client.get(f"/projects/{project.slug}/?{query}")
    assert [names[uuid] for uuid in shown(answer)] == expected.split()


def test_a_filter_that_finds_nothing_leads_back(client, project):
    fill(project, 1)
    text = client.get(f"/projects/{project.slug}/?show=picks").text
    assert "No still matches" in text
    assert "Show all stills" in text


def test_a_prompt_is_text_and_never_markup(client, project):
    output = fill(project, 1, prompt='<script>alert("x")</script> & "quotes"')[0]
    for address in (f"/projects/{project.slug}/", f"/outputs/{output.uuid}/"):
        assert "<script>alert" not in client.get(address).text
