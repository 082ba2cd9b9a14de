"""The sky in every direction: gradient, sun or moon, clouds, stars."""

import numpy as np

from providers.draft.arrays import Floats, cells, dot, mix, noise, sample, smoothstep
from providers.draft.stage import KeyLight, Sky


def sky_colour(sky: Sky, key: KeyLight, rays: Floats) -> Floats:
    """Linear colour (3, …) of the sky along unit rays (3, …)."""
    up = np.clip(rays[1], -0.25, 1)
    rise = np.sqrt(np.clip(up, 0, 1))
    shape = (3,) + (1,) * (rays.ndim - 1)
    zenith, horizon = sky.zenith.reshape(shape), sky.horizon.reshape(shape)
    colour = mix(horizon, zenith, smoothstep(0.0, 0.85, rise))
    facing = np.clip(dot(rays, key.toward), 0, 1)
    wide = facing**6 * (1 - 0.75 * rise) * np.float32(0.45) + facing**60 * np.float32(0.5)
    colour = colour + sky.sun.reshape(shape) * wide * np.float32(0.35)
    if sky.clouds:
        colour = _clouds(sky, colour, rays, up, facing)
    if sky.stars:
        grid = cells(np.floor(rays[0] * 260), np.floor(rays[1] * 260), 3) * cells(
            np.floor(rays[2] * 260), up * 0, 5
        )
        colour = colour + np.float32(sky.stars) * smoothstep(0.93, 1.0, grid) * smoothstep(0.02, 0.3, up)
    if sky.sun_size:
        edge = np.float32(np.cos(sky.sun_size))
        disc = smoothstep(float(edge) - 0.00012, float(edge) + 0.00004, facing) * smoothstep(-0.02, 0.01, up)
        colour = colour + sky.sun.reshape(shape) * disc * 9
    return np.asarray(colour, dtype=np.float32)


def _clouds(sky: Sky, colour: Floats, rays: Floats, up: Floats, facing: Floats) -> Floats:
    height = 1 / (np.maximum(up, 0) + np.float32(0.09))
    u, v = rays[0] * height * np.float32(0.12), rays[2] * height * np.float32(0.12)
    cover = sample(noise(23, 1.45), u, v) * 0.7 + sample(noise(29, 1.1), u * 3.1, v * 3.1) * 0.3
    low = 0.72 - 0.36 * sky.clouds
    amount = (
        smoothstep(low, low + 0.24, cover)
        * smoothstep(0.0, 0.10, up)
        * np.float32(min(1.0, 0.4 + sky.clouds))
    )
    shape = (3,) + (1,) * (rays.ndim - 1)
    silver = sky.sun.reshape(shape) * (0.10 + 0.5 * facing**8) * (1 - 0.65 * cover)
    body = sky.cloud_colour.reshape(shape) * (1.25 - cover * 0.75)
    return mix(colour, np.asarray(body + silver, dtype=np.float32), amount)
