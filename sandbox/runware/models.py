"""Runware's Kling image models: its model pages and schemas of 2026-10-12."""

from dataclasses import dataclass

from sandbox import sizes

PROMPT_MAX = 2500
RESULTS_MAX = 20
QUALITY = (20, 99)
TTL_MIN = 60
OUTPUT_TYPES = ("URL", "base64Data", "dataURI")
OUTPUT_FORMATS = {"JPG": "jpeg", "PNG": "png", "WEBP": "webp"}  # the first is the default
DELIVERIES = ("sync", "async")
SAFETY_MODES = ("none", "fast")
USD = 1_000_000

FIELDS = {
    "taskType",
    "taskUUID",
    "model",
    "positivePrompt",
    "width",
    "height",
    "resolution",
    "inputs",
    "numberResults",
    "outputType",
    "outputFormat",
    "outputQuality",
    "deliveryMethod",
    "webhookURL",
    "uploadEndpoint",
    "ttl",
    "includeCost",
    "safety",
    "routing",
    "advancedFeatures",
}


@dataclass(frozen=True, slots=True)
class Model:
    """`follows`: the first reference may stand in for width and height."""

    id: str
    resolutions: tuple[str, ...]
    follows: bool

    def sizes(self) -> dict[tuple[int, int], str]:
        """Every allowed pair of pixels and its resolution."""
        return {sizes.size(name, ratio): name for name in self.resolutions for ratio in sizes.RATIOS}


MODELS = {
    model.id: model
    for model in (
        Model("klingai:kling-image@3", ("1K", "2K"), follows=True),
        Model("klingai:kling-image@o3", ("1K", "2K", "4K"), follows=False),
        Model("klingai:kling-image@o1", ("1K", "2K"), follows=True),
    )
}


def price(resolution: str) -> int:
    """Micro-USD of one picture: $0.028, at 4K $0.056."""
    return 56_000 if resolution == "4K" else 28_000
