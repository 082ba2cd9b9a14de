"""The vocabulary of light and colour: key, temperature, practicals, film stock, hues."""

from typing import Final

from grammar.words import Phrases

HUES: Final[dict[str, tuple[float, float, float]]] = {
    "teal": (0.05, 0.55, 0.58),
    "orange": (0.95, 0.5, 0.15),
    "red": (0.85, 0.08, 0.08),
    "crimson": (0.75, 0.04, 0.1),
    "gold": (0.9, 0.66, 0.2),
    "amber": (1.0, 0.6, 0.15),
    "yellow": (0.95, 0.85, 0.15),
    "green": (0.15, 0.6, 0.25),
    "emerald": (0.05, 0.55, 0.35),
    "cyan": (0.1, 0.8, 0.9),
    "blue": (0.12, 0.3, 0.85),
    "indigo": (0.22, 0.16, 0.6),
    "purple": (0.5, 0.15, 0.7),
    "violet": (0.55, 0.3, 0.85),
    "magenta": (0.9, 0.1, 0.6),
    "pink": (0.95, 0.45, 0.62),
    "black": (0.03, 0.03, 0.035),
    "white": (0.85, 0.85, 0.83),
    "grey": (0.35, 0.35, 0.36),
    "tan": (0.62, 0.47, 0.3),
    "brown": (0.33, 0.2, 0.11),
    "beige": (0.72, 0.62, 0.48),
    "navy": (0.05, 0.08, 0.22),
    "rust": (0.6, 0.25, 0.1),
}

KEY_WORDS: Final[Phrases] = {
    "left": (
        "from the left",
        "from camera left",
        "from left",
        "left key",
        "left side light",
        "camera-left key",
    ),
    "right": ("from the right", "from camera right", "from right", "right key", "camera-right key"),
    "back": (
        "backlit",
        "backlight",
        "backlighting",
        "rim light",
        "rim-lit",
        "silhouette",
        "silhouetted",
        "contre-jour",
        "against the light",
        "halo light",
        "edge light",
    ),
    "front": ("front light", "front-lit", "frontal light", "flat light", "ring light", "on-camera flash"),
    "top": (
        "top light",
        "toplight",
        "top-lit",
        "overhead light",
        "overhead lamp",
        "hanging bulb",
        "bare bulb",
    ),
    "under": ("underlit", "uplight", "under light", "from underneath"),
    "side": (
        "side light",
        "sidelight",
        "side-lit",
        "three-quarter light",
        "rembrandt",
        "split light",
        "window key light",
        "key light",
    ),
}

HARDNESS_WORDS: Final[Phrases] = {
    "hard": ("hard light", "harsh", "hard shadows", "direct sun", "hard"),
    "soft": (
        "soft light",
        "soft shadows",
        "diffused",
        "diffuse",
        "softbox",
        "soft window light",
        "gentle light",
        "soft",
    ),
}

MOOD_WORDS: Final[Phrases] = {
    "low": (
        "deep shadows",
        "low key",
        "low-key",
        "chiaroscuro",
        "high contrast",
        "dramatic",
        "noir",
        "film noir",
        "moody",
        "dark",
        "shadowy",
        "horror",
    ),
    "high": ("high key", "high-key", "bright and airy", "airy"),
}

KELVIN_WORDS: Final[Phrases] = {
    "2000": (
        "candlelight",
        "candlelit",
        "candle",
        "candles",
        "firelight",
        "torchlight",
        "campfire",
        "by fire",
    ),
    "3200": ("tungsten", "warm light", "warm lamp", "lamplight", "incandescent", "warm"),
    "4300": ("fluorescent",),
    "5600": ("neutral light",),
    "7500": ("cool light", "cool daylight", "cold light", "cold", "cool"),
    "9000": ("icy light", "blue light"),
}

PRACTICAL_WORDS: Final[Phrases] = {
    "neon": (
        "neon",
        "neon sign",
        "neon signs",
        "bar signs",
        "cyberpunk",
        "holographic",
        "billboard",
        "billboards",
    ),
    "streetlight": (
        "streetlight",
        "street light",
        "streetlights",
        "street lamp",
        "street lamps",
        "lamp post",
        "lamppost",
    ),
    "lamp": (
        "desk lamp",
        "table lamp",
        "lamp",
        "practical lamp",
        "practicals",
        "wall sconces",
        "chandelier",
        "chandeliers",
        "bulb",
    ),
    "candle": ("candle", "candles", "candlelight", "candlelit"),
    "headlights": ("headlights", "car lights", "taillights"),
    "window": ("lit windows", "glowing windows"),
}

STYLE_WORDS: Final[Phrases] = {
    "noir": ("noir", "film noir"),
    "teal and orange": ("teal and orange", "teal-and-orange", "blockbuster grade"),
    "bleach bypass": ("bleach bypass", "desaturated", "muted", "washed out", "washed-out"),
    "warm film": (
        "portra",
        "kodak portra",
        "warm palette",
        "warm tones",
        "1970s",
        "seventies",
        "vintage",
        "kodachrome",
        "nostalgic",
        "sepia",
    ),
    "tungsten film": ("5219", "500t", "kodak 5219", "kodak vision3", "cinestill", "cinestill 800t", "800t"),
    "cold": ("cold palette", "cool palette", "blue palette", "cool tones", "cold tones", "icy", "steel blue"),
    "vivid": ("vivid", "saturated", "vibrant", "technicolor", "velvia", "colourful", "colorful"),
    "pastel": ("pastel", "pastels", "soft palette"),
    "black and white": (
        "black and white",
        "black-and-white",
        "monochrome",
        "ilford",
        "hp5",
        "tri-x",
        "b&w",
        "greyscale",
        "grayscale",
    ),
}

GRAIN_WORDS: Final[Phrases] = {
    "2.2": ("heavy grain", "grainy", "16mm film", "16 mm film", "super 8", "pushed film", "high iso"),
    "1.5": (
        "film grain",
        "grain",
        "grain visible",
        "fine grain",
        "35mm film",
        "film still",
        "shot on film",
        "kodak",
    ),
    "0.4": ("clean image", "digital", "crystal clear", "sharp", "arri alexa", "red camera"),
}
