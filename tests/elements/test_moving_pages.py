"""Archiving, merging, purging, exporting and importing as people do it."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import StudioRole
from elements import consent, parcel
from elements.library import find
from elements.models import Element, LibraryEvent
from media import archive
from media.models import Blob
from projects.models import ProjectRole
from tests.factories import make_element, make_membership, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(ana, project) -> Element:
    return make_element("mara", ana, project, colours=("#0a0a01", "#0a0a02"))


def person(project, role: str, studio: str = StudioRole.MEMBER) -> Client:
    made = make_user(f"{role}-{studio}@example.com", role=studio)
    if role:
        make_membership(project, made, role)
    client = Client()
    client.force_login(made)
    return client


def text(answer) -> str:
    return str(answer.content.decode())


def packed(*elements: Element) -> SimpleUploadedFile:
    parts, _ = archive.stream(parcel.entries(elements))
    return SimpleUploadedFile("elements.zip", b"".join(parts), "application/zip")


# Rights beyond the walk through every route: shared elements belong to those who run the studio


@pytest.mark.parametrize(
    ("role", "studio", "may_archive", "may_lead"),
    [
        (ProjectRole.REVIEWER, StudioRole.MEMBER, False, False),
        (ProjectRole.ARTIST, StudioRole.MEMBER, True, False),
        (ProjectRole.PRODUCER, StudioRole.MEMBER, True, False),
        ("", StudioRole.MEMBER, False, False),
        ("", StudioRole.ADMIN, True, True),
        ("", StudioRole.OWNER, True, True),
    ],
)
def test_who_moves_what_is_shared(project, role, studio, may_archive, may_lead):
    mara = make_element("mara")
    web = person(project, role, studio)
    at = f"/elements/{mara.uuid}"
    menu = text(web.get(f"{at}/acts"))
    assert ("Archive" in menu) == may_archive
    assert ("Purge…" in menu) == ("Merge into another…" in menu) == may_lead
    assert (web.post(f"{at}/archive").status_code != 404) == may_archive
    assert (web.get(f"{at}/merge").status_code != 404) == may_lead
    assert (web.post(f"{at}/purge", {"typed": "mara"}).status_code != 404) == may_lead
    assert Element.objects.exists() != may_lead


def test_nobody_merges_into_what_they_do_not_lead(web, mara):
    shared = make_element("shared", colours=("#0a0a03",))
    answer = web.post(f"/elements/{mara.uuid}/merge", {"into": "@shared"})
    assert answer.status_code == 422
    assert "There is no @shared that you may change. Nothing was merged." in text(answer)
    assert Element.objects.filter(pk__in=[mara.pk, shared.pk]).count() == 2


# Archive


def test_archiving_says_how_to_undo_it(web, mara):
    answer = web.post(f"/elements/{mara.uuid}/archive", follow=True)
    assert "@mara is archived." in text(answer)
    assert f'action="/elements/{mara.uuid}/bring-back"' in text(answer)
    assert ">@mara<" not in text(web.get("/elements/"))
    answer = web.post(f"/elements/{mara.uuid}/bring-back", follow=True)
    assert "@mara is in the library again." in text(answer)


def test_what_is_archived_cannot_be_mentioned_anew(web, mara):
    web.post(f"/elements/{mara.uuid}/archive")
    answer = web.post(
        "/projects/night-market/generate",
        {
            "form_key": "7d0e4c55-9a9e-4f3b-8f9d-2a115b7a7c1e",
            "mode": "still",
            "route": "draft",
            "model": "o3",
            "prompt": "@mara waits",
            "resolution": "1K",
            "aspect_ratio": "16:9",
            "count": "1",
            "format": "png",
        },
    )
    assert answer.status_code == 422
    assert "@mara is archived." in text(answer)


# Merge


def test_merging_leads_to_what_stays(web, project, ana, mara):
    mary = make_element("mary", ana, project, colours=("#0a0a04",))
    dialog = text(web.get(f"/elements/{mary.uuid}/merge", headers={"HX-Request": "true"}))
    assert "<dialog" in dialog
    assert "<html" not in dialog
    assert 'value="@mara"' in dialog
    answer = web.post(f"/elements/{mary.uuid}/merge", {"into": " @Mara "}, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == f"/elements/{mara.uuid}/"
    assert find("mary", [project.pk]) == mara
    assert web.get(f"/elements/{mary.uuid}/").status_code == 404


@pytest.mark.parametrize("typed", ["", "nobody", "mary", "\0", "x" * 40])
def test_a_merge_that_cannot_be_keeps_what_was_typed(web, project, ana, typed):
    mary = make_element("mary", ana, project)
    answer = web.post(f"/elements/{mary.uuid}/merge", {"into": typed})
    assert answer.status_code == 422
    assert typed.replace("\0", "")[:30] in text(answer)
    assert Element.objects.get() == mary


# Purge


def test_purging_names_what_is_lost_and_asks_for_the_handle(web, ana, mara):
    consent.record(mara, consent.Terms("attested", ["stills"], None, ""), ana)
    dialog = text(web.get(f"/elements/{mara.uuid}/purge", headers={"HX-Request": "true"}))
    assert "1 version and 2 photos with their files." in dialog
    assert "Its consent." in dialog
    for typed in ("", "Mara", "mar"):
        answer = web.post(f"/elements/{mara.uuid}/purge", {"typed": typed})
        assert answer.status_code == 422
        assert "Nothing was purged. Type mara exactly." in text(answer)
    assert Element.objects.exists()
    answer = web.post(f"/elements/{mara.uuid}/purge", {"typed": "@mara"}, follow=True)
    assert "@mara is purged." in text(answer)
    assert not Element.objects.exists()
    assert LibraryEvent.objects.get(text__startswith="Purged").actor == "ana"


# Export and import


def test_an_element_is_exported_from_its_page(web, mara):
    answer = web.get(f"/elements/{mara.uuid}/export")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mara.zip"'
    content = b"".join(answer.streaming_content)
    assert len(content) == int(answer.headers["Content-Length"])
    names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert names == ["mara/element.json", "mara/00-front.png", "mara/01-three-quarter.png"]


@pytest.mark.django_db(transaction=True)
def test_there_and_back_in_the_browser(web, mara):
    before = sorted(Blob.objects.values_list("sha256", flat=True))
    file = packed(Element.objects.get())
    web.post(f"/elements/{mara.uuid}/purge", {"typed": "mara"})
    assert not Blob.objects.exists()
    answer = web.post("/elements/import", {"file": file, "project": "night-market"}, follow=True)
    assert "Imported @mara." in text(answer)
    assert Element.objects.get().project_id
    assert sorted(Blob.objects.values_list("sha256", flat=True)) == before


def test_several_are_chosen_and_exported_together(web, ana, mara):
    vase = make_element("vase", ana, kind="object", colours=("#0a0a05",))
    listed = text(web.get("/elements/moves"))
    assert str(vase.uuid) in listed
    answer = web.post("/elements/moves", {"element": [str(mara.uuid), str(vase.uuid)]})
    names = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
    assert {name.partition("/")[0] for name in names} == {"mara", "vase"}


def test_an_export_of_nothing_too_much_or_somebody_elses_is_refused(web, mara):
    assert web.post("/elements/moves").status_code == 422
    too_many = web.post("/elements/moves", {"element": [str(mara.uuid)] * 51})
    assert too_many.status_code == 422
    assert "51 elements are chosen; an archive holds at most 50." in text(too_many)
    for other in ("00000000-0000-4000-8000-000000000000", "x"):
        assert web.post("/elements/moves", {"element": [str(mara.uuid), other]}).status_code == 404


def test_a_taken_handle_offers_the_next_and_a_tick_takes_it(web, mara):
    file = packed(mara)
    answer = web.post("/elements/import", {"file": file, "project": "night-market"})
    assert answer.status_code == 422
    sentence = "@mara is taken. The next free handle is @mara-2. Nothing was imported."
    assert sentence in text(answer)
    assert '<option value="night-market" selected>' in text(answer)
    file.seek(0)
    answer = web.post("/elements/import", {"file": file, "free_handles": "on"}, follow=True)
    assert "Imported @mara-2." in text(answer)


@pytest.mark.parametrize("content", [b"", b"PK", b"hello"])
def test_what_is_no_zip_is_said(web, project, content):
    file = SimpleUploadedFile("x.zip", content, "application/zip")
    answer = web.post("/elements/import", {"file": file})
    assert answer.status_code == 422
    assert "Nothing was imported." in text(answer)


def test_an_import_without_a_file_or_into_a_strange_project_is_said(web, mara):
    assert "Choose a zip to import." in text(web.post("/elements/import", {}))
    answer = web.post("/elements/import", {"file": packed(mara), "project": "elsewhere"})
    assert answer.status_code == 422
    assert Element.objects.count() == 1


def test_a_reviewer_exports_and_does_not_import(project, mara):
    web = person(project, ProjectRole.REVIEWER)
    assert web.get(f"/elements/{mara.uuid}/export").status_code == 200
    assert "Import elements" not in text(web.get("/elements/moves"))
    assert web.post("/elements/import", {"file": packed(mara)}).status_code == 404


def test_a_disk_that_takes_nothing_is_said(web, project, mara, settings, tmp_path):
    file = packed(mara)
    (tmp_path / "media").write_bytes(b"")
    settings.MEDIA_ROOT = tmp_path / "media"
    answer = web.post("/elements/import", {"file": file, "free_handles": "on"})
    assert answer.status_code == 507
    assert "disk could not take this file" in text(answer)
    assert Element.objects.count() == 1


def test_a_longer_library_costs_no_more_queries(web, mara, django_assert_max_num_queries):
    with django_assert_max_num_queries(30) as few:
        web.get("/elements/moves")
        most = len(few)
    for number in range(12):
        make_element(f"other-{number}", colours=(f"#0b0b{number:02d}",))
    with django_assert_max_num_queries(most):
        web.get("/elements/moves")
