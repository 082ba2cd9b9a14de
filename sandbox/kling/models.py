"""Kling's image endpoints: its API pages of 2026-09-20, with the price list and capability map of then."""

from dataclasses import dataclass

RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9")
AUTO = (*RATIOS, "auto")
PROMPT_MAX = 2500
N_MAX = 9
INPUTS_MAX = 10
SUBJECTS_MAX = 4
SERIES = (2, 9)
SERIES_DEFAULT = 4
IMAGE_BYTES = 10 * 1024 * 1024
IMAGE_SIDE = 300
IMAGE_SHAPE = 2.5
IMAGE_FORMATS = ("JPEG", "PNG", "MPO")
UNIT = 3_500  # micro-USD of one image unit

GENERATIONS = "/v1/images/generations"
OMNI = "/v1/images/omni-image"
MULTI = "/v1/images/multi-image2image"
COMMON = {"model_name", "prompt", "n", "aspect_ratio", "watermark_info", "callback_url", "external_task_id"}


@dataclass(frozen=True, slots=True)
class Model:
    """A model at an endpoint; units are for one picture, from text alone, beside a picture, at 4k."""

    path: str
    name: str
    resolutions: tuple[str, ...]
    ratios: tuple[str, ...]
    ratio_default: str
    images_max: int
    elements: bool
    series: bool
    negative_prompt: bool
    image_reference: bool
    units_text: int
    units_image: int
    units_4k: int = 0

    def units(self, resolution: str, *, has_image: bool) -> int:
        if resolution == "4k":
            return self.units_4k
        return self.units_image if has_image else self.units_text


MODELS = {
    (model.path, model.name): model
    for model in (
        Model(
            GENERATIONS,
            "kling-v3",
            resolutions=("1k", "2k"),
            ratios=RATIOS,
            ratio_default="16:9",
            images_max=1,
            elements=True,
            series=False,
            negative_prompt=True,
            image_reference=False,
            units_text=8,
            units_image=8,
        ),
        Model(
            GENERATIONS,
            "kling-v2-1",
            resolutions=("1k", "2k"),
            ratios=RATIOS,
            ratio_default="16:9",
            images_max=1,
            elements=False,
            series=False,
            negative_prompt=True,
            image_reference=True,
            units_text=4,
            units_image=8,
        ),
        Model(
            OMNI,
            "kling-image-o1",
            resolutions=("1k", "2k"),
            ratios=AUTO,
            ratio_default="auto",
            images_max=10,
            elements=True,
            series=False,
            negative_prompt=False,
            image_reference=False,
            units_text=8,
            units_image=8,
        ),
        Model(
            OMNI,
            "kling-v3-omni",
            resolutions=("1k", "2k", "4k"),
            ratios=AUTO,
            ratio_default="auto",
            images_max=10,
            elements=True,
            series=True,
            negative_prompt=False,
            image_reference=False,
            units_text=8,
            units_image=8,
            units_4k=16,
        ),
        Model(
            MULTI,
            "kling-v2-1",
            resolutions=("1k",),
            ratios=RATIOS,
            ratio_default="16:9",
            images_max=6,
            elements=False,
            series=False,
            negative_prompt=False,
            image_reference=False,
            units_text=16,
            units_image=16,
        ),
    )
}

DEFAULTS = {GENERATIONS: "kling-v3", OMNI: "kling-image-o1", MULTI: "kling-v2-1"}
FIELDS = {
    GENERATIONS: COMMON
    | {
        "negative_prompt",
        "image",
        "image_reference",
        "image_fidelity",
        "human_fidelity",
        "element_list",
        "resolution",
    },
    OMNI: COMMON | {"image_list", "element_list", "resolution", "result_type", "series_amount"},
    MULTI: COMMON | {"subject_image_list", "scene_image", "style_image"},
}
