"""Documents that people attach, kept as they came: PDFs that nobody opens here and that only download."""

import hashlib
from typing import IO

from django.db import transaction
from django.http import FileResponse, Http404
from django.utils import timezone

from media import storage
from media.models import Document
from media.names import file_name

MEGABYTE = 1024 * 1024
LIMIT = 10 * MEGABYTE
HEAD = b"%PDF-"


class NotADocument(ValueError):  # noqa: N818 - reads as the fact it reports
    """The file is not taken; the text says why in one sentence for people."""


def looks_like_one(head: bytes) -> bool:
    """Whether a file that begins so calls itself a PDF."""
    return head.startswith(HEAD)


def store(source: IO[bytes]) -> Document:
    """Keep a PDF of at most 10 MB under its content and answer its row; the same bytes give the same row.

    Raises NotADocument, and OSError when the disk fails. No row exists before the file lies in storage.
    """
    source.seek(0)
    content = source.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise NotADocument(f"This file is larger than {LIMIT // MEGABYTE} MB, which is the limit.")
    if not looks_like_one(content):
        raise NotADocument("This file is not a PDF.")
    sha256 = hashlib.sha256(content).hexdigest()
    with storage.workspace() as folder:
        arrived = folder / "document"
        arrived.write_bytes(content)
        # The row is held while the file is put in place, so that no purge takes one without the other.
        with transaction.atomic():
            again, new = {"asked_at": timezone.now()}, {"bytes": len(content)}
            document = Document.objects.update_or_create(again, new, sha256=sha256)[0]
            storage.place_document(sha256, arrived)
    return document


def serve(document: Document, name: str) -> FileResponse:
    """The file to be saved under `name`; a browser never shows it. 404 when storage has lost it."""
    try:
        file = storage.document(document.sha256).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    answer = FileResponse(file, as_attachment=True, filename=file_name(name), content_type="application/pdf")
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
