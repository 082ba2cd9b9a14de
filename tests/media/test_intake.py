"""What is taken in, what is refused with which sentence, and what never stays behind."""

import hashlib
import io
import os
import re
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st
from PIL import Image

from media import storage
from media.intake import NotAPicture, store
from media.models import Blob
from tests.media import pictures
from tests.media.pictures import CORNERS, pixel, png, quarters, saved

pytestmark = pytest.mark.django_db


def refusal(content: bytes, **options: int) -> str:
    """The sentence of the refusal; it left neither a row nor a file behind."""
    with pytest.raises(NotAPicture) as refused:
        store(content, **options)
    assert not Blob.objects.filter(sha256=hashlib.sha256(content).hexdigest()).exists()
    assert not files()
    sentence = str(refused.value)
    assert re.fullmatch(r"[A-Z][^!\n]+\.", sentence)
    return sentence


def files() -> list[Path]:
    return [path for path in storage.original("ab" * 32).parents[3].rglob("*") if path.is_file()]


def rendition(blob: Blob, edge: int = 1536) -> Image.Image:
    picture = Image.open(storage.rendition(blob.sha256, edge))
    picture.load()
    assert picture.format == "WEBP"
    return picture


def corners(picture: Image.Image) -> list[tuple[int, ...]]:
    width, height = picture.size
    places = [(x, y) for y in (height // 4, height * 3 // 4) for x in (width // 4, width * 3 // 4)]
    return [pixel(picture.convert("RGB"), *place) for place in places]


def close(found: list[tuple[int, ...]], wanted: list[tuple[int, ...]], by: int = 14) -> bool:
    return all(
        abs(a - b) <= by for f, w in zip(found, wanted, strict=True) for a, b in zip(f, w, strict=True)
    )


@pytest.mark.parametrize(
    ("media_format", "media_type"),
    [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp"), ("AVIF", "image/avif")],
)
def test_a_picture_is_stored_untouched_with_its_facts(media_format: str, media_type: str) -> None:
    content = saved(quarters((640, 480)), media_format)
    blob = store(content)
    assert (blob.media_type, blob.width, blob.height, blob.bytes) == (media_type, 640, 480, len(content))
    assert blob.sha256 == hashlib.sha256(content).hexdigest()
    assert blob.crc32 == zlib.crc32(content)
    assert storage.original(blob.sha256).read_bytes() == content
    assert close(corners(rendition(blob)), list(CORNERS.values()))


def test_renditions_have_the_right_longest_edge_and_are_never_enlarged() -> None:
    large = store(pictures.noise(1800, "JPEG"))
    assert [rendition(large, edge).size for edge in (1536, 512)] == [(1536, 1536), (512, 512)]
    tall = store(saved(quarters((900, 3600)), "JPEG"))
    assert [rendition(tall, edge).size for edge in (1536, 512)] == [(384, 1536), (128, 512)]
    small = store(saved(quarters((64, 48))))
    assert [rendition(small, edge).size for edge in (1536, 512)] == [(64, 48), (64, 48)]


def test_bytes_paths_and_streams_are_the_same_picture(tmp_path: Path) -> None:
    content = saved(quarters())
    path = tmp_path / "a picture"
    path.write_bytes(content)
    upload = SimpleUploadedFile("../../etc/passwd\0.exe", content, content_type="text/html")
    upload.read(10)
    rows = {store(content).pk, store(path).pk, store(io.BytesIO(content)).pk, store(upload).pk}
    assert len(rows) == 1
    assert path.read_bytes() == content


def test_the_same_bytes_at_the_same_moment_are_one_row(transactional_db) -> None:
    content = pictures.noise(200)

    def take(_: int) -> int:
        try:
            return store(content).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(take, range(8)))) == 1
    assert Blob.objects.count() == 1


def test_lost_files_come_back_when_the_picture_is_given_again() -> None:
    blob = store(saved(quarters()))
    storage.rendition(blob.sha256, 512).unlink()
    assert store(saved(quarters())) == blob
    assert rendition(blob, 512).size == (120, 80)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"\x00", "This file is not a JPEG, PNG, WebP or AVIF picture."),
        (b"just words, named .jpg", "This file is not a JPEG, PNG, WebP or AVIF picture."),
        (b"MZ\x90\0" + b"\0" * 400, "This file is not a JPEG, PNG, WebP or AVIF picture."),
        (b"<html><script>alert(1)</script>", "This file is not a JPEG, PNG, WebP or AVIF picture."),
        (b"<?xml version='1.0'?><svg onload='alert(1)'/>", "This is an SVG file; only"),
        (b"%PDF-1.7\n", "This is a PDF file; only"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "This is a HEIC file; only"),
        (b"GIF89a" + b"\0" * 40, "This is a GIF file; only"),
        (b"\xff\xd8\xff", "This picture is damaged or cut short"),
        (b"\x89PNG\r\n\x1a\n", "This picture is damaged or cut short"),
    ],
)
def test_what_is_not_a_picture_is_refused(content: bytes, sentence: str) -> None:
    assert refusal(content).startswith(sentence)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "BMP", "ICO", "JPEG2000", "PDF", "EPS", "TGA", "PPM"])
def test_pictures_of_other_kinds_are_refused(kind: str) -> None:
    assert "JPEG, PNG, WebP" in refusal(saved(quarters(), kind))


@pytest.mark.parametrize("media_format", ["PNG", "JPEG", "WEBP", "AVIF"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_a_picture_cut_short_is_refused(media_format: str, share: float) -> None:
    content = pictures.noise(300, media_format)
    assert refusal(content[: int(len(content) * share)]).startswith("This picture is damaged or cut short")


def test_the_last_bytes_count() -> None:
    jpeg, still = pictures.noise(64, "JPEG"), saved(quarters())
    assert refusal(still[:-12]).startswith("This picture is damaged")
    assert refusal(still[:-1]).startswith("This picture is damaged")
    assert refusal(jpeg[:-2]).startswith("This picture is damaged")


def test_a_png_with_a_flipped_bit_or_garbage_for_pixels_is_refused() -> None:
    content = bytearray(pictures.noise(100))
    content[len(content) // 2] ^= 4
    assert refusal(bytes(content)).startswith("This picture is damaged")
    assert refusal(png(100, 100, rows=b"garbage")).startswith("This picture is damaged")


@pytest.mark.parametrize(
    ("width", "height", "sentence"),
    [
        (10_000, 10_000, "This picture has 100 megapixels; the limit is 50."),
        (7_200, 7_000, "This picture has 50.4 megapixels; the limit is 50."),
        (40_000, 40, "This picture has 40000 × 40 pixels; each side must have 16 to 16,384."),
        (15, 15, "This picture has 15 × 15 pixels; each side must have 16 to 16,384."),
        (1, 1, "This picture has 1 × 1 pixels; each side must have 16 to 16,384."),
        (
            1000,
            100,
            "This picture has 1000 × 100 pixels; one side may be at most 8 times as long as the other.",
        ),
    ],
)
def test_sizes_out_of_bounds_are_refused_before_decoding(width: int, height: int, sentence: str) -> None:
    assert refusal(png(width, height, rows=b"never read")) == sentence


def test_absurd_headers_are_refused() -> None:
    assert "megapixels" in refusal(png(2**31 - 1, 2**31 - 1, rows=b""))
    assert refusal(png(0, 10, rows=b""))


def test_a_whole_picture_of_100_megapixels_is_refused() -> None:
    assert refusal(png(10_000, 10_000)) == "This picture has 100 megapixels; the limit is 50."


def test_a_webp_that_announces_268_megapixels_is_refused() -> None:
    canvas = b"VP8X\x0a\0\0\0\x10\0\0\0" + b"\xfe\x3f\0" + b"\xfe\x3f\0"
    content = b"RIFF" + (len(canvas) + 4).to_bytes(4, "little") + b"WEBP" + canvas
    assert refusal(content) == "This picture has 268.5 megapixels; the limit is 50."


@pytest.mark.parametrize(("width", "height"), [(5440, 3072), (7071, 7071), (16, 16), (128, 16)])
def test_sizes_within_the_bounds_are_taken(width: int, height: int) -> None:
    blob = store(png(width, height))
    assert (blob.width, blob.height) == (width, height)


def test_a_jpeg_of_24_megapixels_is_taken() -> None:
    blob = store(saved(Image.new("RGB", (6000, 4000), "teal"), "JPEG"))
    assert rendition(blob).size == (1536, 1024)


def test_a_bomb_in_a_text_chunk_is_refused() -> None:
    sentence = "This picture carries more hidden data than is allowed."
    assert refusal(png(64, 64, pictures.text_bomb())) == sentence
    assert refusal(png(64, 64, pictures.profile_bomb())) == sentence


def test_ten_thousand_text_chunks_do_no_harm() -> None:
    many = pictures.chunk(b"tEXt", b"Comment\0hello") * 10_000
    assert store(png(64, 64, many)).width == 64


@pytest.mark.parametrize("media_format", ["PNG", "WEBP", "AVIF"])
def test_animated_pictures_are_refused(media_format: str) -> None:
    frames = [quarters(), quarters().rotate(180), quarters().rotate(90)]
    moving = saved(frames[0], media_format, save_all=True, append_images=frames[1:], duration=100)
    assert refusal(moving) == "This picture is animated (3 frames); upload a still picture."


def test_of_a_jpeg_with_further_pictures_the_first_is_taken() -> None:
    phone = saved(quarters(), "MPO", save_all=True, append_images=[Image.new("RGB", (120, 80))])
    blob = store(phone)
    assert blob.media_type == "image/jpeg"
    assert close(corners(rendition(blob)), list(CORNERS.values()))


@pytest.mark.parametrize("orientation", range(10))
def test_a_turned_picture_stands_upright(orientation: int) -> None:
    blob = store(pictures.turned(orientation))
    assert (blob.width, blob.height) == (120, 80)
    for edge in storage.EDGES:
        assert rendition(blob, edge).size == (120, 80)
        assert close(corners(rendition(blob, edge)), list(CORNERS.values()), by=30)
        assert not rendition(blob, edge).getexif()


def test_broken_exif_is_ignored() -> None:
    for garbage in (b"Exif\0\0garbage" * 50, b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12" * 200):
        assert store(saved(quarters(), "JPEG", exif=garbage)).width == 120


def test_cmyk_becomes_rgb_in_the_renditions() -> None:
    blob = store(saved(quarters(mode="CMYK"), "JPEG", quality=95))
    assert close(corners(rendition(blob)), list(CORNERS.values()), by=20)


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    row = struct.pack("<64H", *[60_000] * 32, *[32_768] * 32)
    deep = Image.frombytes("I;16", (64, 64), row * 64)
    shown = rendition(store(saved(deep))).convert("L")
    assert abs(pixel(shown, 16, 32)[0] - 233) <= 3
    assert abs(pixel(shown, 48, 32)[0] - 127) <= 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_every_mode_has_renditions(mode: str) -> None:
    source = saved(quarters(mode=mode))
    assert abs(pixel(rendition(store(source)).convert("L"), 90, 60)[0] - 245) <= 12


def test_transparency_is_kept() -> None:
    clear = quarters(mode="RGBA")
    clear.paste((0, 0, 0, 0), (0, 0, 60, 40))
    shown = rendition(store(saved(clear)), 512)
    assert shown.mode == "RGBA"
    assert pixel(shown, 30, 20)[3] == 0
    indexed = Image.new("P", (64, 64), 0)
    indexed.putpalette([255, 0, 0, 0, 255, 0])
    indexed.paste(1, (32, 0, 64, 64))
    shown = rendition(store(saved(indexed, transparency=0)))
    assert [pixel(shown, x, 32)[3] for x in (8, 56)] == [0, 255]


def test_wide_colours_are_converted_to_srgb() -> None:
    source = Image.new("RGB", (64, 64), (120, 200, 80))
    shown = rendition(store(saved(source, icc_profile=pictures.wide_gamut_profile())))
    red, green, _ = pixel(shown, 32, 32)
    assert red < 112
    assert green > 195
    assert "icc_profile" not in shown.info


@pytest.mark.parametrize("profile", [b"broken", b"\0" * 200, pictures.wide_gamut_profile()[:300]])
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_useless_profile_is_dropped(profile: bytes, mode: str) -> None:
    blob = store(saved(quarters(mode=mode), "JPEG", icc_profile=profile))
    assert "icc_profile" not in rendition(blob).info


@pytest.mark.parametrize("media_format", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_renditions_hold_no_metadata(media_format: str) -> None:
    blob = store(pictures.with_script_in_metadata(media_format))
    for edge in storage.EDGES:
        content = storage.rendition(blob.sha256, edge).read_bytes()
        assert b"script" not in content
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(rendition(blob, edge).info)


def test_what_is_appended_to_a_picture_is_not_in_its_renditions() -> None:
    blob = store(saved(quarters()) + b"PK\x03\x04<?php <html>")
    assert b"php" not in storage.rendition(blob.sha256, 1536).read_bytes()


def test_a_file_over_the_limit_is_refused() -> None:
    content = saved(quarters())
    assert refusal(content + b"\0" * 1024 * 1024, limit=1024 * 1024) == (
        "This file is larger than 1 MB, which is the limit."
    )
    assert store(content, limit=len(content))


def test_an_upload_that_breaks_off_leaves_nothing() -> None:
    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise OSError("connection lost")
            return super().read(100)

    with pytest.raises(OSError, match="connection lost"):
        store(Breaking(saved(quarters())))
    assert not files()
    assert not Blob.objects.exists()


def test_what_killed_intakes_left_is_swept_after_an_hour(media_root: Path) -> None:
    for name, age in (("old", 4000), ("new", 10)):
        folder = media_root / "incoming" / name
        folder.mkdir(parents=True)
        (folder / "original").write_bytes(b"half")
        moment = folder.stat().st_mtime - age
        os.utime(folder, (moment, moment))
    assert storage.sweep() == 1
    assert [path.name for path in (media_root / "incoming").iterdir()] == ["new"]


def test_a_folder_that_vanishes_or_cannot_be_swept_does_not_stop_the_sweep(media_root: Path) -> None:
    """Another sweep was faster: a link to nothing is listed and then cannot be looked at. A link to a folder
    is not followed."""
    incoming = media_root / "incoming"
    for folder in (incoming / "old", media_root / "elsewhere"):
        folder.mkdir(parents=True)
        os.utime(folder, (1, 1))
    (incoming / "gone").symlink_to(media_root / "nowhere")
    (incoming / "link").symlink_to(media_root / "elsewhere")
    assert storage.sweep() == 1
    assert not (incoming / "old").exists()
    assert (media_root / "elsewhere").is_dir()


def test_halves_of_downloads_are_swept_and_what_came_whole_is_not(media_root: Path) -> None:
    for path, age in (
        (storage.unfinished("a", 1), 4000),
        (storage.unfinished("a", 2), 10),
        (storage.arrival("b"), 4000),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
        moment = path.stat().st_mtime - age
        os.utime(path, (moment, moment))
    storage.sweep()
    left = {path.name for path in (media_root / "arrived").iterdir()}
    assert left == {storage.unfinished("a", 2).name, "b"}


def test_near_pictures_are_alike_and_others_are_not() -> None:
    picture, other = (pictures.speckled(9, seed).resize((600, 600)) for seed in (1, 2))
    same = store(saved(picture)).phash ^ store(saved(picture.resize((400, 400)), "JPEG", quality=60)).phash
    different = store(saved(picture)).phash ^ store(saved(other)).phash
    assert (same & (2**64 - 1)).bit_count() <= 6
    assert (different & (2**64 - 1)).bit_count() >= 12


@rules(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_gives_a_row_or_a_sentence(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "WEBP", "AVIF"]))
    content = bytearray(DAMAGEABLE[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with suppress(NotAPicture):
        assert store(bytes(content)).width


DAMAGEABLE = {kind: pictures.noise(48, kind) for kind in ("PNG", "JPEG", "WEBP", "AVIF")}
