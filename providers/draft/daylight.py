"""The light of each hour and weather: sun, sky, fill and mist."""

from dataclasses import dataclass, replace
from math import cos, radians, sin

import numpy as np

from grammar import Key, Scene
from providers.draft.arrays import Floats, Vector, rgb, vector

type Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Hour:
    """Linear colours; `elevation` of the key in degrees; `fill` is how much of the sky lights the shadows."""

    elevation: float
    sun: Colour
    zenith: Colour
    horizon: Colour
    fill: float
    sun_size: float = 0.012
    clouds: float = 0.35
    stars: float = 0.0
    mist: float = 0.004


HOURS: dict[str, Hour] = {
    "dawn": Hour(3.0, (1.25, 0.55, 0.34), (0.10, 0.16, 0.32), (0.62, 0.36, 0.32), 0.55, mist=0.012),
    "sunrise": Hour(5.0, (2.0, 0.95, 0.42), (0.14, 0.24, 0.46), (0.85, 0.50, 0.30), 0.5, mist=0.010),
    "morning": Hour(24.0, (2.3, 1.85, 1.30), (0.18, 0.33, 0.60), (0.66, 0.68, 0.66), 0.5, 0.0, mist=0.006),
    "day": Hour(42.0, (2.3, 2.08, 1.75), (0.14, 0.29, 0.58), (0.50, 0.62, 0.74), 0.5, 0.0),
    "noon": Hour(66.0, (2.7, 2.5, 2.2), (0.11, 0.26, 0.56), (0.46, 0.60, 0.76), 0.5, 0.0, 0.2),
    "golden hour": Hour(9.0, (2.5, 1.25, 0.50), (0.16, 0.25, 0.42), (0.95, 0.60, 0.30), 0.42, mist=0.008),
    "sunset": Hour(
        3.5, (2.2, 0.78, 0.28), (0.13, 0.13, 0.30), (0.95, 0.36, 0.16), 0.42, 0.016, 0.6, mist=0.008
    ),
    "blue hour": Hour(
        22.0, (0.14, 0.20, 0.34), (0.035, 0.07, 0.18), (0.17, 0.19, 0.30), 0.75, 0.0, 0.45, 0.15, 0.008
    ),
    "night": Hour(
        38.0, (0.16, 0.22, 0.36), (0.004, 0.008, 0.022), (0.016, 0.024, 0.050), 0.9, 0.0, 0.4, 0.5, 0.007
    ),
}

# How far the camera is opened at each hour.
GAINS = {
    "dawn": 1.15,
    "sunrise": 1.15,
    "morning": 1.55,
    "day": 1.6,
    "noon": 1.6,
    "golden hour": 1.15,
    "sunset": 1.1,
    "blue hour": 1.15,
    "night": 0.76,
}

AZIMUTHS = {
    "left": -98.0,
    "right": 98.0,
    "back": 12.0,
    "front": 165.0,
    "side": 80.0,
    "top": 60.0,
    "under": 60.0,
}
ELEVATIONS = {"top": 72.0, "under": -35.0, "front": 30.0}


def hour(scene: Scene) -> Hour:
    """The hour as this weather leaves it."""
    now = HOURS[scene.time]
    weather = scene.weather
    if weather in ("rain", "storm", "overcast", "snowfall", "fog"):
        grey = {"storm": 0.95, "fog": 0.4}.get(weather, 0.82)
        level = float(np.mean(now.horizon)) * (0.62 if weather == "storm" else 0.95)
        veil = (level * 0.94, level * 0.99, level * 1.05)
        dim = {"rain": 0.28, "storm": 0.2, "overcast": 0.32, "snowfall": 0.4, "fog": 0.62}[weather]
        now = replace(
            now,
            sun=_scaled(now.sun, dim),
            zenith=_mixed(now.zenith, _scaled(veil, 0.8), grey),
            horizon=_mixed(now.horizon, veil, grey * 0.8),
            fill=now.fill * (1.15 if weather == "fog" else 1.5),
            sun_size=0.0,
            clouds=1.0,
            stars=0.0,
            mist=max(
                now.mist, {"rain": 0.02, "storm": 0.022, "snowfall": 0.028, "fog": 0.075}.get(weather, 0.008)
            ),
        )
    return replace(now, mist=now.mist + 0.03 * scene.haze * (weather != "fog"))


def key_toward(key: Key, elevation: float, side: float) -> Vector:
    """Unit vector to the key, for a camera that looks along +z; `side` where the prompt leaves it open."""
    open_azimuth = 52.0 if elevation > 15 else 31.0
    azimuth = radians(
        AZIMUTHS.get(key.direction, open_azimuth) * (1 if key.direction in ("left", "right") else side)
    )
    height = radians(ELEVATIONS.get(key.direction, elevation))
    return vector(sin(azimuth) * cos(height), sin(height), cos(azimuth) * cos(height))


def kelvin_rgb(kelvin: float) -> Floats:
    """Linear colour of a light, about 1 in green; a fit good between 1,500 and 12,000 K."""
    t = np.clip(kelvin, 1500, 12000) / 5600
    return rgb(
        float(np.clip(t**-0.95, 0.5, 2.4)),
        1.0 * float(np.clip(t**-0.1, 0.8, 1.15)),
        float(np.clip(t**1.15, 0.12, 1.9)),
    )


def _scaled(colour: Colour, k: float) -> Colour:
    return (colour[0] * k, colour[1] * k, colour[2] * k)


def _mixed(a: Colour, b: Colour, k: float) -> Colour:
    return (a[0] + (b[0] - a[0]) * k, a[1] + (b[1] - a[1]) * k, a[2] + (b[2] - a[2]) * k)
