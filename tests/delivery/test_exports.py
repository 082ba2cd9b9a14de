"""Exports: ordered by a member, made once under fence and lease, resumed after a kill, gone after a week."""

import io
import json
import os
import time
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import User
from delivery import exporting, orders, results, sweep, tasks
from delivery.models import Export, ExportState
from generations.models import Output
from media import storage
from projects.models import Project, ProjectRole
from tests.factories import make_generation, make_membership, make_project, make_stored, make_user

pytestmark = pytest.mark.django_db
PROMPT = "Amalthea whispers over the marmalade"


@pytest.fixture
def stills(project: Project, ana: User) -> list[Output]:
    return make_stored(project, ana, PROMPT, count=3)


@pytest.fixture
def ordered(project: Project, ana: User, stills: list[Output]) -> Export:
    return orders.start(project, ana, stills, "webp", with_sidecars=False)


def original(output: Output) -> Path:
    assert output.blob
    return storage.original(output.blob.sha256)


def page(name: str, export: Export) -> str:
    return reverse(f"delivery:{name}", args=[export.uuid])


def order(client: Client, project: Project, outputs: list[Output], **more: str):
    data = {"id": [str(output.uuid) for output in outputs], "media_format": "jpeg", **more}
    return client.post(reverse("delivery:export", args=[project.slug]), data)


def archive_of(client: Client, export: Export) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(client.get(page("export_file", export)).getvalue()))


def now(export: Export) -> Export:
    return Export.objects.get(pk=export.pk)


def forget_the_lease(export: Export) -> None:
    """What time does after a worker was killed."""
    Export.objects.filter(pk=export.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_an_export_converts_every_still_into_one_archive(web, project, stills):
    answer = order(web, project, stills)
    assert answer["Location"] == reverse("delivery:exports", args=[project.slug])
    export = Export.objects.get()
    tasks.export(export.pk)
    done = now(export)
    assert (done.state, done.done, done.total) == (ExportState.DONE, 3, 3)
    with archive_of(web, export) as archive:
        assert archive.testzip() is None
        assert [Image.open(archive.open(name)).format for name in archive.namelist()] == ["JPEG"] * 3
        assert all(name.endswith(".jpg") for name in archive.namelist())
    assert [path.name for path in results.folder(export.uuid).iterdir()] == [done.file]
    assert done.bytes == (results.folder(export.uuid) / done.file).stat().st_size


def test_an_export_says_nothing_of_the_prompt_unless_asked_to(web, project, stills):
    order(web, project, stills)
    order(web, project, stills, with_sidecars="on")
    plain, told = Export.objects.order_by("pk")
    for export in (plain, told):
        tasks.export(export.pk)
    secret = b"marmalade"
    with archive_of(web, plain) as archive:
        assert not any(
            secret in archive.read(name) or b"marm" in name.encode() for name in archive.namelist()
        )
    with archive_of(web, told) as archive:
        sidecars = [json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")]
    assert [facts["request"]["prompt"] for facts in sidecars] == [PROMPT] * 3


def test_stills_that_have_the_format_are_copied_untouched(web, project, stills):
    order(web, project, stills, media_format="png")
    export = Export.objects.get()
    tasks.export(export.pk)
    with archive_of(web, export) as archive:
        inside = [archive.read(name) for name in archive.namelist()]
    assert inside == [original(output).read_bytes() for output in stills]


def test_a_task_that_is_delivered_twice_runs_once(web, ordered):
    tasks.export(ordered.pk)
    first = now(ordered)
    tasks.export(ordered.pk)
    assert now(ordered).fence == first.fence == 1


def test_a_second_worker_leaves_a_held_export_alone(ordered):
    assert exporting.claim(ordered.pk)
    tasks.export(ordered.pk)
    assert now(ordered).state == ExportState.RUNNING
    assert not results.folder(ordered.uuid).exists()


def test_a_slice_lets_go_and_the_next_one_goes_on(ordered, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exporting, "SLICE", -1.0)
    assert exporting.run(ordered.pk)
    assert (now(ordered).done, now(ordered).lease_until) == (1, None)
    assert exporting.run(ordered.pk)
    assert not exporting.run(ordered.pk)
    assert now(ordered).state == ExportState.DONE


def test_an_export_killed_midway_resumes_where_it_stopped(ordered, stills, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exporting, "SLICE", -1.0)
    exporting.run(ordered.pk)
    assert exporting.claim(ordered.pk)  # a worker took it and died
    made = results.folder(ordered.uuid) / f"{stills[0].uuid.hex}.webp"
    before = made.stat().st_mtime_ns
    forget_the_lease(ordered)
    assert exporting.run(ordered.pk)
    assert made.stat().st_mtime_ns == before
    assert now(ordered).done == 2


def test_a_worker_that_lost_its_claim_changes_nothing(ordered):
    late = exporting.claim(ordered.pk)
    forget_the_lease(ordered)
    tasks.export(ordered.pk)
    finished = now(ordered)
    assert late
    assert not exporting.work(late)
    assert now(ordered).file == finished.file
    assert (results.folder(ordered.uuid) / finished.file).is_file()


def test_an_export_that_kills_its_worker_each_time_ends_as_failed(ordered):
    for _ in range(exporting.TRIES):
        assert exporting.claim(ordered.pk)
        forget_the_lease(ordered)
    tasks.export(ordered.pk)
    assert now(ordered).state == ExportState.FAILED
    assert "stopped several times" in now(ordered).error


def test_a_cancelled_export_stops_and_leaves_nothing(web, ordered, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exporting, "SLICE", -1.0)
    exporting.run(ordered.pk)
    held = exporting.claim(ordered.pk)
    web.post(page("export_cancel", ordered))
    assert held
    assert not exporting.work(held)
    tasks.export(ordered.pk)
    assert (now(ordered).state, results.folder(ordered.uuid).exists()) == (ExportState.CANCELLED, False)


def test_a_cancelled_export_can_be_tried_again(web, ordered):
    web.post(page("export_cancel", ordered))
    web.post(page("export_retry", ordered))
    tasks.export(ordered.pk)
    assert now(ordered).state == ExportState.DONE


def test_a_finished_export_can_neither_be_cancelled_nor_repeated(web, ordered):
    tasks.export(ordered.pk)
    for name in ("export_cancel", "export_retry"):
        web.post(page(name, ordered))
        assert now(ordered).state == ExportState.DONE


def test_a_deleted_export_takes_its_archive_with_it(web, ordered):
    tasks.export(ordered.pk)
    web.post(page("export_delete", ordered))
    assert not Export.objects.exists()
    assert not results.folder(ordered.uuid).exists()


def test_a_damaged_original_fails_the_export_in_a_sentence(web, ordered, stills):
    file = original(stills[1])
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    tasks.export(ordered.pk)
    file.write_bytes(whole)
    assert now(ordered).state == ExportState.FAILED
    assert "_02.png could not be converted." in now(ordered).error
    assert not results.folder(ordered.uuid).exists()


def test_a_still_deleted_meanwhile_is_named_as_missing(web, ordered, stills):
    stills[1].delete()
    tasks.export(ordered.pk)
    assert (now(ordered).state, now(ordered).done) == (ExportState.DONE, 2)
    assert now(ordered).error == "1 still was deleted before this export was made."
    with archive_of(web, ordered) as archive:
        assert "stills are missing.txt" in archive.namelist()


@pytest.mark.parametrize("wanted", ["gif", "", "PNG", "../png"])
def test_a_format_that_cannot_be_exported_is_refused(web, project, stills, wanted):
    answer = order(web, project, stills, media_format=wanted)
    assert answer.status_code == 422
    assert "Choose PNG, JPEG or WebP." in answer.content.decode()
    assert not Export.objects.exists()


def test_foreign_and_unfinished_stills_make_no_export(web, project, ana, stills):
    strangers = make_stored(make_project("Elsewhere", make_user("eve@example.com")))
    waiting = [make_generation(project, ana).outputs.get()]
    assert order(web, project, stills + strangers).status_code == 404
    assert order(web, project, stills + waiting).status_code == 422
    assert not Export.objects.exists()


def test_a_reviewer_may_export_but_not_touch_another_members_export(client, project, ordered, stills):
    rex = make_user("rex@example.com")
    make_membership(project, rex, ProjectRole.REVIEWER)
    client.force_login(rex)
    assert order(client, project, stills).status_code == 302
    assert client.get(page("export_progress", ordered)).status_code == 200
    for name in ("export_cancel", "export_retry", "export_delete"):
        assert client.post(page(name, ordered)).status_code == 404


def test_nobody_outside_the_project_sees_its_exports(client, project, ordered):
    tasks.export(ordered.pk)
    client.force_login(make_user("eve@example.com"))
    assert client.get(reverse("delivery:exports", args=[project.slug])).status_code == 404
    assert client.get(reverse("delivery:export_dialog", args=[project.slug])).status_code == 404
    for name in ("export_progress", "export_file"):
        assert client.get(page(name, ordered)).status_code == 404


def test_progress_is_asked_for_while_it_runs_and_no_longer(web, ordered):
    running = web.get(page("export_progress", ordered)).content.decode()
    assert 'role="progressbar"' in running
    assert 'hx-trigger="every 1s"' in running
    tasks.export(ordered.pk)
    ended = web.get(page("export_progress", ordered))
    assert ended["HX-Retarget"] == f"#export-{ordered.uuid}"
    assert "every 1s" not in ended.content.decode()
    assert page("export_file", ordered) in ended.content.decode()


def test_an_archive_that_is_not_ready_is_refused_in_a_sentence(web, ordered):
    answer = web.get(page("export_file", ordered))
    assert answer.status_code == 422
    assert "not ready" in answer.content.decode()


def test_the_list_takes_the_same_queries_for_any_number(web, project, ana, stills, ordered):
    address = reverse("delivery:exports", args=[project.slug])
    web.get(address)
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert "3 stills as WebP" in web.get(address).content.decode()
    for _ in range(8):
        orders.start(project, ana, stills, "png", with_sidecars=False)
    with CaptureQueriesContext(connection) as many:
        web.get(address)
    assert len(many) == len(few)


def test_the_dialog_carries_the_selection_and_what_it_will_do(web, project, stills):
    address = reverse("delivery:export_dialog", args=[project.slug])
    for answer in (
        web.get(address, {"id": [str(output.uuid) for output in stills]}),
        web.post(address, {"all": "1", "show": "all"}),
    ):
        assert answer.status_code == 200
        assert "Export 3 stills · free" in answer.content.decode()
    assert web.get(address).status_code == 422


def test_an_order_from_the_dialog_answers_with_a_notice_that_follows_it(web, project, stills):
    data = {"id": [str(output.uuid) for output in stills], "media_format": "webp"}
    address = reverse("delivery:export", args=[project.slug])
    answer = web.post(address, data, headers={"HX-Request": "true"})
    assert answer["HX-Reswap"] == "delete"
    assert page("export_progress", Export.objects.get()) in answer.content.decode()
    wrong = web.post(address, data | {"media_format": "gif"}, headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert str(stills[0].uuid) in wrong.content.decode()


def test_an_order_is_kept_when_the_broker_is_away(web, project, stills, django_capture_on_commit_callbacks):
    queue = settings.BROKER / "queue"
    aside = queue.with_name("aside")
    queue.rename(aside)
    queue.write_text("not a folder")
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert order(web, project, stills).status_code == 302
    finally:
        queue.unlink()
        aside.rename(queue)
    assert Export.objects.get().state == ExportState.QUEUED


def test_the_sweep_rings_for_forgotten_exports_only(project, ana, stills, ordered):
    held = orders.start(project, ana, stills, "png", with_sidecars=False)
    fresh = orders.start(project, ana, stills, "png", with_sidecars=False)
    long_ago = timezone.now() - timedelta(hours=1)
    Export.objects.exclude(pk=fresh.pk).update(rung_at=long_ago)
    assert exporting.claim(held.pk)
    assert sweep.ring_forgotten() == 1
    assert now(ordered).rung_at != long_ago
    assert sweep.ring_forgotten() == 0


def test_an_export_is_gone_after_a_week(ordered):
    tasks.export(ordered.pk)
    sweep.sweep()
    assert results.folder(ordered.uuid).is_dir()
    Export.objects.update(finished_at=timezone.now() - timedelta(days=7, seconds=1))
    sweep.sweep()
    assert not Export.objects.exists()
    assert not results.folder(ordered.uuid).exists()


def test_folders_of_exports_that_are_gone_are_tidied_away(project, ordered):
    kept, lost = results.make_room(ordered.uuid), results.make_room(project.uuid)
    (lost / "still.webp").write_bytes(b"x")
    stray = results.root() / "notes"
    stray.mkdir()
    hours_ago = time.time() - 7200
    for folder in (kept, lost, stray):
        os.utime(folder, (hours_ago, hours_ago))
    assert sweep.tidy() == 1
    assert (kept.is_dir(), lost.exists(), stray.is_dir()) == (True, False, True)
    stray.rmdir()


def test_the_time_of_an_export_is_told_in_words_and_exactly(web, ordered, project):
    Export.objects.filter(pk=ordered.pk).update(created_at=timezone.now() - timedelta(hours=2, minutes=1))
    shown = web.get(reverse("delivery:exports", args=[project.slug])).content.decode().replace("\xa0", " ")
    assert ">2 hours ago</time>" in shown
    with timezone.override("Europe/Berlin"):
        exact = timezone.localtime(now(ordered).created_at)
        shown = web.get(reverse("delivery:exports", args=[project.slug])).content.decode()
    assert f"{exact:%H:%M} CE" in shown
