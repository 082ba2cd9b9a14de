"""What a picture of a character sheet shows, read from the words of its panel."""

import grammar
from elements.models import Angle
from generations.models import Output

# In this order: a panel that asks for a profile may speak of the front as well.
WORDS = (
    ("three-quarter", Angle.THREE_QUARTER),
    ("three quarter", Angle.THREE_QUARTER),
    ("profile", Angle.PROFILE),
    ("from behind", Angle.BACK),
    ("back view", Angle.BACK),
    ("head and shoulders", Angle.EXPRESSION),
    ("expression", Angle.EXPRESSION),
)


def angle_of(output: Output) -> str:
    """The angle that the words of the picture name, else "other": there is one front, and it stays."""
    prompt = output.generation.prompt
    panels = grammar.split_panels(prompt)[1]
    words = (panels[output.index] if output.index < len(panels) else prompt).lower()
    if "from the front" in words:
        return Angle.OTHER
    return next((angle for word, angle in WORDS if word in words), Angle.OTHER)
