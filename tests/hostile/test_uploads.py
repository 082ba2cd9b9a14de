"""Files that are no pictures, or too much of one: taken or refused in a sentence, and nothing half."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from elements.models import Reference
from tests.factories import make_picture, make_project, make_user
from tests.media import pictures

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024


@pytest.fixture
def web(client):
    ana = make_user()
    make_project(owner=ana)
    client.force_login(ana)
    return client


def upload(web: Client, *files: tuple[str, bytes]):
    sent = [SimpleUploadedFile(name, content, "image/png") for name, content in files]
    return web.post("/projects/night-market/references", {"file": sent})


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"\xff\xd8\xff", 422),
        (b"MZ" + b"\0" * 2000, 422),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 422),
        (make_picture(size=(640, 360), media_format="JPEG")[:-2], 422),
        (pictures.png(10_000, 10_000), 422),
        (pictures.png(200, 200, pictures.text_bomb()), 422),
        (pictures.saved(pictures.quarters(), "GIF"), 422),
        (pictures.saved(pictures.quarters(), "TIFF"), 422),
        (pictures.saved(pictures.quarters(mode="CMYK"), "JPEG"), 200),
        (pictures.saved(pictures.quarters(mode="L").convert("I;16"), "PNG"), 200),
        (pictures.turned(6), 200),
        (pictures.with_script_in_metadata("JPEG"), 200),
    ],
    ids=[
        "empty",
        "three bytes",
        "program",
        "svg",
        "cut short",
        "100 megapixels",
        "text bomb",
        "gif",
        "tiff",
        "cmyk",
        "16 bit",
        "turned",
        "script in metadata",
    ],
)
def test_a_file_is_taken_or_refused_in_a_sentence(web, content, status):
    answer = upload(web, ("a.png", content))
    page = answer.content.decode()
    assert answer.status_code == status
    assert Reference.objects.count() == (status == 200)
    if status == 422:
        assert re.search(r'role="alert"><b>a.png</b> [A-Z][^!<]+\.</li>', page)


def test_a_byte_too_many_is_refused(web):
    answer = upload(web, ("big.png", make_picture() + b"\0" * (25 * MEGABYTE)))
    assert answer.status_code == 422
    assert "larger than 25 MB" in answer.content.decode()
    assert not Reference.objects.exists()


def test_twenty_one_files_are_refused_before_one_is_read(web):
    answer = upload(web, *[(f"{number}.png", make_picture()) for number in range(21)])
    assert 400 <= answer.status_code < 500
    assert "Nothing was changed" in answer.content.decode()
    assert not Reference.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "..\\..\\x.png",
        "/abs.png",
        "C:\\x.png",
        "nul",
        ".htaccess",
        "a%00.png",
        "%2e%2e%2f.png",
        "a\r\nSet-Cookie: x=1.png",
        "=cmd|' /C calc'!A0.png",
        "😀" * 255 + ".png",
        "x" * 5000,
        "photo.jpeg.php",
        "no extension",
    ],
)
def test_a_hostile_name_is_a_short_word(web, name):
    answer = upload(web, (name, make_picture()))
    # A name of a kilobyte is more than the head of a part may hold.
    assert answer.status_code == (400 if len(name.encode()) > 1000 and "x" not in name else 200)
    assert "Set-Cookie" not in answer.headers
    for reference in Reference.objects.all():
        assert 0 < len(reference.name) <= 120
        assert not set(reference.name) & set("/\\\r\n\0")
        assert reference.blob.extension == "png"


def test_an_upload_cut_short_leaves_nothing(web):
    edge = "x" * 20
    body = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'.encode()
    body += pictures.noise(64)[:1000]
    answer = web.post(
        "/projects/night-market/references", body, content_type=f"multipart/form-data; boundary={edge}"
    )
    assert answer.status_code in (400, 422)
    assert not Reference.objects.exists()
