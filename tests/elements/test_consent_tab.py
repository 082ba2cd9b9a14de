"""The Consent tab: what is recorded, what is refused with a sentence, who sees the document."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from elements import consent, moving
from elements.models import Consent, Element, LibraryEvent
from media import storage
from media.models import Blob, Document
from tests.factories import make_element, make_membership, make_picture, make_project, make_user

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF\n"
SAID = {"state": "attested", "uses": ["stills", "review"], "note": "By mail"}


@pytest.fixture
def mara(ana, project) -> Element:
    return make_element("mara", ana, project)


def pdf(content: bytes = PDF, name: str = "release.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


def record(web: Client, mara: Element, **changes: object):
    return web.post(f"/elements/{mara.uuid}/consent", {**SAID, **changes})


def page(web: Client, mara: Element) -> str:
    answer = web.get(f"/elements/{mara.uuid}/consent")
    assert answer.status_code == 200
    return answer.content.decode()


def signed_in(role: str, project) -> Client:
    person = make_user(f"{role}@example.com")
    make_membership(project, person, role)
    client = Client()
    client.force_login(person)
    return client


def test_what_was_recorded_is_shown_with_its_history(web, mara):
    day = consent.today() + timedelta(days=400)
    assert record(web, mara, expires_on=day.isoformat()).status_code == 302
    text = page(web, mara)
    assert f"Attested · stills and review · until {consent.day(day)}" in text
    assert "By mail" in text
    assert f"Consent: attested, stills and review, until {consent.day(day)}." in text
    assert f'value="{day.isoformat()}"' in text


def test_ending_it_refuses_at_once_and_stays_ended(web, mara):
    record(web, mara)
    assert web.post(f"/elements/{mara.uuid}/consent/end").status_code == 302
    again = Element.objects.get()
    assert consent.refusal(again, "stills", consent.today())
    assert f"Attested · ended on {consent.day(consent.today())}" in page(web, mara)
    web.post(f"/elements/{mara.uuid}/consent/end")
    assert LibraryEvent.objects.filter(text__startswith="Consent ended").count() == 1


def test_what_ended_is_renewed_but_not_taken_back(web, mara):
    record(web, mara)
    web.post(f"/elements/{mara.uuid}/consent/end")
    answer = record(web, mara, state="none")
    assert answer.status_code == 422
    assert "Consent that has ended is not taken back." in answer.content.decode()
    assert record(web, mara).status_code == 302
    assert consent.refusal(Element.objects.get(), "stills", consent.today()) is None


def test_what_was_recorded_by_mistake_is_taken_back_while_it_holds(web, mara):
    record(web, mara)
    assert record(web, mara, state="none").status_code == 302
    assert consent.given_by(Element.objects.get()) is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"state": ""}, "This field is required."),
        ({"state": "sworn"}, "sworn is not one of the available choices"),
        ({"uses": []}, "Choose at least one use."),
        ({"uses": ["everything"]}, "everything is not one of the available choices"),
        ({"expires_on": "2020-01-01"}, "The last day lies in the past."),
        ({"expires_on": "2027-02-30"}, "This is no day of the calendar."),
        ({"expires_on": "soon"}, "This is no day of the calendar."),
        ({"note": "x" * 401}, "at most 400 characters"),
        ({"state": "document"}, "Attach a scan or a PDF, or choose Attested."),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_field_is_said_and_nothing_typed_is_lost(web, mara, changes, sentence):
    answer = record(web, mara, **changes)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text
    assert changes.get("note", "By mail") in text
    assert not Consent.objects.exists()
    assert not LibraryEvent.objects.filter(text__startswith="Consent").exists()


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (pdf(b"%PDF-" + b"x" * 10 * 1024 * 1024), "larger than 10 MB"),
        (pdf(b"MZ" + b"\0" * 100), "This file"),
        (pdf(b""), "This file is empty."),
        (pdf(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "scan.svg"), "This is an SVG file"),
        (pdf(b"<html><script>alert(1)</script>", "release.pdf"), "This file"),
    ],
    ids=["large", "program", "empty", "svg", "page"],
)
def test_a_file_that_is_no_document_is_said(web, mara, file, sentence):
    file.seek(0)
    answer = record(web, mara, state="document", document=file)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Consent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_document_is_kept_replaced_and_deleted(web, mara):
    record(web, mara, state="attested", document=pdf())
    kept = Consent.objects.get()
    assert (kept.state, kept.document_name) == ("document", "release.pdf")
    first = Document.objects.get()
    record(web, mara, state="document", note="Only the note")
    assert Consent.objects.get().pdf == first
    scan = SimpleUploadedFile("scan.png", make_picture("#00ff11"), "image/png")
    record(web, mara, state="document", document=scan)
    assert not Document.objects.exists()
    assert not storage.document(first.sha256).exists()
    blob = Consent.objects.get().document
    assert blob
    record(web, mara, state="attested")
    assert not Blob.objects.filter(pk=blob.pk).exists()
    assert Consent.objects.get().document is None


@pytest.mark.django_db(transaction=True)
def test_the_same_document_again_stays(web, mara):
    for _ in range(2):
        record(web, mara, state="document", document=pdf())
    document = Consent.objects.get().pdf
    assert document
    assert storage.document(document.sha256).read_bytes() == PDF


@pytest.mark.parametrize("is_scan", [False, True])
def test_a_document_only_ever_downloads(web, mara, is_scan):
    scan = SimpleUploadedFile("scan “1”.png", make_picture("#00ff12"), "image/png")
    record(web, mara, state="document", document=scan if is_scan else pdf())
    answer = web.get(f"/elements/{mara.uuid}/consent/document")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert b"".join(answer.streaming_content).startswith(b"\x89PNG" if is_scan else PDF)


def test_a_reviewer_reads_and_neither_changes_nor_downloads(web, project, mara):
    record(web, mara, state="document", document=pdf())
    reviewer = signed_in("reviewer", project)
    text = page(reviewer, mara)
    assert "Document · stills and review" in text
    assert "Record consent" not in text
    assert "consent/document" not in text
    for path in ("consent/document", "export?documents=1"):
        assert reviewer.get(f"/elements/{mara.uuid}/{path}").status_code == 404
    assert record(reviewer, mara).status_code == 404
    assert reviewer.post(f"/elements/{mara.uuid}/consent/end").status_code == 404


def test_history_follows_a_new_handle_and_does_not_outlive_the_element(web, ana, project, mara):
    record(web, mara)
    web.post(f"/elements/{mara.uuid}/edit", {"field": "handle", "value": "mary"})
    assert "Consent: attested" in page(web, mara)
    moving.purge(Element.objects.get(), ana)
    again = make_element("mara", ana, project, colours=("#00ff13",))
    assert "Consent: attested" not in page(web, again)


def test_projects_that_require_it_are_named_and_refuse_in_the_composer(web, project, mara):
    web.post("/projects/night-market/settings", {"name": "Night Market", "requires_consent": "on"})
    web.post(f"/elements/{mara.uuid}/cast", {"project": "night-market"})
    assert "Required by" in page(web, mara)
    sent = {
        "form_key": "7d0e4c55-9a9e-4f3b-8f9d-2a115b7a7c1e",
        "mode": "still",
        "route": "draft",
        "model": "o3",
        "prompt": "@mara crosses wet asphalt",
        "resolution": "1K",
        "aspect_ratio": "16:9",
        "count": "1",
        "format": "png",
    }
    answer = web.post("/projects/night-market/generate", sent)
    assert answer.status_code == 422
    assert "@mara has no consent, which this project requires. Nothing was sent." in answer.content.decode()
    record(web, mara)
    assert web.post("/projects/night-market/generate", sent).status_code == 302


def test_of_a_place_nothing_is_asked(web, ana, project):
    lab = make_element("lab", ana, project, kind="place")
    assert "Only characters need consent." in page(web, lab)
    assert not re.search(r'href="[^"]*/consent"', web.get(f"/elements/{lab.uuid}/").content.decode())


def test_the_history_of_a_long_life_costs_no_more_queries(web, mara, django_assert_max_num_queries):
    record(web, mara)
    with django_assert_max_num_queries(40) as few:
        page(web, mara)
        most = len(few)
    for number in range(30):
        record(web, mara, note=str(number))
        make_project(f"Other {number}", make_user(f"u{number}@example.com"))
    with django_assert_max_num_queries(most):
        page(web, mara)
