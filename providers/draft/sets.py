"""Choosing the set for a place, and what all sets share: cast, wardrobe, daylight."""

from dataclasses import replace

import numpy as np

from grammar import Scene
from providers.draft.arrays import rgb, vector
from providers.draft.blocking import Blocking
from providers.draft.city import city
from providers.draft.daylight import GAINS, Hour, hour, kelvin_rgb, key_toward
from providers.draft.figures import figure, seat, wardrobe
from providers.draft.held import held, in_hands, lantern_light, on_plinth
from providers.draft.interior import interior
from providers.draft.likeness import Likeness
from providers.draft.open_country import open_country
from providers.draft.paint import Palette
from providers.draft.script import Script
from providers.draft.stage import Air, Ground, KeyLight, Sky, Stage, Track
from providers.draft.studio import studio


def build(script: Script, blocking: Blocking) -> Stage:
    """The set of the scene's place with its cast on it."""
    scene = script.scene
    palette = Palette()
    now = hour(scene)
    bare = _bare(scene, now, blocking)
    if scene.place == "city":
        stage = city(scene, now, blocking, palette, bare)
    elif scene.place == "interior":
        stage = interior(scene, now, blocking, palette, bare)
    elif scene.place == "studio":
        stage = studio(scene, now, blocking, palette, bare)
    else:
        stage = open_country(scene, now, blocking, palette, bare)
    return _with_cast(script, blocking, palette, stage)


def _bare(scene: Scene, now: Hour, blocking: Blocking) -> Stage:
    """Sky, key and fill without any set."""
    toward = key_toward(scene.key, now.elevation, blocking.light_side)
    sun = rgb(*now.sun)
    tint = kelvin_rgb(scene.key.kelvin) if scene.key.kelvin else rgb(1, 1, 1)
    zenith, horizon = rgb(*now.zenith), rgb(*now.horizon)
    low = 0.55 if scene.key.low_key else 1.0
    sky = Sky(zenith, horizon, sun, now.sun_size, now.clouds, horizon * 0.9 + 0.02, now.stars)
    return Stage(
        solids=[],
        paints=[],
        ground=Ground("plain", rgb(0.3, 0.3, 0.3)),
        sky=sky,
        key=KeyLight(toward, sun * tint, 0.02 if scene.key.hard and scene.weather == "clear" else 0.16),
        sky_fill=((zenith * 0.7 + horizon * 0.45) * (now.fill * 1.6 * low)).astype(np.float32),
        ground_fill=horizon * rgb(0.36, 0.32, 0.28) * (now.fill * low),
        rim=(sun * 0.4 + horizon * 0.4, sun * 0.4 + horizon * 0.4),
        gain=GAINS[scene.time],
        air=Air(horizon * 0.92, now.mist, 30.0, sun * 0.28),
    )


def _with_cast(script: Script, blocking: Blocking, palette: Palette, stage: Stage) -> Stage:
    scene = script.scene
    solids = list(stage.solids)
    feet, lamps = [], list(stage.lamps)
    for index, (subject, placing) in enumerate(zip(scene.subjects, blocking.placings, strict=True)):
        look = script.likenesses[index]
        # Who has a photo keeps what the photo leaves open in every panel, wherever in the row.
        number = index if look == Likeness() else sum(subject.name.encode())
        paints = wardrobe(subject, look, number, palette, blocking.world)
        solids.extend(figure(subject, placing, paints, index))
        if subject.pose == "sit":
            solids.extend(seat(placing, palette.add((0.10, 0.07, 0.05), 0.1)))
        feet.append(placing.at)
        in_hand = in_hands(script, index)
        solids.extend(held(in_hand, subject.pose, subject.build, placing, palette, index))
        lamps.extend(lantern_light(tuple(one.prop for one in in_hand), placing))
    if not scene.subjects:
        for one in script.things[:1]:
            solids.extend(on_plinth(one, scene.camera.shot, palette))
            feet.append(vector(0, 0, 0))
    ground = replace(stage.ground, tracks=_tracks(scene, blocking))
    return replace(stage, solids=solids, paints=palette.paints, feet=feet, lamps=lamps, ground=ground)


def _tracks(scene: Scene, blocking: Blocking) -> tuple[Track, ...]:
    """Snow and sand keep the prints of those who walk."""
    if scene.place not in ("snow", "desert"):
        return ()
    walkers = zip(scene.subjects, blocking.placings, strict=True)
    return tuple(
        (float(placing.at[0]), float(placing.at[2]), placing.yaw)
        for subject, placing in walkers
        if subject.pose == "walk"
    )
