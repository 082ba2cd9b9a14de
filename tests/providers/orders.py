"""Orders of every mode as the studio composes them, and what each provider knows their pictures as."""

from pathlib import Path

from providers.base import ElementFile, Order, ReferenceFile
from providers.known import Known

ATTEMPT = "3ba7ae08-76de-4f81-ab0f-64c7aaf0000f"
HARBOUR = ReferenceFile(Path("harbour.jpg"), "composition", "ref-harbour")
DUSK = ReferenceFile(Path("dusk.jpg"), "palette", "ref-dusk")
ANGLES = tuple(Path(f"mara-{angle}.jpg") for angle in ("three-quarter", "profile", "back", "laughing"))
COAT = ElementFile(
    "red-coat", "red-coat@1", "costume", "Red coat", "A heavy wool coat.", Path("coat-front.jpg")
)


def mara(angles: tuple[Path, ...] = ()) -> ElementFile:
    front = Path("mara-front.jpg")
    return ElementFile("mara", "mara@3", "character", "Mara", "A detective.", front, angles)


def order(prompt: str, **values) -> Order:
    given = {"negative_prompt": "", "width": 2720, "height": 1536, "media_format": "png", "count": 1}
    given |= {"series": False, "seed": 7, "resolution": "2K"}
    return Order(prompt=prompt, **{**given, **values})


V3_TEXT = order(
    "@mara waits under a flickering streetlight, @Red-Coat soaked through. Medium shot, 50mm lens, "
    "@mara's breath in the cold.",
    negative_prompt="blurry, watermark",
    ratio="21:9",
    width=3104,
    height=1312,
    count=4,
    media_format="webp",
    elements=(mara(ANGLES), COAT),
)
O3_TEXT = order(
    "Vintage movie poster with the text 'MIDNIGHT SYNDICATE' in large Art Deco gold lettering at the top. "
    "Write to noir@example.com.",
    resolution="4K",
    ratio="2:3",
    width=3328,
    height=4992,
    count=3,
)
V3_IMAGE = order(
    "Transform @ref-harbour to deep winter: heavy snow, bare frozen trees, @mara far off.",
    negative_prompt="summer",  # no route takes one beside a picture
    media_format="jpeg",
    references=(HARBOUR,),
    elements=(mara(ANGLES[1:2]),),
)
REFERENCES_AND_ELEMENTS = order(
    "Reimagine @ref-harbour in the palette of @ref-dusk, @mara at the rail in @red-coat. "
    "Keep the composition of @ref-harbour.",
    ratio="auto",
    width=2496,
    height=1664,
    count=2,
    references=(HARBOUR, DUSK),
    elements=(mara(ANGLES), COAT),
)
SERIES = order(
    "Cinematic storyboard, 35mm film look. Panel 1: Wide shot of an empty courtroom. "
    "Panel 2: @mara stands up. Panel 3: A gavel mid-strike.",
    series=True,
    count=3,
    elements=(mara(ANGLES[1:2]),),
)
OMNI = order(
    "Panel 1: @ref-harbour at dawn. Panel 2: @mara steps into @ref-harbour. "
    "Panel 3: @mara in the light of @ref-dusk. Panel 4: an empty pier.",
    series=True,
    count=4,
    resolution="4K",
    ratio="21:9",
    references=(HARBOUR, DUSK),
    elements=(mara(),),
)
MULTI_IMAGE = order(
    "@ref-woman wears @ref-coat in @ref-pier, drawn like @ref-dusk.",
    resolution="1K",
    ratio="9:16",
    width=768,
    height=1360,
    count=2,
    references=(
        ReferenceFile(Path("dusk.jpg"), "style", "ref-dusk"),
        ReferenceFile(Path("mara-front.jpg"), "subject", "ref-woman"),
        ReferenceFile(Path("harbour.jpg"), "scene", "ref-pier"),
        ReferenceFile(Path("coat-front.jpg"), "subject", "ref-coat"),
    ),
)
RUNWARE_TEXT = order(
    "An elegant vintage circus dressing room moments before a performance.",
    ratio="2:3",
    width=1664,
    height=2496,
    count=9,
    media_format="jpeg",
)
RUNWARE_IMAGE = order(
    "Turn @ref-harbour into an old-world archive reading hall.",
    resolution="1K",
    ratio="auto",
    width=1248,
    height=832,
    count=2,
    media_format="webp",
    references=(HARBOUR,),
)

_WORDS = {
    "fal": "https://v3b.fal.media/files/{}",
    "runware": "data:image/jpeg;base64,{}",
    "kling": "base64 of {}",
}


def known(asked: Order, route: str) -> Known:
    """The pictures as this route gets them; Kling's element numbers have 18 digits."""
    paths = [reference.path for reference in asked.references]
    for element in asked.elements:
        paths += [element.front, *element.angles]
    numbers = {"mara@3": 861234567890123457, "red-coat@1": 861234567890123458}
    return Known({path: _WORDS[route].format(path) for path in paths}, numbers if route == "kling" else {})
