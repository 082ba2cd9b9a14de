"""Open ground seen close and far: sand ripples, snow, rock, grass, leaves, water."""

import numpy as np

from providers.draft.arrays import Floats, mix, noise, sample, smoothstep
from providers.draft.stage import Ground, Track

SNOW = np.array((0.74, 0.77, 0.82), dtype=np.float32)[:, None]
ROCK = np.array((0.17, 0.155, 0.145), dtype=np.float32)[:, None]
STRIDE, STEP_ASIDE, TRAIL = np.float32(0.72), np.float32(0.09), 60.0
FOAM = np.array((0.62, 0.64, 0.64), dtype=np.float32)[:, None]


def lay_soil(ground: Ground, points: Floats, normals: Floats, footprint: Floats) -> tuple[Floats, Floats]:
    """Colour (3, n) and gloss (n); the small relief is pressed into the normals in place."""
    x, y, z = points
    middle = sample(noise(13, 0.9), x * np.float32(0.13), z * np.float32(0.13))
    fine = sample(noise(17, 0.35), x * np.float32(0.7), z * np.float32(0.7))
    broad = sample(noise(11 + ground.salt, 1.4), x * np.float32(0.011), z * np.float32(0.011))
    near: Floats = (1 / (1 + (footprint * 26) ** 2)).astype(np.float32)
    _press(ground.kind, x, z, middle, fine, near, footprint, normals)
    patchy = 0.22 if ground.kind == "snow" else 1.0
    tone = 1 - patchy * (
        0.34 - 0.34 * broad - (middle - 0.5) * 0.32 / (1 + footprint * 3) - (fine - 0.5) * 0.30 * near
    )
    colour: Floats = (ground.colour[:, None] * tone).astype(np.float32)
    if ground.tracks:
        colour *= _trodden(ground.tracks, x, z, normals)
    gloss = np.full_like(x, 0.02)
    if ground.kind in ("mountains", "snow"):
        colour, gloss = _heights(ground.kind, colour, y, normals, middle)
    elif ground.kind == "field":
        blades = sample(noise(19, 0.5), x * np.float32(2.1), z * np.float32(0.7))
        colour = (
            colour * (0.55 + 0.9 * (0.5 + (blades - 0.5) * near))
            + ROCK * smoothstep(0.35, 0.6, 1 - normals[1]) * 0.5
        )
        colour = mix(colour, ROCK * 0.7, smoothstep(40, 160, y))
    elif ground.kind == "forest":
        leaves = sample(noise(19, 0.45), x * np.float32(1.3), z * np.float32(1.3))
        colour = (
            colour
            * (0.5 + 1.0 * leaves)
            * (1 + (middle[None] - 0.5) * np.array(((0.7,), (0.2,), (-0.3,)), np.float32))
        )
    elif ground.kind == "sea":
        damp = smoothstep(0.35, -0.35, y)
        colour = mix(
            (colour * (1 - 0.55 * damp)).astype(np.float32),
            (ROCK * tone).astype(np.float32),
            smoothstep(1.5, 5.0, y),
        )
        gloss = 0.02 + 0.25 * damp
    return np.asarray(colour, dtype=np.float32), np.asarray(gloss, dtype=np.float32)


def _press(
    kind: str,
    x: Floats,
    z: Floats,
    middle: Floats,
    fine: Floats,
    near: Floats,
    footprint: Floats,
    normals: Floats,
) -> None:
    if kind == "desert":
        warp = sample(noise(61, 2.2), x * np.float32(0.030), z * np.float32(0.030))
        phase = (x * np.float32(0.5) + z * np.float32(0.86)) * 24 + warp * 84
        ripple = np.sin(phase) * np.float32(0.22) / (1 + (footprint * 14) ** 2)
        ripple += np.sin(phase * np.float32(0.21)) * np.float32(0.06) / (1 + (footprint * 3) ** 2)
        normals[0] += ripple * np.float32(0.5)
        normals[2] += ripple * np.float32(0.86) + (middle - 0.5) * np.float32(0.14)
    elif kind == "snow":
        drift = sample(noise(63, 1.5), x * np.float32(0.030) + z * np.float32(0.012), z * np.float32(0.11))
        swell = (drift - 0.5) * np.float32(0.42)
        normals[0] += swell * np.float32(0.5) + (fine - 0.5) * near * np.float32(0.07)
        normals[2] += swell + (middle - 0.5) * np.float32(0.05)
    else:
        rough = {"mountains": 0.9, "forest": 0.8, "field": 0.7, "sea": 0.25}.get(kind, 0.3)
        normals[0] += (fine - 0.5) * near * np.float32(rough) + (middle - 0.5) * np.float32(rough * 0.6)
        normals[2] += (middle - 0.5) * np.float32(rough * 0.6) - (fine - 0.5) * near * np.float32(rough * 0.5)
    normals /= np.sqrt(normals[0] ** 2 + normals[1] ** 2 + normals[2] ** 2)


def _trodden(tracks: tuple[Track, ...], x: Floats, z: Floats, normals: Floats) -> Floats:
    """Prints behind those who walk: their walls are pressed into the normals, their floors are darker (n)."""
    shade = np.ones_like(x)
    for at_x, at_z, yaw in tracks:
        dx, dz = x - np.float32(at_x), z - np.float32(at_z)
        s, c = np.float32(np.sin(yaw)), np.float32(np.cos(yaw))
        back, aside = -(dx * s + dz * c), dx * c - dz * s
        near = np.flatnonzero((back > 0.25) & (back < TRAIL) & (np.abs(aside) < 0.4))
        back, aside = back[near], aside[near]
        step = np.round(back / STRIDE)
        aside = aside - np.where(step % 2 == 0, STEP_ASIDE, -STEP_ASIDE)
        along, across = (back - step * STRIDE) / np.float32(0.17), aside / np.float32(0.075)
        out = np.sqrt(along * along + across * across) + np.float32(1e-6)
        wall = np.exp(-(((out - 1) * np.float32(3.2)) ** 2)) * np.float32(0.85) / out
        normals[0, near] += wall * (along * s - across * c)
        normals[2, near] += wall * (along * c + across * s)
        shade[near] *= 1 - np.float32(0.24) * smoothstep(1.15, 0.7, out)
    length = np.sqrt(normals[0] ** 2 + normals[1] ** 2 + normals[2] ** 2)
    normals /= length
    return shade


def _heights(kind: str, colour: Floats, y: Floats, normals: Floats, middle: Floats) -> tuple[Floats, Floats]:
    """Rock on steep faces, snow on what is high and flat."""
    steep = smoothstep(0.20, 0.42, 1 - normals[1] + (middle - 0.5) * np.float32(0.2))
    if kind == "snow":
        rock = steep * smoothstep(25, 90, y)
        return mix(colour, ROCK * 0.9, rock), np.asarray(0.10 * (1 - rock), dtype=np.float32)
    high = smoothstep(150, 330, y + (middle - 0.5) * 160)
    grass = mix(colour, ROCK * (0.7 + middle), smoothstep(0.12, 0.34, 1 - normals[1]))
    return mix(grass, SNOW, high * (1 - 0.85 * steep)), np.full_like(y, 0.03)


def waves(x: Floats, z: Floats, t: Floats) -> Floats:
    """Unit normals (3, n) of a sea with a swell, calmer where a pixel covers many waves."""
    calm = 1 / (1 + t * np.float32(0.022))
    long = sample(noise(67, 1.3), x * np.float32(0.018), z * np.float32(0.045)) - np.float32(0.5)
    short = sample(noise(71, 0.9), x * np.float32(0.11), z * np.float32(0.2)) - np.float32(0.5)
    small = sample(noise(73, 0.7), x * np.float32(0.5), z * np.float32(0.8)) - np.float32(0.5)
    out = np.empty((3, x.size), np.float32)
    out[0] = (short * np.float32(0.5) + small * np.float32(0.45)) * calm
    out[2] = (long * np.float32(0.6) + short * np.float32(0.6) + small * np.float32(0.4)) * (
        calm + np.float32(0.12)
    )
    out[1] = 1
    return np.asarray(out / np.sqrt(out[0] ** 2 + 1 + out[2] ** 2), dtype=np.float32)


def foam(x: Floats, z: Floats, depth: Floats) -> Floats:
    """Lines of foam (n) where the water grows shallow."""
    torn = sample(noise(17, 0.6), x * np.float32(0.10), z * np.float32(0.16))
    band = np.sin(depth * np.float32(7.0) + torn * 9)
    return np.asarray(
        smoothstep(0.55, 0.95, band * 0.6 + torn * 0.7) * smoothstep(1.35, 0.1, depth), dtype=np.float32
    )
