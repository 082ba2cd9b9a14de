"""Exports that were ordered before a picture was flagged: it is left out, and named."""

import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from delivery import naming, orders, results, tasks
from delivery.models import Export, ExportState
from generations.models import Output
from projects.models import Project
from tests.factories import make_stored

pytestmark = pytest.mark.django_db


@pytest.fixture
def stills(project: Project, ana: User) -> list[Output]:
    return make_stored(project, ana, count=3)


@pytest.fixture
def ordered(project: Project, ana: User, stills: list[Output]) -> Export:
    return orders.start(project, ana, stills, "webp", with_sidecars=False)


def file_of(client: Client, export: Export):
    return client.get(reverse("delivery:export_file", args=[export.uuid]))


def archive_of(client: Client, export: Export) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(file_of(client, export).getvalue()))


def now(export: Export) -> Export:
    return Export.objects.get(pk=export.pk)


def flag(output: Output, *, flagged: bool = True) -> None:
    Output.objects.filter(pk=output.pk).update(is_flagged=flagged)


def test_a_still_flagged_meanwhile_is_left_out_and_named(web, ordered, stills):
    flag(stills[1])
    stills[2].delete()
    tasks.export(ordered.pk)
    done = now(ordered)
    assert (done.state, done.done) == (ExportState.DONE, 1)
    name = naming.stem(stills[1])
    said = f"1 still is flagged by the provider's safety check and left out: {name}."
    assert done.error == f"1 still was deleted before this export was made. {said}"
    with archive_of(web, ordered) as archive:
        assert len([each for each in archive.namelist() if each.endswith(".webp")]) == 1
        assert said in archive.read("stills are missing.txt").decode()


def test_an_archive_with_a_still_flagged_since_is_made_again_without_it(web, ordered, stills):
    tasks.export(ordered.pk)
    flag(stills[0])
    refused = file_of(web, ordered)
    assert refused.status_code == 422
    assert f"left out: {naming.stem(stills[0])}." in refused.content.decode()
    assert now(ordered).state == ExportState.QUEUED
    tasks.export(ordered.pk)
    with archive_of(web, ordered) as archive:
        names = [each for each in archive.namelist() if each.endswith(".webp")]
        assert names == [naming.file_name(still, "webp") for still in stills[1:]]
        assert "stills are missing.txt" in archive.namelist()
    assert [path.name for path in results.folder(ordered.uuid).iterdir()] == [now(ordered).file]


def test_an_archive_made_without_a_flagged_still_stays_after_it_is_shown(web, ordered, stills):
    flag(stills[0])
    tasks.export(ordered.pk)
    flag(stills[0], flagged=False)
    with archive_of(web, ordered) as archive:
        assert len(archive.namelist()) == 3
    assert now(ordered).state == ExportState.DONE


def test_of_many_flagged_stills_the_first_are_named(project, ana):
    many = make_stored(project, ana, count=5)
    export = orders.start(project, ana, many, "webp", with_sidecars=False)
    Output.objects.filter(pk__in=[each.pk for each in many]).update(is_flagged=True)
    tasks.export(export.pk)
    assert now(export).error.startswith("5 stills are flagged by the provider's safety check and left out: ")
    assert now(export).error.endswith(" and 2 more.")
