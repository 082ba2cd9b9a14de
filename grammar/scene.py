"""The plain scene that a prompt is read into: camera, place, light, look, cast and lettering."""

from dataclasses import dataclass
from math import atan, degrees, radians, tan

SENSOR_MM = 36.0


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera on a stage; `shot` and `angle` are keys of `grammar.words.SHOT_SIZES` and `ANGLES`."""

    shot: str = "medium full"
    angle: str = "eye level"
    focal_mm: float = 35.0
    aperture: float = 4.0
    roll_degrees: float = 0.0

    @property
    def fov_degrees(self) -> float:
        """Angle of view over the long side of a 36 mm sensor."""
        return degrees(2 * atan(SENSOR_MM / 2 / self.focal_mm))

    def distance(self, frame_height_m: float, ratio: float) -> float:
        """Metres from the subject at which a frame of this height is filled; `ratio` is width / height."""
        long_side = frame_height_m * max(ratio, 1.0)
        return long_side / 2 / tan(radians(self.fov_degrees) / 2)


@dataclass(frozen=True, slots=True)
class Key:
    """The key light: where it comes from as the camera sees it, how warm, how hard."""

    direction: str = "side"
    kelvin: int = 0  # 0: whatever the time of day gives
    hard: bool = True
    low_key: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """Palette and film stock words; `hues` and `shadow_hue` are names from `grammar.moods.HUES`."""

    style: str = "natural"
    monochrome: bool = False
    contrast: float = 1.0
    grain: float = 1.0
    hues: tuple[str, ...] = ()
    shadow_hue: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """One figure of the cast."""

    name: str = "person"
    pose: str = "stand"
    build: str = "neutral"  # "man", "woman", "child", "neutral"
    clothes: str = "jacket"  # "coat", "dress", "suit", "jacket"
    dressed: bool = False  # the clothes were named, not chosen
    hat: str = ""  # "", "fedora", "hood", "helmet"
    colour: str = ""
    facing: str = ""  # "", "camera", "away", "left", "right"
    striped: bool = False
    bare_arms: bool = False


@dataclass(frozen=True, slots=True)
class Lettering:
    """Quoted text: `place` is top, centre, bottom or sign; `face` is sans, serif or neon."""

    text: str
    place: str = "bottom"
    face: str = "sans"


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that was understood, and (in `unread`) everything that was not."""

    camera: Camera = Camera()
    place: str = "studio"
    time: str = "day"
    weather: str = "clear"
    wet: bool = False
    haze: float = 0.0
    key: Key = Key()
    look: Look = Look()
    practicals: tuple[str, ...] = ()
    subjects: tuple[Subject, ...] = ()
    props: tuple[str, ...] = ()
    detail: str = ""  # "hands": what a close shot is aimed at instead of a face
    lettering: tuple[Lettering, ...] = ()
    panels: tuple[str, ...] = ()
    read_words: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    without: tuple[str, ...] = ()  # what the negative prompt keeps out of the set, by value
