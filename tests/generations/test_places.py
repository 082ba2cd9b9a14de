"""What is waited for at providers is found without reading every picture that ever came from one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations import agenda

pytestmark = pytest.mark.django_db


def test_looking_for_pictures_to_fetch_reads_the_index_of_those_alone():
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads small tables whole, whatever index there is.")
    with CaptureQueriesContext(connection) as asked:
        assert agenda.pictures(10) == []
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked[0]['sql']}")
        plan = [row[-1] for row in cursor.fetchall()]
    assert any("USING INDEX output_to_fetch" in step for step in plan), plan
