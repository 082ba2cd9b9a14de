"""Bytes on the wire: ranges, revalidation and the headers that disarm, behind the studio's middleware."""

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import path

from media import storage
from media.intake import store
from media.models import Blob
from media.serving import serve
from tests.media import pictures

pytestmark = pytest.mark.django_db


@login_not_required
def shown(request: HttpRequest, pk: int, edge: int | None = None) -> HttpResponseBase:
    return serve(request, Blob.objects.get(pk=pk), edge=edge, download_name=request.GET.get("name"))


urlpatterns = [path("<int:pk>", shown), path("<int:pk>/<int:edge>", shown)]


@pytest.fixture(autouse=True)
def _urls(settings) -> None:
    settings.ROOT_URLCONF = "tests.media.test_serving"


@pytest.fixture
def blob() -> Blob:
    return store(pictures.noise(100))


def body(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def original(blob: Blob) -> bytes:
    return storage.original(blob.sha256).read_bytes()


def test_the_original_and_the_renditions_are_sent_whole(client, blob: Blob) -> None:
    answer = client.get(f"/{blob.pk}")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/png"
    assert answer["Content-Length"] == str(blob.bytes)
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["Content-Disposition"] == "inline"
    assert blob.sha256 not in str(answer.headers)
    assert body(answer) == original(blob)
    for edge in storage.EDGES:
        answer = client.get(f"/{blob.pk}/{edge}")
        assert answer["Content-Type"] == "image/webp"
        assert body(answer) == storage.rendition(blob.sha256, edge).read_bytes()


@pytest.mark.parametrize(
    "headers", [{}, {"Range": "bytes=0-9"}, {"Range": "bytes=999999999-"}, {"If-None-Match": "*"}]
)
@pytest.mark.parametrize("address", ["/{}", "/{}/512", "/{}?name=a.png"])
def test_every_answer_disarms_the_bytes(client, blob: Blob, address: str, headers: dict[str, str]) -> None:
    answer = client.get(address.format(blob.pk), headers=headers)
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cache-Control"] == ("private, no-store" if "name" in address else "private, no-cache")
    assert answer["ETag"].startswith('"')
    assert "Cookie" in answer["Vary"]


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=0-9", 0, 10),
        ("bytes=100-", 100, None),
        ("bytes=-7", -7, None),
        ("bytes=-999999999", 0, None),
        ("bytes=5-999999999", 5, None),
        (" bytes=3-4 ", 3, 5),
    ],
)
def test_a_range_is_sent_exactly(client, blob: Blob, asked: str, start: int, stop: int | None) -> None:
    answer = client.get(f"/{blob.pk}", headers={"Range": asked})
    wanted = original(blob)[start:stop]
    first = start % blob.bytes if start else 0
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {first}-{first + len(wanted) - 1}/{blob.bytes}"
    assert answer["Content-Length"] == str(len(wanted))
    assert answer["Content-Type"] == "image/png"
    assert body(answer) == wanted


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=-0"])
def test_a_range_beyond_the_end_is_416(client, blob: Blob, asked: str) -> None:
    answer = client.get(f"/{blob.pk}", headers={"Range": asked})
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{blob.bytes}"
    assert body(answer) == b""


@pytest.mark.parametrize(
    "asked",
    ["bytes=9-3", "bytes=-", "bytes=a-b", "rows=0-1", "bytes=0-1,5-6", "bytes=" + "0-," * 1000, "bytes=٣-"],
)
def test_ranges_that_make_no_sense_get_the_whole_file(client, blob: Blob, asked: str) -> None:
    answer = client.get(f"/{blob.pk}", headers={"Range": asked})
    assert answer.status_code == 200
    assert len(body(answer)) == blob.bytes


def test_a_range_of_a_changed_file_gets_the_whole_file(client, blob: Blob) -> None:
    etag = client.get(f"/{blob.pk}")["ETag"]
    same = client.get(f"/{blob.pk}", headers={"Range": "bytes=0-1", "If-Range": etag})
    other = client.get(f"/{blob.pk}", headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert (same.status_code, other.status_code) == (206, 200)


def test_what_the_browser_has_is_not_sent_again(client, blob: Blob) -> None:
    etags = [client.get(f"/{blob.pk}{tail}")["ETag"] for tail in ("", "/512", "/1536")]
    assert len(set(etags)) == 3
    for known in (etags[0], f'"x", {etags[0]}', f"W/{etags[0]}", "*"):
        answer = client.get(f"/{blob.pk}", headers={"If-None-Match": known})
        assert answer.status_code == 304
        assert body(answer) == b""
        assert answer["ETag"] == etags[0]
    assert client.get(f"/{blob.pk}", headers={"If-None-Match": etags[1]}).status_code == 200
    assert client.get(f"/{blob.pk}", headers={"If-None-Match": "nonsense"}).status_code == 200


def test_head_tells_the_length_and_sends_nothing(client, blob: Blob) -> None:
    answer = client.head(f"/{blob.pk}", headers={"Range": "bytes=0-1"})
    assert answer.status_code == 200
    assert answer["Content-Length"] == str(blob.bytes)
    assert answer["Content-Type"] == "image/png"
    assert body(answer) == b""


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("night market.png", 'attachment; filename="night market.png"'),
        ("Märkt.png", "attachment; filename*=utf-8''M%C3%A4rkt.png"),
        ('a"b\r\nSet-Cookie: x=1.png', 'attachment; filename="a_bSet-Cookie_ x=1.png"'),
        ("../../etc/passwd", 'attachment; filename="passwd"'),
        ("CON.png", 'attachment; filename="_CON.png"'),
    ],
)
def test_a_download_has_a_safe_name(client, blob: Blob, name: str, header: str) -> None:
    assert client.get(f"/{blob.pk}", {"name": name})["Content-Disposition"] == header


def test_a_file_missing_from_storage_is_404_and_logged(client, blob: Blob, caplog) -> None:
    storage.original(blob.sha256).unlink()
    assert client.get(f"/{blob.pk}").status_code == 404
    assert f"blob {blob.pk} has no file for its original" in caplog.text
    assert client.get(f"/{blob.pk}/512").status_code == 200


def test_a_rendition_that_is_never_made_is_404(client, blob: Blob) -> None:
    assert client.get(f"/{blob.pk}/1000").status_code == 404
