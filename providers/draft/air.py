"""Light that hangs in the air: shafts of the key, halos of the lamps. Worked out small, used soft."""

import numpy as np

from providers.draft.arrays import Floats, cells, dot, soft_blur
from providers.draft.camera import View
from providers.draft.raster import Hits
from providers.draft.shadows import ShadowMap, reaches
from providers.draft.stage import Lamp, Stage

STEPS = 14


def hanging_light(stage: Stage, view: View, hits: Hits, shadow: ShadowMap) -> Floats:
    """Linear light (3, h, w) to be laid over a small picture."""
    total = np.zeros_like(hits.rays)
    if stage.shafts:
        total += _shafts(stage, view, hits, shadow)
    for lamp in stage.lamps:
        if lamp.halo:
            total += _halo(lamp, view, hits) * np.float32(0.0035 + 0.05 * stage.air.density)
    return soft_blur(total, 1.2)


def _shafts(stage: Stage, view: View, hits: Hits, shadow: ShadowMap) -> Floats:
    """How much of each ray's way through the room lies in the key's light."""
    reach = np.minimum(hits.t, np.float32(stage.shadow_radius * 2.6))
    height, width = hits.t.shape
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    start = cells(columns, rows, 5)
    origin = view.origin.astype(np.float32)[:, None]
    rays = hits.rays.reshape(3, -1)
    bright = np.zeros(hits.t.size, np.float32)
    for step in range(STEPS):
        along = ((step + start) / STEPS * reach).ravel()
        bright += reaches(shadow, (rays * along + origin).astype(np.float32))
    facing = np.clip(dot(hits.rays, stage.key.toward), 0, 1)
    amount = (
        bright.reshape(hits.t.shape)
        / STEPS
        * reach
        * np.float32(0.020 * stage.shafts)
        * (0.45 + 2.2 * facing**4)
    )
    return np.asarray(stage.key.colour[:, None, None] * amount, dtype=np.float32)


def _halo(lamp: Lamp, view: View, hits: Hits) -> Floats:
    """Light scattered along a ray that passes a lamp: the integral has a closed form."""
    away = (lamp.position - view.origin).astype(np.float32)
    nearest = dot(hits.rays, away.astype(np.float64))
    miss = np.sqrt(np.maximum(np.float32(float(away @ away)) - nearest * nearest, 0.012))
    reach = np.minimum(hits.t, np.float32(400))
    amount = (np.arctan((reach - nearest) / miss) + np.arctan(nearest / miss)) / miss
    return np.asarray(lamp.colour[:, None, None] * (amount * np.float32(lamp.halo)), dtype=np.float32)
