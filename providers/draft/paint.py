"""What surfaces are made of: colour, gloss, glow and the name of a procedural texture."""

from dataclasses import dataclass

from providers.draft.arrays import Floats, rgb


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """Linear colours; `texture` names a function of `textures.py`, `salt` makes two of a kind differ."""

    colour: Floats
    gloss: float = 0.0
    glow: Floats | None = None
    texture: str = ""
    salt: int = 0
    cloth: bool = False


class Palette:
    """The paints of a stage, each known by its number."""

    def __init__(self) -> None:
        self.paints: list[Paint] = []

    def add(
        self,
        colour: tuple[float, float, float],
        gloss: float = 0.0,
        glow: tuple[float, float, float] | None = None,
        texture: str = "",
        salt: int = 0,
        cloth: bool = False,
    ) -> int:
        self.paints.append(Paint(rgb(*colour), gloss, rgb(*glow) if glow else None, texture, salt, cloth))
        return len(self.paints) - 1
