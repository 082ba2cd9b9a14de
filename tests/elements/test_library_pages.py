"""The library in the browser's eyes: what is found, what is made, and what a refused form keeps."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from elements import library
from elements.models import Element, Kind
from elements.shelf import SIZE
from projects.cast import cast
from tests.factories import make_element, make_picture, make_project, make_user

pytestmark = pytest.mark.django_db
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def photo(colour: str = "#c08050", name: str = "front.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, make_picture(colour, (480, 480)), "image/png")


def page(web: Client, query: str = "") -> str:
    answer = web.get(f"/elements/?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def handles(text: str) -> list[str]:
    return re.findall(r'<span class="handle truncate">@([a-z0-9-]+)</span>', text)


class TestShelf:
    def test_a_card_says_what_it_is(self, web, project):
        make_element("mara", project=project, colours=("#c08050", "#a07040", "#604020"))
        text = page(web)
        assert "Character · front and 2 more · v1" in text
        assert project.name in text
        assert re.search(r'<img src="/elements/photos/[0-9a-f-]{36}/file/512"', text)

    def test_search_kinds_tags_and_sharing_narrow(self, web, project):
        mara = make_element("mara", name="Mara Lind")
        make_element("lab", project=project, kind=Kind.PLACE)
        library.set_tags(mara, ["Chemist"])
        library.rename(mara, "marie", None)
        found = {
            "q=lind": ["marie"],
            "q=%40mara": ["marie"],
            "q=chem": ["marie"],
            "q=lind+lab": [],
            "kind=place": ["lab"],
            "kind=robot": ["marie", "lab"],
            "tag=chemist": ["marie"],
            "in=shared": ["marie"],
            f"in={project.slug}": ["lab"],
            "archived=1": [],
        }
        assert {query: handles(page(web, query)) for query in found} == found

    def test_what_is_not_yours_is_not_there(self, web):
        make_element("secret", project=make_project("Elsewhere"))
        assert "secret" not in page(web)
        assert "secret" not in web.get("/elements/tags").content.decode()

    def test_an_empty_library_asks_for_the_first_photo(self, web, project):
        assert "Drop a front photo to make the first element" in page(web)

    def test_pages_follow_each_other_without_gaps(self, web):
        now = timezone.now()
        for number in range(SIZE + 3):
            one = make_element(f"prop-{number}", kind=Kind.OBJECT)
            Element.objects.filter(pk=one.pk).update(touched_at=now - timedelta(minutes=number // 5))
        first = page(web)
        cursor = re.findall(r'before=([0-9a-f-]+)"', first)[0]
        rest = web.get(f"/elements/?before={cursor}", headers=PARTIAL).content.decode()
        shown = handles(first) + handles(rest)
        assert (len(handles(first)), len(shown), len(set(shown))) == (SIZE, SIZE + 3, SIZE + 3)
        assert "<html" not in rest

    def test_the_page_costs_the_same_queries_however_many_there_are(self, web, project):
        def queries() -> int:
            with CaptureQueriesContext(connection) as told:
                page(web)
            return len(told)

        make_element("mara", project=project)
        page(web)  # the session is written once
        few = queries()
        for number in range(12):
            library.set_tags(make_element(f"prop-{number}", kind=Kind.OBJECT), ["wood", "old"])
        assert queries() == few <= 10


class TestMaking:
    def test_two_photos_become_an_element(self, web, project):
        answer = web.post(
            "/elements/new",
            {
                "name": "Mara Lind",
                "kind": "character",
                "project": project.slug,
                "people": "1",
                "file": [photo(), photo("#a07040", "side.png")],
            },
        )
        mara = Element.objects.get()
        assert answer.headers["Location"] == f"/elements/{mara.uuid}/"
        assert (mara.handle, mara.project_id, mara.photos.count()) == ("mara-lind", project.pk, 2)
        text = web.get(f"/elements/{mara.uuid}/").content.decode()
        assert "@mara-lind" in text
        assert "Three-quarter · photographed" in text

    def test_photos_wait_for_the_form(self, web, project):
        chips = web.post("/elements/photos", {"file": photo()}, headers={"HX-Request": "true"})
        mark = re.findall(r'name="photo" value="([^"]+)"', chips.content.decode())[0]
        assert web.get(f"/elements/staged/{mark}").headers["Content-Type"] == "image/webp"
        wrong = web.post("/elements/new", {"name": "", "kind": "object", "photo": mark, "angle": "front"})
        assert wrong.status_code == 422
        assert mark in wrong.content.decode()
        told = {"name": "Flask", "kind": "object", "photo": mark, "angle": "front"}
        assert web.post("/elements/new", told).status_code == 302

    def test_photos_of_somebody_else_are_nobodys(self, web, project):
        chips = web.post("/elements/photos", {"file": photo()}, headers={"HX-Request": "true"})
        mark = re.findall(r'name="photo" value="([^"]+)"', chips.content.decode())[0]
        ben = Client()
        ben.force_login(make_user("ben@example.com"))
        assert ben.get(f"/elements/staged/{mark}").status_code == 404

    def test_without_a_script_photos_lead_to_the_form(self, web, project):
        answer = web.post("/elements/photos", {"file": photo()}, follow=True)
        assert 'name="photo" value="' in answer.content.decode()

    def test_what_is_no_picture_is_named_and_the_rest_stays(self, web, project):
        bad = SimpleUploadedFile("notes.png", b"text", "image/png")
        told = {"name": "Mara", "kind": "object", "file": [photo(), bad]}
        answer = web.post("/elements/new", told)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "notes.png" in text
        assert text.count('name="photo" value=') == 1
        assert 'value="Mara"' in text

    def test_a_taken_handle_and_missing_photos_are_said(self, web, project):
        make_element("mara")
        text = web.post("/elements/new", {"name": "Mara", "kind": "object"}).content.decode()
        assert "An element needs a front photo." in text
        assert "@mara belongs to another element" in text

    def test_two_people_need_a_marked_face(self, web, project):
        told = {"name": "Mara", "kind": "character", "people": "2", "file": photo()}
        refused = web.post("/elements/new", told)
        assert refused.status_code == 422
        assert "2 people are in the front photo" in refused.content.decode()
        mark = re.findall(r'name="photo" value="([^"]+)"', refused.content.decode())[0]
        told = {
            **told,
            "photo": mark,
            "angle": "front",
            "left": "0.1",
            "top": "0.1",
            "width": "0.3",
            "height": "0.4",
        }
        del told["file"]
        assert web.post("/elements/new", told).status_code == 302
        assert Element.objects.get().photos.get().face == (0.1, 0.1, 0.3, 0.4)

    def test_a_photo_that_looks_known_names_the_element(self, web, project):
        make_element("nora", colours=("#c08050",))
        chips = web.post("/elements/photos", {"file": photo()}, headers={"HX-Request": "true"})
        assert "@nora" in chips.content.decode()


class TestElementPage:
    def edit(self, web: Client, element: Element, field: str, value: str) -> int:
        return web.post(f"/elements/{element.uuid}/edit", {"field": field, "value": value}).status_code

    def test_everything_is_changed_in_place(self, web, project):
        mara = make_element()
        told = {
            "name": "Mara Lind",
            "handle": "@Marie",
            "title": "Marie",
            "description": "Chemist in her thirties",
            "wardrobe": "Lab dress\n\n  Travel coat ",
            "notes": "Ask Lena\nfirst",
            "tags": "Lead, chemist,, lead",
            "colour": "#F2B84B",
        }
        assert {self.edit(web, mara, field, value) for field, value in told.items()} == {302}
        mara = Element.objects.select_related("current").get()
        assert mara.current is not None
        assert (mara.name, mara.handle, mara.colour) == ("Mara Lind", "marie", "#f2b84b")
        assert mara.current.wardrobe == ["Lab dress", "Travel coat"]
        assert (mara.current.number, mara.current.title) == (4, "Marie")
        assert sorted(mara.tags.values_list("name", flat=True)) == ["chemist", "lead"]

    def test_a_refused_change_stays_typed(self, web, project):
        mara = make_element()
        answer = web.post(f"/elements/{mara.uuid}/edit", {"field": "description", "value": "x" * 120})
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "x" * 120 in text
        assert "Shorten it by 20." in text
        assert Element.objects.get().current == mara.current

    def test_an_unknown_field_is_not_found(self, web, project):
        assert self.edit(web, make_element(), "kind", "place") == 404

    def test_an_old_version_becomes_current_again_as_a_new_one(self, web, project):
        mara = make_element()
        self.edit(web, mara, "description", "Chemist")
        text = web.get(f"/elements/{mara.uuid}/versions").content.decode()
        assert "Make v1 current again" in text
        web.post(f"/elements/{mara.uuid}/versions/1/again")
        current = Element.objects.get().current
        assert current is not None
        assert (current.number, current.description, current.note) == (3, "", "Went back to v1.")

    def test_a_reviewer_reads_and_changes_nothing(self, web, project, client):
        mara = make_element()
        reader = Client()
        reader.force_login(make_user("reader@example.com"))
        text = reader.get(f"/elements/{mara.uuid}/").content.decode()
        assert "elements/photos" in text
        assert '<details class="edit"' not in text
        assert self.edit(reader, mara, "name", "Taken over") == 404

    def test_it_leads_to_the_composer(self, web, project):
        mara = make_element()
        text = web.get(f"/elements/{mara.uuid}/").content.decode()
        assert f"/projects/{project.slug}/?mode=still&amp;prompt=%40mara+" in text
        sheet = re.findall(r'href="(/projects/[^"]+mode=series[^"]+)"', text)[0].replace("&amp;", "&")
        composer = web.get(sheet).content.decode()
        assert "Generate series of 6" in composer


class TestCastPage:
    def test_an_element_is_cast_updated_and_let_go(self, web, project):
        mara, base = make_element(), f"/projects/{project.slug}/cast"
        assert "No cast yet" in web.get(base).content.decode()
        assert "Cast Mara" in web.get(f"{base}/pick").content.decode()
        web.post(f"{base}/add", {"element": str(mara.uuid)})
        library.new_version(mara, library.Change(description="Chemist"), None)
        assert "v2 is newer: update" in web.get(base).content.decode()
        assert "No element matches" in web.get(f"{base}/pick?q=mara").content.decode()
        web.post(f"{base}/{mara.uuid}/update")
        text = web.get(base).content.decode()
        assert "Character · v2" in text
        assert "is newer" not in text
        web.post(f"{base}/{mara.uuid}/remove")
        assert "No cast yet" in web.get(base).content.decode()

    def test_an_element_of_another_project_is_not_offered(self, web, project, ana):
        other = make_element("other", project=make_project("Second", ana))
        base = f"/projects/{project.slug}/cast"
        assert "@other" not in web.get(f"{base}/pick").content.decode()
        answer = web.post(f"{base}/add", {"element": str(other.uuid)}, follow=True)
        assert "belongs to another project" in answer.content.decode()
        assert "No cast yet" in web.get(base).content.decode()

    def test_it_costs_the_same_queries_however_large_the_cast(self, web, project):
        def queries() -> int:
            with CaptureQueriesContext(connection) as told:
                assert web.get(f"/projects/{project.slug}/cast").status_code == 200
            return len(told)

        cast(project, make_element())
        queries()  # the session is written once
        few = queries()
        for number in range(6):
            cast(project, make_element(f"prop-{number}", kind=Kind.OBJECT))
        assert queries() == few <= 12
