"""C54, C55: rows that a newer version wrote, and a schema that was laid by half."""

import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.test import Client

from accounts.models import User
from generations.models import Attempt, Generation, State
from projects.models import Project
from routes.models import Credential
from tests import services
from tests.dispatch.hands import fresh, one_of_each
from tests.factories import make_generation, make_stored
from tests.faults import storm
from tests.paid import ENDPOINTS, dispatch, make_key, order, sandbox
from tests.running import ROOT, Studio

NEWER = "parked"  # a state and an outcome that this version does not know
PAGES = (
    "/queue/running",
    "/projects/",
    "/projects/{slug}/tiles",
    "/spend/",
    "/spend/rows.csv",
    "/generations/{uuid}/code",
    "/outputs/{output}/",
)
PAGES_OF_STATES = (
    "/queue/",
    "/projects/{slug}/queue",
    "/projects/{slug}/strip",
    "/projects/{slug}/",
    "/generations/{uuid}/",
)
LAY = ("route", "list")  # a command that needs the tables, and lays them first
MOMENTS = (1.0, 1.7, 2.4, 3.1, 3.8, 4.5)  # seconds after its start


@pytest.fixture
def newer_schema(db: None) -> Iterator[None]:
    """Rows may hold words that this version's constraints do not know."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # rolled back with everything else
            cursor.execute("ALTER TABLE generations_generation DROP CONSTRAINT generation_state_known")
            cursor.execute("ALTER TABLE generations_attempt DROP CONSTRAINT attempt_outcome_known")
            yield
            return
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        yield
        cursor.execute("PRAGMA ignore_check_constraints = OFF")


def rows_of(orders: list[Generation]) -> list[object]:
    return list(Generation.objects.filter(pk__in=[one.pk for one in orders]).order_by("pk").values())


@pytest.mark.slow
def test_the_dispatcher_leaves_alone_what_a_newer_version_is_at(
    project: Project, ana: User, newer_schema: None
):
    with sandbox() as room:
        mine = one_of_each(project)
        strange = [order(project, ENDPOINTS[one.route]) for one in mine]
        for number, one in enumerate(strange):
            Attempt.objects.create(
                generation=one,
                number=1,
                credential=one.credential,
                route=one.route,
                body=[],
                body_sha256="",
                sent_at=one.created_at,
                outcome=NEWER,
                remote_id=f"job {number}",
                due_at=one.created_at,
            )
        Generation.objects.filter(pk__in=[one.pk for one in strange]).update(state=NEWER)
        before = rows_of(strange)
        dispatch(lambda: {one.state for one in fresh(mine)} == {State.SUCCEEDED})
        assert rows_of(strange) == before
        assert set(Attempt.objects.filter(generation__in=strange).values_list("outcome", flat=True)) == {
            NEWER
        }
        assert len(room.submits()) == len(mine)


@pytest.mark.slow
def test_a_key_of_a_route_that_only_a_newer_version_knows_keeps_nobody_from_sending(project: Project):
    with sandbox():
        mine = one_of_each(project)
        key = make_key("runware", project)
        Credential.objects.filter(pk=key.pk).update(route="newer")
        dispatch(lambda: {one.state for one in fresh(mine)} == {State.SUCCEEDED})


@pytest.mark.parametrize("path", PAGES)
def test_a_page_without_the_state_of_an_order_answers_where_a_newer_version_is_at_it(
    web: Client, project: Project, ana: User, newer_schema: None, path: str
):
    assert shown(web, project, ana, path) == 200


@pytest.mark.parametrize("path", PAGES_OF_STATES)
def test_a_page_with_the_state_of_an_order_answers_where_a_newer_version_is_at_it(
    web: Client, project: Project, ana: User, newer_schema: None, path: str
):
    assert shown(web, project, ana, path) == 200


def shown(web: Client, project: Project, ana: User, path: str) -> int:
    """The status of a page about an order that waits and one that has a picture, both in a strange state."""
    output = make_stored(project, ana)[0]
    strange = make_generation(project, ana)
    Generation.objects.filter(pk__in=(strange.pk, output.generation_id)).update(state=NEWER)
    return web.get(path.format(slug=project.slug, uuid=strange.uuid, output=output.uuid)).status_code


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.scale)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Studio]:
    """A studio without tables."""
    data = tmp_path / "data"
    data.mkdir()
    with services.database() if request.param == "postgresql" else nullcontext("") as url:
        yield Studio(data, {"DATABASE_URL": url})


def steps(studio: Studio) -> int:
    """How many migrations are laid; 0 before the first."""
    try:
        return int(str(storm.rows(studio, "SELECT count(*) FROM django_migrations")[0][0]))
    except (sqlite3.OperationalError, psycopg.errors.UndefinedTable):
        return 0


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with all tables."""
    studio = Studio(tmp_path_factory.mktemp("laid") / "data")
    studio.data.mkdir()
    studio.manage(*LAY).check_returncode()
    return studio.data


@pytest.mark.slow
def test_a_schema_whose_laying_was_killed_at_whichever_moment_is_laid_as_a_whole(empty: Studio, laid: Path):
    """The moments lie around the seconds that it takes; nothing tells from outside how far it is."""
    for moment in MOMENTS:
        with subprocess.Popen([sys.executable, "manage.py", *LAY], cwd=ROOT, env=empty.env) as laying:
            time.sleep(moment)
            laying.kill()
        assert steps(empty) in (0, steps(Studio(laid)))
    empty.manage(*LAY).check_returncode()
    assert steps(empty) == steps(Studio(laid))


@pytest.mark.slow
@pytest.mark.parametrize("forgotten", ["app = 'delivery'", "app = 'media' AND name LIKE '0001%'"])
def test_tables_that_do_not_fit_their_version_keep_the_studio_from_starting_with_a_sentence(
    laid: Path, tmp_path: Path, forgotten: str
):
    """Tables that are there already, and steps whose first one is missing."""
    studio = Studio(tmp_path / "data")
    shutil.copytree(laid, studio.data)
    with closing(sqlite3.connect(studio.data / "framehouse.sqlite3")) as one, one:
        one.execute(f"DELETE FROM django_migrations WHERE {forgotten}")
    ended = studio.manage("up")
    assert ended.returncode == 1
    assert ended.stderr.startswith("CommandError: The database could not be brought to this version (")
    assert len(ended.stderr.splitlines()) == 1
