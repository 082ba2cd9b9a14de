"""Send the bytes of a blob whose reader has been authorised: ranges, revalidation, and headers that disarm.

Not WhiteNoise's StaticFile, which answers a range of one byte with 416, knows one tag in If-None-Match, and
sends 304 and 416 without our policy, so that a browser would replace the stored one by the site's.
"""

import logging
import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from media import storage, veiling
from media.models import Blob
from media.names import file_name

PART = 256 * 1024
# Raised whenever renditions are made differently, so that browsers ask for them again.
RENDITION_EDITION = 1
# One grey pixel, for a veil that cannot be made.
GREY = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)
_ONE_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")

log = logging.getLogger(__name__)


def serve(
    request: HttpRequest, blob: Blob, *, edge: int | None = None, download_name: str | None = None
) -> HttpResponseBase:
    """Answer a GET or HEAD with the original, or with the rendition of that longest edge (1536 or 512).

    With `download_name` the browser saves instead of shows. 404 when storage has no such file.
    """
    if edge is not None and edge not in storage.EDGES:
        raise Http404
    path = storage.original(blob.sha256) if edge is None else storage.rendition(blob.sha256, edge)
    etag = f'"{blob.sha256[:32]}"' if edge is None else f'"{blob.sha256[:32]}-{edge}-{RENDITION_EDITION}"'
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        log.error("blob %s has no file for %s", blob.pk, f"edge {edge}" if edge else "its original")
        raise Http404 from None
    media_type = blob.media_type if edge is None else "image/webp"
    return _sent(request, path, size, etag, media_type, download_name)


def serve_veiled(request: HttpRequest, blob: Blob) -> HttpResponseBase:
    """Answer a GET or HEAD with the veil of the picture, or with plain grey while there is none."""
    path = veiling.veiled(blob)
    if path is None:
        return _guarded(HttpResponse(GREY, content_type="image/png"), '"grey"', None)
    etag = f'"{blob.sha256[:32]}-veil-{RENDITION_EDITION}"'
    return _sent(request, path, path.stat().st_size, etag, "image/webp", None)


def withhold(why: str) -> HttpResponse:
    """403 with one sentence, in place of bytes that whoever asks may not have now."""
    headers = {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}
    return HttpResponse(f"{why}\n", status=HTTPStatus.FORBIDDEN, headers=headers)


def _sent(
    request: HttpRequest, path: Path, size: int, etag: str, media_type: str, download_name: str | None
) -> HttpResponseBase:
    answer = get_conditional_response(request, etag=etag) or _content(request, path, size, etag)
    if answer.status_code != 304:
        answer.headers["Content-Type"] = media_type
    return _guarded(answer, etag, download_name)


def _content(request: HttpRequest, path: Path, size: int, etag: str) -> HttpResponseBase:
    asked = _range(request, size, etag)
    if asked is not None and not asked:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Length": str(size)})
    if asked is not None:
        span = {"Content-Range": f"bytes {asked[0]}-{asked[-1]}/{size}", "Content-Length": str(len(asked))}
        return StreamingHttpResponse(_slice(path, asked), status=206, headers=span)
    answer = FileResponse(path.open("rb"))
    answer.block_size = PART
    return answer


def _guarded(answer: HttpResponseBase, etag: str, download_name: str | None) -> HttpResponseBase:
    """Whoever is signed in is asked again each time: shown bytes may be kept but not used without asking."""
    answer.headers["ETag"] = etag
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Cache-Control"] = "private, no-store" if download_name else "private, no-cache"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    # Said in any case, since FileResponse would tell the name in storage, which is the content hash.
    answer.headers["Content-Disposition"] = "inline"
    if download_name:
        disposition = content_disposition_header(True, file_name(download_name))
        answer.headers["Content-Disposition"] = disposition or "attachment"
    return answer


def _range(request: HttpRequest, size: int, etag: str) -> range | None:
    """The bytes asked for, empty if there are none such; None for the whole file (RFC 9110, section 14)."""
    wanted = _ONE_RANGE.fullmatch(request.headers.get("Range", "").strip())
    if request.method != "GET" or not wanted or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = wanted.groups()
    if not first:
        return range(max(0, size - int(last)), size) if last else None
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1, size) if last else size)


def _slice(path: Path, span: range) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(span.start)
        left = len(span)
        while left and (part := file.read(min(PART, left))):
            left -= len(part)
            yield part
