"""Five ways to begin with references: places with roles to fill, and a sentence that speaks of them."""

from dataclasses import dataclass

from elements.models import ReferenceRole as Role


@dataclass(frozen=True, slots=True)
class Start:
    """`roles` are the places in their order; the sentence speaks of them as @Image1, @Image2 and so on."""

    key: str
    title: str
    text: str
    roles: tuple[str, ...]
    sentence: str


STARTS = (
    Start(
        "style-transfer",
        "Style transfer",
        "One picture in the style of another",
        (Role.SUBJECT, Role.STYLE),
        "Transform @Image1 into the style of @Image2. Keep what is shown and where it stands.",
    ),
    Start(
        "casting",
        "Casting",
        "A person in a scene",
        (Role.SCENE, Role.CHARACTER),
        "Place the person of @Image2 into the scene of @Image1. Match its light and perspective.",
    ),
    Start(
        "mood-board",
        "Mood board",
        "Layout, palette and texture from three pictures",
        (Role.COMPOSITION, Role.PALETTE, Role.TEXTURE),
        "Compose as in @Image1, with the palette and light of @Image2 and the texture of @Image3.",
    ),
    Start(
        "product-placement",
        "Product placement",
        "A product in a set, lit like a third picture",
        (Role.PRODUCT, Role.SCENE, Role.LIGHTING),
        "Set the product of @Image1 into the scene of @Image2, lit as in @Image3. Keep its shape and label.",
    ),
    Start(
        "mashup",
        "Mashup",
        "Two ideas in one picture",
        (Role.SUBJECT, Role.SUBJECT),
        "Merge @Image1 and @Image2 into one thing with the shape of the first and the skin of the second.",
    ),
)
