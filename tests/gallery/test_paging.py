"""Keyset pages: complete, stable under inserts, both ways, and by index alone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gallery import filters, paging
from gallery.filters import Filter
from generations.cursor import Cursor
from generations.models import Output
from tests.factories import make_project, make_user
from tests.gallery.filling import fill

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def project():
    return make_project(owner=make_user())


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    size=st.integers(1, 7),
    ties=st.lists(st.integers(0, 3), max_size=14),
    arriving=st.lists(st.integers(0, 3), max_size=5),
)
def test_scrolling_down_meets_every_still_once_however_many_arrive(project, size, ties, arriving):
    Output.objects.all().delete()
    there = {fill(project, 1, at=NOON + timedelta(seconds=tie))[0].pk for tie in ties}
    waiting, seen, start = list(arriving), [], None
    while True:
        page = paging.older(filters.stills(project), start, size)
        seen += [output.pk for output in page.outputs]
        if waiting:
            fill(project, 1, at=NOON + timedelta(seconds=10 + waiting.pop()))
        if page.older is None:
            break
        start = page.older
    assert len(seen) == len(set(seen))
    assert set(seen) >= there


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(1, 5), ties=st.lists(st.integers(0, 2), min_size=1, max_size=12))
def test_scrolling_up_meets_the_same_stills_in_the_same_order(project, size, ties):
    Output.objects.all().delete()
    for tie in ties:
        fill(project, 1, at=NOON + timedelta(seconds=tie))
    outputs = filters.stills(project)
    expected = [output.pk for output in outputs.order_by("-created_at", "-id")]
    last = outputs.get(pk=expected[-1])
    seen = [last.pk]
    start: Cursor | None = Cursor.of(last)
    while start is not None:
        page = paging.newer(outputs, start, size)
        seen = [output.pk for output in page.outputs] + seen
        start = page.newer
    assert seen == expected


@given(
    at=st.datetimes(datetime(1970, 1, 1), datetime(4000, 1, 1)),
    pk=st.integers(0, 2**59),
)
def test_a_cursor_comes_back_from_its_token(at, pk):
    cursor = Cursor(at.replace(tzinfo=UTC), pk)
    assert Cursor.read(str(cursor)) == cursor


@pytest.mark.parametrize(
    "token",
    ["", "x", "1-", "-1", "zz-1", "1-1-1", "f" * 14 + "-1", "1-" + "f" * 16, "1-1\n", "½-1", "' OR 1=1"],
)
def test_a_tampered_cursor_shows_the_newest_page(client: Client, project, token):
    output = fill(project, 1)[0]
    client.force_login(project.created_by)
    answer = client.get(f"/projects/{project.slug}/", {"before": token, "after": token})
    assert answer.status_code == 200
    assert str(output.uuid) in answer.text


@given(token=st.text(max_size=40))
def test_no_token_breaks_the_reader(token):
    cursor = Cursor.read(token)
    assert cursor is None or isinstance(cursor.at, datetime)


CHOICES = [
    Filter(),
    Filter(show="picks"),
    Filter(show="drops"),
    Filter(show="favourites"),
    Filter(show="unreviewed"),
]


@pytest.mark.parametrize("asked", CHOICES, ids=lambda asked: asked.show)
def test_a_page_is_read_from_an_index_in_order(project, asked):
    if connection.vendor != "sqlite":
        return
    cursor = Cursor(NOON, 5)
    outputs = filters.matching(project, project.created_by, asked)
    for start in (None, cursor):
        plan = paging.newest_first(outputs, start)[:51].explain()
        assert "USING INDEX output_" in plan, plan
        assert "TEMP B-TREE" not in plan, plan
        assert "SCAN" not in plan, plan


def test_counting_stops_at_the_limit(project):
    fill(project, 7)
    assert paging.count(filters.stills(project), most=5) == "5+"
    assert paging.count(filters.stills(project), most=7) == "7"
