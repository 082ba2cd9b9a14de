"""Names of delivered files: readable, ASCII, at most 120 characters, and never a word of the prompt."""

from generations.models import Output

ENDINGS = {"png": "png", "jpeg": "jpg", "webp": "webp"}
_FORMATS = {"image/png": "png", "image/jpeg": "jpeg", "image/webp": "webp"}


def stem(output: Output) -> str:
    """`night-market_20261121_1f2e3d4c_02`; project and generation must be loaded. Slugs are ASCII."""
    made = output.created_at.strftime("%Y%m%d")
    return f"{output.project.slug}_{made}_{output.uuid.hex[:8]}_{output.index + 1:02}"


def file_name(output: Output, media_format: str | None = None) -> str:
    """The name with its ending: that of `media_format`, or of the original."""
    assert output.blob is not None
    return f"{stem(output)}.{ENDINGS[media_format] if media_format else output.blob.extension}"


def format_of(output: Output) -> str | None:
    """The format of the original among those that can be delivered, None for another one."""
    return _FORMATS.get(output.blob.media_type) if output.blob else None


def archive_name(slug: str, count: int, made: str, kind: str = "") -> str:
    """`night-market_20261121_12-stills_webp.zip`."""
    stills = "1-still" if count == 1 else f"{count}-stills"
    return "_".join(part for part in (slug, made, stills, kind) if part) + ".zip"
