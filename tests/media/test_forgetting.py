"""Bytes that nothing uses go with their row; bytes that somebody sends at this moment never go."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections, models, transaction
from django.utils import timezone

from elements import references
from media import documents, forgetting, intake, storage
from media.models import Blob, Document
from tests.factories import make_blob, make_picture, make_project, make_reference

pytestmark = pytest.mark.django_db(transaction=True)
PDF = b"%PDF-1.7\n%%EOF\n"


def let_go(row: Blob | Document) -> None:
    with transaction.atomic():
        forgetting.let_go([row])


def lies_whole(blob: Blob) -> bool:
    return Blob.objects.filter(pk=blob.pk).exists() and storage.complete(blob.sha256)


def test_bytes_without_a_use_go_with_their_row_once_it_is_committed():
    blob = make_blob("#010203")
    with transaction.atomic():
        forgetting.let_go([blob])
        assert lies_whole(blob)
    assert not Blob.objects.exists()
    assert not storage.original(blob.sha256).exists()
    assert not any(storage.rendition(blob.sha256, edge).exists() for edge in storage.EDGES)


def test_nothing_goes_with_a_change_that_is_taken_back():
    blob = make_blob("#010204")
    with transaction.atomic():
        forgetting.let_go([blob])
        transaction.set_rollback(True)
    assert lies_whole(blob)
    assert forgetting.sweep() == 0
    assert lies_whole(blob)


def test_bytes_in_use_stay_and_are_not_looked_at_again():
    blob = make_reference(make_project(), "#010205").blob
    let_go(blob)
    assert lies_whole(blob)
    assert not Blob.objects.filter(doomed_at__isnull=False).exists()


def test_every_use_of_bytes_protects_them():
    for model in (Blob, Document):
        for field in model._meta.get_fields(include_hidden=True):
            if isinstance(field, models.ForeignObjectRel):
                assert field.on_delete is models.PROTECT, field


def test_bytes_sent_again_a_moment_ago_wait_for_the_sweep():
    blob = make_blob("#010206")
    assert make_blob("#010206").pk == blob.pk
    let_go(blob)
    assert lies_whole(blob)
    assert forgetting.sweep() == 0
    Blob.objects.update(asked_at=timezone.now() - forgetting.ASKED_WITHIN - timedelta(seconds=1))
    assert forgetting.sweep() == 1
    assert not Blob.objects.exists()
    assert not storage.original(blob.sha256).exists()


def test_bytes_whose_deletion_was_interrupted_are_stored_anew():
    blob = make_blob("#010207")
    storage.rendition(blob.sha256, storage.EDGES[0]).unlink()
    assert lies_whole(make_blob("#010207"))


def test_a_disk_that_refuses_leaves_the_deletion_to_the_sweep(monkeypatch):
    blob = make_blob("#010208")
    delete = storage.delete

    def refuse(sha256: str) -> None:
        raise OSError("read-only")

    monkeypatch.setattr(storage, "delete", refuse)
    let_go(blob)
    assert lies_whole(blob)
    monkeypatch.setattr(storage, "delete", delete)
    assert forgetting.sweep() == 1
    assert not Blob.objects.exists()


@pytest.mark.parametrize("attempt", range(6))
def test_whoever_sends_bytes_while_they_are_deleted_gets_them_whole(attempt):
    """One deletes what nothing uses, two send it again and use it: whatever the order, nothing is half."""
    project, picture = make_project(), make_picture(f"#11223{attempt}")
    first = intake.store(picture)
    start = Barrier(3)

    def send(name: str) -> bool:
        start.wait()
        try:
            blob = intake.store(picture)
            references.keep(project.pk, blob, name, None)
        except FileNotFoundError:
            return False
        finally:
            connections.close_all()
        return True

    def purge() -> None:
        start.wait()
        let_go(first)
        connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        sent = [pool.submit(send, "a"), pool.submit(send, "b")]
        pool.submit(purge).result()
        kept = [future.result() for future in sent]
    assert any(kept)
    blob = Blob.objects.get()
    assert lies_whole(blob)
    Blob.objects.update(asked_at=None)
    assert forgetting.sweep() == 0
    assert lies_whole(blob)


def test_a_pdf_is_kept_under_its_content_and_let_go_like_a_picture():
    document = documents.store(io.BytesIO(PDF))
    assert documents.store(io.BytesIO(PDF)).pk == document.pk
    assert storage.document(document.sha256).read_bytes() == PDF
    Document.objects.update(asked_at=None)
    let_go(document)
    assert not Document.objects.exists()
    assert not storage.document(document.sha256).exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is not a PDF."),
        (b"\n%PDF-1.7", "This file is not a PDF."),
        (b"MZ\0\0", "This file is not a PDF."),
        (b"%PDF-" + b"\0" * documents.LIMIT, "This file is larger than 10 MB, which is the limit."),
    ],
    ids=["empty", "late head", "program", "large"],
)
def test_what_is_no_pdf_or_too_large_is_refused(content, sentence):
    with pytest.raises(documents.NotADocument, match=sentence):
        documents.store(io.BytesIO(content))
    assert not Document.objects.exists()
    assert not list((storage.document("ab" * 32).parents[2]).glob("*/*/*"))


def test_a_pdf_is_saved_and_never_shown():
    answer = documents.serve(documents.store(io.BytesIO(PDF)), 'consent "of" Mara.pdf')
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.getvalue() == PDF
