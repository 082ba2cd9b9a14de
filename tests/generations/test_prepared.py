"""A prepared query is the query that it was composed as, whatever it is given and in whichever thread."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generations.models import Attempt, Event, Outcome, State
from generations.prepared import (
    GivenKeys,
    PreparedInsert,
    PreparedQuery,
    PreparedUpdate,
    column,
    moment,
    number,
)
from projects.models import Project
from tests.generations import sent

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 8, 1, 12, 0, 0, 5, tzinfo=UTC)
DUE = PreparedQuery(
    lambda: (
        Attempt.objects.filter(due_at__lte=moment("now"), pk__in=GivenKeys("attempts"))
        .select_related("generation")
        .only("uuid", "urls", "due_at", "is_done", "generation__state")
        .order_by("pk")
    )
)
TOLD = PreparedUpdate(
    lambda: Attempt.objects.filter(pk=number("attempt")),
    lambda: {name: column(Attempt, name) for name in ("urls", "due_at", "is_done", "remote_id", "route")},
)
NOTED = PreparedInsert(
    Event, "project_id", "generation_id", "output_id", "from_state", "to_state", "actor", "note", "at"
)


@pytest.fixture
def attempts(project: Project) -> list[Attempt]:
    """Four, due at noon and each an hour later than the one before."""
    for _ in range(4):
        sent.submitted(project)
    found = list(Attempt.objects.order_by("pk"))
    for hours, attempt in enumerate(found):
        Attempt.objects.filter(pk=attempt.pk).update(due_at=NOON + timedelta(hours=hours))
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(hours=st.integers(-1, 4), chosen=st.sets(st.integers(0, 3)), others=st.sets(st.integers(10**6, 2**62)))
def test_it_finds_what_the_same_query_would_find(attempts, hours, chosen, others):
    keys = [attempts[place].pk for place in chosen] + list(others)
    now = NOON + timedelta(hours=hours)
    found = DUE.rows({"now": now, "attempts": keys})
    assert found == list(Attempt.objects.filter(due_at__lte=now, pk__in=keys).order_by("pk"))


def test_its_rows_have_their_columns_and_relations_and_ask_for_the_rest(attempts, django_assert_num_queries):
    with django_assert_num_queries(1):
        [found] = DUE.rows({"now": NOON, "attempts": [one.pk for one in attempts]})
        assert (found.uuid, found.due_at, found.urls) == (attempts[0].uuid, NOON, attempts[0].urls)
        assert found.generation.state == State.SUBMITTED
    with django_assert_num_queries(1):
        assert found.body == attempts[0].body


def test_its_sql_is_the_same_however_many_keys_it_is_given(attempts):
    with CaptureQueriesContext(connection) as asked:
        for many in (0, 1, 5000):
            DUE.rows({"now": NOON, "attempts": range(10**6, 10**6 + many)})
    assert len({one["sql"].partition("IN (")[0] for one in asked.captured_queries}) == 1


@pytest.mark.django_db(transaction=True)
def test_threads_do_not_get_in_each_others_way(attempts):
    keys = [one.pk for one in attempts]

    def ask(hours: int) -> list[int]:
        try:
            rows = [DUE.rows({"now": NOON + timedelta(hours=hours), "attempts": keys}) for _ in range(20)]
            return [len(one) for one in rows]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(4)))
    assert found == [[hours + 1] * 20 for hours in range(4)]


@pytest.mark.parametrize("urls", [{}, {"status": "https://x/ä'\"%s"}])
@pytest.mark.parametrize("due_at", [None, NOON])
def test_an_update_writes_what_it_is_given_and_says_how_many(attempts, urls, due_at):
    first, *others = attempts
    changes = {"urls": urls, "due_at": due_at, "is_done": True, "remote_id": "job'%", "route": "fal"}
    assert TOLD.change({"attempt": first.pk, **changes}) == 1
    assert TOLD.change({"attempt": 10**9, **changes}) == 0
    assert Attempt.objects.values(*changes).get(pk=first.pk) == changes
    assert not Attempt.objects.filter(pk__in=[one.pk for one in others], is_done=True).exists()


def test_an_insert_adds_a_row_for_each_it_is_given(attempts):
    Event.objects.all().delete()
    rows = [
        {
            "project_id": one.generation.project_id,
            "generation_id": one.generation_id,
            "output_id": None,
            "from_state": "",
            "to_state": Outcome.ACCEPTED,
            "actor": "dispatcher",
            "note": f"It's {one.pk} %s",
            "at": NOON,
        }
        for one in attempts
    ]
    NOTED.add(rows)
    NOTED.add([])
    assert list(Event.objects.order_by("pk").values(*rows[0])) == rows


def test_what_the_database_refuses_ends_the_transaction_as_ever(attempts):
    first, second, *_ = attempts
    taken: dict[str, object] = {
        "urls": {},
        "due_at": None,
        "is_done": False,
        "remote_id": uuid4().hex,
        "route": "fal",
    }
    TOLD.change({"attempt": first.pk, **taken})
    with pytest.raises(TransactionManagementError), transaction.atomic():  # noqa: PT012 - the second is the point
        with pytest.raises(IntegrityError):
            TOLD.change({"attempt": second.pk, **taken})
        Attempt.objects.count()
