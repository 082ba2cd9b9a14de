"""fal's Kling image endpoints, from the OpenAPI in its JavaScript client of 2026-08-02 and its model pages.

fal names resolutions only; pixels are those Runware publishes for the same models.
"""

from dataclasses import dataclass

RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9")
AUTO = (*RATIOS, "auto")
FORMATS = ("jpeg", "png", "webp")
PROMPT_MAX = 2500
NUM_IMAGES_MAX = 9
SERIES = (2, 9)
REFERENCES_OF_ELEMENT = 3
IMAGE_BYTES = 10_000_000
IMAGE_SIDE = 300
IMAGE_SHAPE = (0.40, 2.50)
USD = 1_000_000


@dataclass(frozen=True, slots=True)
class Model:
    """`images` is the field for pictures, empty where there is none, and `images_max` how many it holds."""

    id: str
    images: str
    images_max: int
    negative_prompt: bool
    resolutions: tuple[str, ...]
    ratios: tuple[str, ...]
    ratio_default: str
    series: bool
    inputs_max: int | None  # elements and pictures together, where it is stated

    def fields(self) -> set[str]:
        own = {"prompt", "elements", "resolution", "aspect_ratio", "num_images", "output_format", "sync_mode"}
        own |= {self.images} if self.images else set()
        own |= {"negative_prompt"} if self.negative_prompt else set()
        return own | ({"result_type", "series_amount"} if self.series else set())


MODELS = {
    model.id: model
    for model in (
        Model(
            "fal-ai/kling-image/v3/text-to-image",
            images="",
            images_max=0,
            negative_prompt=True,
            resolutions=("1K", "2K"),
            ratios=RATIOS,
            ratio_default="16:9",
            series=False,
            inputs_max=None,
        ),
        Model(
            "fal-ai/kling-image/v3/image-to-image",
            images="image_url",
            images_max=1,
            negative_prompt=False,
            resolutions=("1K", "2K"),
            ratios=RATIOS,
            ratio_default="16:9",
            series=False,
            inputs_max=None,
        ),
        Model(
            "fal-ai/kling-image/o3/text-to-image",
            images="",
            images_max=0,
            negative_prompt=False,
            resolutions=("1K", "2K", "4K"),
            ratios=RATIOS,
            ratio_default="16:9",
            series=True,
            inputs_max=None,
        ),
        Model(
            "fal-ai/kling-image/o3/image-to-image",
            images="image_urls",
            images_max=10,
            negative_prompt=False,
            resolutions=("1K", "2K", "4K"),
            ratios=AUTO,
            ratio_default="auto",
            series=True,
            inputs_max=None,
        ),
        Model(
            "fal-ai/kling-image/o1",
            images="image_urls",
            images_max=10,
            negative_prompt=False,
            resolutions=("1K", "2K"),
            ratios=AUTO,
            ratio_default="auto",
            series=False,
            inputs_max=10,
        ),
    )
}

UNIT_PRICE = 28_000  # micro-USD for one picture at 1K or 2K


def price(resolution: str) -> int:
    """Micro-USD of one picture: $0.028, at 4K $0.056."""
    return UNIT_PRICE * 2 if resolution == "4K" else UNIT_PRICE
