"""The language of film: reading a prompt into camera, place, light and cast."""

from grammar.casting import portrait
from grammar.describe import describe
from grammar.reading import read, split_panels
from grammar.scene import Camera, Key, Lettering, Look, Scene, Subject

__all__ = [
    "Camera",
    "Key",
    "Lettering",
    "Look",
    "Scene",
    "Subject",
    "describe",
    "portrait",
    "read",
    "split_panels",
]
