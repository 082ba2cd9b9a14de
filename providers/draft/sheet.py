"""The contact sheet: places, angles, shot sizes and hours side by side, to judge a change at a glance."""

from PIL import Image, ImageDraw, ImageFont

from providers.base import Order
from providers.draft.engine import picture

CELL = (400, 226)
MARGIN, CAPTION = 10, 20
WHO = {
    "city": "a detective in a coat walks on a city street",
    "interior": "a scientist holding a flask in a library",
}
PLACES = ("city", "interior", "desert", "snow field", "mountains", "beach", "forest", "meadow", "studio")
ANGLES = ("eye level", "low angle", "worm's-eye", "high angle", "overhead", "dutch angle")
SHOTS = ("extreme wide shot", "wide shot", "full shot", "medium full", "medium shot", "close-up")
HOURS = (
    "dawn",
    "morning",
    "noon",
    "golden hour",
    "sunset",
    "blue hour",
    "night",
    "night, rain, neon",
    "fog",
    "snowfall",
)


def prompts() -> list[list[tuple[str, str]]]:
    """Rows of (caption, prompt)."""
    rows = [
        [
            (f"{place}, {hour}", f"Full shot, 35mm, {_who(place)}, {hour}")
            for hour in ("morning", "golden hour", "night")
        ]
        for place in PLACES
    ]
    columns = [cell for row in rows for cell in row]
    grid = [columns[start : start + 6] for start in range(0, len(columns), 6)]
    grid.append([(angle, f"Wide shot, {angle}, 28mm, {_who('city')}, blue hour") for angle in ANGLES])
    grid.append(
        [
            (angle, f"Wide shot, {angle}, 35mm, two people walk in a snow field, golden hour")
            for angle in ANGLES
        ]
    )
    grid.append([(shot, f"{shot}, 50mm, {_who('interior')}, dust") for shot in SHOTS])
    hours = [(hour, f"Full shot, 35mm, {_who('city')}, {hour}") for hour in HOURS]
    return [*grid, hours[:5], hours[5:]]


def _who(place: str) -> str:
    return WHO.get(place, f"a woman in a coat stands, {place}")


def sheet() -> Image.Image:
    """Every place family, angle, shot size and hour."""
    rows = prompts()
    width = max(len(row) for row in rows) * (CELL[0] + MARGIN) + MARGIN
    height = len(rows) * (CELL[1] + CAPTION + MARGIN) + MARGIN
    page = Image.new("RGB", (width, height), (18, 18, 20))
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(13)
    for y, row in enumerate(rows):
        for x, (caption, prompt) in enumerate(row):
            left, top = MARGIN + x * (CELL[0] + MARGIN), MARGIN + y * (CELL[1] + CAPTION + MARGIN)
            page.paste(picture(Order(prompt, "", *CELL, "png", 1, False, 1), 0), (left, top))
            pen.text((left + 2, top + CELL[1] + 3), caption, fill=(150, 150, 150), font=font)
    return page
