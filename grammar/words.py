"""The vocabulary: which words of a prompt stand for which choice on the stage."""

from typing import Final

# Height of the frame at the subject, in metres.
SHOT_SIZES: Final[dict[str, float]] = {
    "extreme wide": 13.0,
    "wide": 4.6,
    "full": 2.35,
    "medium full": 1.55,
    "medium": 1.0,
    "medium close-up": 0.68,
    "close-up": 0.44,
    "extreme close-up": 0.24,
}

# Degrees that the camera stands above (or below) the subject's eyes.
ANGLES: Final[dict[str, float]] = {
    "worm's-eye": -40.0,
    "low angle": -22.0,
    "eye level": 2.0,
    "high angle": 32.0,
    "aerial": 42.0,
    "overhead": 88.0,
}

Phrases = dict[str, tuple[str, ...]]

SHOT_WORDS: Final[Phrases] = {
    "extreme wide": (
        "wide establishing",
        "extreme wide",
        "extreme long shot",
        "establishing",
        "tiny figure",
        "vast",
        "panorama",
        "lone figure",
        "distant figure",
    ),
    "wide": ("wide shot", "wide angle shot", "long shot", "master shot", "wide"),
    "full": ("full shot", "full body", "full-body", "full length", "full-length", "head to toe"),
    "medium full": (
        "medium full",
        "medium wide",
        "cowboy shot",
        "american shot",
        "three-quarter shot",
        "knees up",
        "two-shot",
        "two shot",
    ),
    "medium": ("medium shot", "mid shot", "mid-shot", "waist up", "waist-up", "medium"),
    "medium close-up": ("medium close-up", "medium close up", "chest up", "bust shot", "head and shoulders"),
    "close-up": ("close-up", "close up", "closeup", "tight shot", "headshot", "portrait", "reaction shot"),
    "extreme close-up": ("extreme close-up", "extreme close up", "macro", "detail shot", "insert shot"),
}

ANGLE_WORDS: Final[Phrases] = {
    "worm's-eye": ("worm's-eye", "worm's eye", "worms eye", "extreme low angle", "ground level"),
    "low angle": ("low angle", "low-angle", "hero shot", "from below", "looking up", "low camera"),
    "eye level": ("eye level", "eye-level", "straight on", "straight-on"),
    "high angle": ("high angle", "high-angle", "from above", "looking down"),
    "aerial": ("aerial", "drone shot", "drone", "crane shot"),
    "overhead": ("overhead", "bird's-eye", "bird's eye", "birds eye", "top-down", "top down", "god's eye"),
}

LENS_WORDS: Final[Phrases] = {
    "14": ("ultra-wide lens", "ultra wide lens", "fisheye"),
    "24": ("wide-angle lens", "wide angle lens", "wide lens", "wide-angle"),
    "50": ("normal lens", "nifty fifty"),
    "85": ("portrait lens",),
    "135": ("telephoto", "long lens", "compressed perspective"),
}

DEPTH_WORDS: Final[Phrases] = {
    "1.6": (
        "shallow depth of field",
        "shallow dof",
        "shallow focus",
        "bokeh",
        "out of focus",
        "everything else soft",
    ),
    "16": ("deep focus", "deep depth of field", "everything in focus", "sharp throughout"),
}

DETAIL_WORDS: Final[Phrases] = {
    "hands": ("hands", "fingers", "a hand", "her hand", "his hand", "gloved hand"),
}
CLOSE: Final = ("medium close-up", "close-up", "extreme close-up")

PLACE_WORDS: Final[Phrases] = {
    "city": (
        "city street",
        "street",
        "city",
        "alley",
        "downtown",
        "skyscraper",
        "skyscrapers",
        "sidewalk",
        "crosswalk",
        "avenue",
        "urban",
        "new york",
        "tokyo",
        "hong kong",
        "paris",
        "metropolis",
        "streetlight",
        "asphalt",
        "cobblestone",
        "rooftop",
        "subway",
    ),
    "interior": (
        "interior",
        "room",
        "laboratory",
        "lab",
        "office",
        "kitchen",
        "bedroom",
        "apartment",
        "library",
        "workshop",
        "studio flat",
        "cafe",
        "café",
        "bar",
        "diner",
        "hotel",
        "hall",
        "courtroom",
        "classroom",
        "hospital",
        "church",
        "indoors",
        "house",
        "study",
        "jazz club",
        "club",
        "restaurant",
        "warehouse",
        "attic",
        "mansion",
        "ballroom",
        "bank",
        "parlour",
        "parlor",
        "living room",
        "staircase",
        "by the window",
        "at the window",
        "through the window",
        "tall windows",
        "window light",
    ),
    "desert": ("desert", "dune", "dunes", "sahara", "sand", "sands", "wasteland", "arrakis"),
    "snow": (
        "snow field",
        "snowfield",
        "fresh snow",
        "tundra",
        "arctic",
        "frozen lake",
        "ice field",
        "in the snow",
        "snowy",
        "winter",
        "glacier",
    ),
    "mountains": (
        "mountain",
        "mountains",
        "peak",
        "peaks",
        "alps",
        "ridge",
        "summit",
        "valley",
        "highlands",
        "canyon",
        "cliff",
        "hills",
        "hill",
        "landscape",
    ),
    "sea": (
        "sea",
        "ocean",
        "beach",
        "shore",
        "coast",
        "waves",
        "harbour",
        "harbor",
        "pier",
        "lake",
        "seaside",
        "horizon line",
    ),
    "forest": ("forest", "woods", "trees", "jungle", "grove", "pines", "pine", "birch", "woodland"),
    "field": (
        "field",
        "meadow",
        "prairie",
        "plain",
        "plains",
        "grassland",
        "steppe",
        "wheat",
        "moor",
        "moors",
        "moorland",
        "heath",
        "garden",
        "park",
    ),
    "studio": (
        "studio backdrop",
        "seamless backdrop",
        "cyclorama",
        "plain background",
        "grey background",
        "white background",
        "black background",
        "stage",
        "studio",
    ),
}

# Places that a prompt may only look at: "a dark house on a moor".
BUILDINGS: Final = frozenset(
    ("house", "mansion", "hotel", "church", "warehouse", "hospital", "bank", "library")
)

TIME_WORDS: Final[Phrases] = {
    "dawn": ("dawn", "daybreak", "first light", "early morning"),
    "sunrise": ("sunrise",),
    "morning": ("morning",),
    "day": ("daylight", "daytime", "afternoon", "day"),
    "noon": ("noon", "midday", "high sun", "harsh midday sun"),
    "golden hour": ("golden hour", "magic hour", "low sun", "late afternoon", "golden light", "late sun"),
    "sunset": ("sunset", "setting sun", "sundown"),
    "blue hour": ("blue hour", "dusk", "twilight", "evening"),
    "night": ("night", "midnight", "nighttime", "moonlight", "moonlit", "after dark", "nocturnal"),
}

WEATHER_WORDS: Final[Phrases] = {
    "rain": ("rain", "raining", "rainy", "rain-soaked", "downpour", "drizzle", "rainfall"),
    "storm": ("storm", "thunderstorm", "lightning", "tempest"),
    "snowfall": ("snowfall", "snowing", "falling snow", "snowflakes", "blizzard", "flurries"),
    "fog": (
        "fog",
        "foggy",
        "mist",
        "misty",
        "haze",
        "hazy",
        "smoky",
        "smoke",
        "steam",
        "volumetric haze",
        "smog",
    ),
    "overcast": ("overcast", "cloudy", "grey sky", "gray sky", "clouds"),
    "clear": ("clear sky", "cloudless", "sunny", "blue sky", "clear"),
}

ATMOSPHERE_WORDS: Final[Phrases] = {
    "wet": (
        "wet",
        "puddle",
        "puddles",
        "rain-slick",
        "reflections",
        "reflecting",
        "reflects",
        "slick",
        "soaked",
    ),
    "dust": (
        "dust",
        "dusty",
        "dust motes",
        "dust in the air",
        "light shafts",
        "god rays",
        "volumetric",
        "volumetric lighting",
        "shafts of light",
    ),
}
