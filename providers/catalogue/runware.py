"""The Kling image models of Runware.

Each is one remote model in two modes, because references change how a size is asked for. Runware states no
cap on references; the rows carry Kling's own.
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
    key="runware-v3-text",
    route="runware",
    model="v3",
    mode="text",
    remote="klingai:kling-image@3",
    path="/v1",
    prompt_limit=2500,
    prompt_required=True,
    negative_prompt=False,
    references_min=0,
    references_max=0,
    elements_max=0,
    angles_min=0,
    angles_max=0,
    inputs_max=None,
    resolutions=("1K", "2K"),
    resolution_default="1K",
    ratios=RATIOS,
    ratio_default="16:9",
    sizes=SIZES_TO_2K,
    counts_max=20,
    series_min=0,
    series_max=0,
    series_auto=False,
    formats=("jpeg", "png", "webp"),
    prices=TO_2K,
    source="Runware model page and schema, klingai:kling-image@3",
    checked=CHECKED,
)

V3_IMAGE = Endpoint(
    key="runware-v3-image",
    route="runware",
    model="v3",
    mode="image",
    remote="klingai:kling-image@3",
    path="/v1",
    prompt_limit=2500,
    prompt_required=True,
    negative_prompt=False,
    references_min=1,
    references_max=1,
    elements_max=0,
    angles_min=0,
    angles_max=0,
    inputs_max=None,
    resolutions=("1K", "2K"),
    resolution_default="1K",
    ratios=RATIOS_OR_AUTO,
    ratio_default="auto",
    sizes=SIZES_TO_2K,
    counts_max=20,
    series_min=0,
    series_max=0,
    series_auto=False,
    formats=("jpeg", "png", "webp"),
    prices=TO_2K,
    source="Runware model page and schema, klingai:kling-image@3; reference cap from Kling's capability map",
    checked=CHECKED,
)

O3_TEXT = Endpoint(
    key="runware-o3-text",
    route="runware",
    model="o3",
    mode="text",
    remote="klingai:kling-image@o3",
    path="/v1",
    prompt_limit=2500,
    prompt_required=True,
    negative_prompt=False,
    references_min=0,
    references_max=0,
    elements_max=0,
    angles_min=0,
    angles_max=0,
    inputs_max=None,
    resolutions=("1K", "2K", "4K"),
    resolution_default="1K",
    ratios=RATIOS,
    ratio_default="16:9",
    sizes=SIZES_TO_4K,
    counts_max=20,
    series_min=0,
    series_max=0,
    series_auto=False,
    formats=("jpeg", "png", "webp"),
    prices=TO_4K,
    source="Runware schema, klingai:kling-image@o3",
    checked=CHECKED,
)

O3_IMAGE = Endpoint(
    key="runware-o3-image",
    route="runware",
    model="o3",
    mode="image",
    remote="klingai:kling-image@o3",
    path="/v1",
    prompt_limit=2500,
    prompt_required=True,
    negative_prompt=False,
    references_min=1,
    references_max=10,
    elements_max=0,
    angles_min=0,
    angles_max=0,
    inputs_max=None,
    resolutions=("1K", "2K", "4K"),
    resolution_default="1K",
    ratios=RATIOS,  # width and height are required here, so nothing follows the reference by itself
    ratio_default="16:9",
    sizes=SIZES_TO_4K,
    counts_max=20,
    series_min=0,
    series_max=0,
    series_auto=False,
    formats=("jpeg", "png", "webp"),
    prices=TO_4K,
    source="Runware schema, klingai:kling-image@o3; reference cap from Kling's capability map",
    checked=CHECKED,
)

ENDPOINTS = (V3_TEXT, V3_IMAGE, O3_TEXT, O3_IMAGE)
