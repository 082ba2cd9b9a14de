"""The Kling image endpoints of fal.ai.

fal states a cap on references and elements together for O1 only; for V3 and O3 the rows carry Kling's own cap
of 10, because an order that fal accepts and Kling refuses may still be billed.
"""

from datetime import date
from decimal import Decimal
from types import MappingProxyType

from providers.catalogue.rows import Endpoint
from providers.catalogue.sizes import RATIOS, RATIOS_OR_AUTO, SIZES_TO_2K, SIZES_TO_4K

CHECKED = date(2026, 11, 20)
TO_2K = MappingProxyType({"1K": Decimal("0.028"), "2K": Decimal("0.028")})
TO_4K = MappingProxyType({"1K": Decimal("0.028"), "2K": Decimal("0.028"), "4K": Decimal("0.056")})

V3_TEXT = Endpoint(
    key="fal-v3-text",
    route="fal",
    model="v3",
    mode="text",
    remote="fal-ai/kling-image/v3/text-to-image",
    path="/fal-ai/kling-image/v3/text-to-image",
    prompt_limit=2500,
    prompt_required=True,
    negative_prompt=True,
    references_min=0,
    references_max=0,
    elements_max=10,
    inputs_max=10,
    resolutions=("1K", "2K"),
    resolution_default="1K",
    ratios=RATIOS,
    ratio_default="16:9",
    sizes=SIZES_TO_2K,
    counts_max=9,
    series_min=0,
    series_max=0,
    series_auto=False,
    formats=("png", "jpeg", "webp"),
    prices=TO_2K,
    source="fal OpenAPI, kling-image/v3/text-to-image; element cap from Kling's image generation page",
    checked=CHECKED,
)

V3_IMAGE = Endpoint(
    key="fal-v3-image",
    route="fal",
    model="v3",
    mode="image",
    remote="fal-ai/kling-image/v3/image-to-image",
    path="/fal-ai/kling-image/v3/image-to-image",
    prompt_limit=2500,
    prompt_required=True,
    negative_prompt=False,
    references_min=1,
    references_max=1,
    elements_max=10,
    inputs_max=10,
    resolutions=("1K", "2K"),
    resolution_default="1K",
    ratios=RATIOS,
    ratio_default="16:9",
    sizes=SIZES_TO_2K,
    counts_max=9,
    series_min=0,
    series_max=0,
    series_auto=False,
    formats=("png", "jpeg", "webp"),
    prices=TO_2K,
    source="fal OpenAPI, kling-image/v3/image-to-image; element cap from Kling's image generation page",
    checked=CHECKED,
)

O3_TEXT = Endpoint(
    key="fal-o3-text",
    route="fal",
    model="o3",
    mode="text",
    remote="fal-ai/kling-image/o3/text-to-image",
    path="/fal-ai/kling-image/o3/text-to-image",
    prompt_limit=2500,
    prompt_required=True,
    negative_prompt=False,
    references_min=0,
    references_max=0,
    elements_max=10,
    inputs_max=10,
    resolutions=("1K", "2K", "4K"),
    resolution_default="1K",
    ratios=RATIOS,
    ratio_default="16:9",
    sizes=SIZES_TO_4K,
    counts_max=9,
    series_min=2,
    series_max=9,
    series_auto=False,
    formats=("png", "jpeg", "webp"),
    prices=TO_4K,
    source="fal OpenAPI, kling-image/o3/text-to-image; element cap from Kling's omni image page",
    checked=CHECKED,
)

O3_IMAGE = Endpoint(
    key="fal-o3-image",
    route="fal",
    model="o3",
    mode="image",
    remote="fal-ai/kling-image/o3/image-to-image",
    path="/fal-ai/kling-image/o3/image-to-image",
    prompt_limit=2500,
    prompt_required=True,
    negative_prompt=False,
    references_min=1,
    references_max=10,
    elements_max=10,
    inputs_max=10,
    resolutions=("1K", "2K", "4K"),
    resolution_default="1K",
    ratios=RATIOS_OR_AUTO,
    ratio_default="auto",
    sizes=SIZES_TO_4K,
    counts_max=9,
    series_min=2,
    series_max=9,
    series_auto=False,
    formats=("png", "jpeg", "webp"),
    prices=TO_4K,
    source="fal OpenAPI, kling-image/o3/image-to-image; element cap from Kling's omni image page",
    checked=CHECKED,
)

O1_IMAGE = Endpoint(
    key="fal-o1-image",
    route="fal",
    model="o1",
    mode="image",
    remote="fal-ai/kling-image/o1",
    path="/fal-ai/kling-image/o1",
    prompt_limit=2500,
    prompt_required=True,
    negative_prompt=False,
    references_min=1,
    references_max=10,
    elements_max=10,
    inputs_max=10,
    resolutions=("1K", "2K"),
    resolution_default="1K",
    ratios=RATIOS_OR_AUTO,
    ratio_default="auto",
    sizes=SIZES_TO_2K,
    counts_max=9,
    series_min=0,
    series_max=0,
    series_auto=False,
    formats=("png", "jpeg", "webp"),
    prices=TO_2K,
    source="fal OpenAPI, kling-image/o1",
    checked=CHECKED,
)

ENDPOINTS = (V3_TEXT, V3_IMAGE, O3_TEXT, O3_IMAGE, O1_IMAGE)
