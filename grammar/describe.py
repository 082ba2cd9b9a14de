"""The sentence under the prompt: what was read and what was not."""

from grammar.scene import Scene


def describe(scene: Scene, limit: int = 14) -> str:
    """'read: low angle, 24 mm, night, rain; not read: a sense of loss'."""
    read = ", ".join(scene.read_words[:limit]) or "nothing in particular"
    if not scene.unread:
        return f"read: {read}"
    return f"read: {read}; not read: {', '.join(scene.unread[:limit])}"
