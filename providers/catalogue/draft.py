"""Draft: V3 and O3 as fal.ai offers them, drawn for nothing on this machine.

The rows are made from fal's so that what passes in a draft passes on the paid route as well; only an
element's front is looked at.
"""

from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from providers.catalogue import fal
from providers.catalogue.rows import Endpoint


def _mirror(row: Endpoint) -> Endpoint:
    return replace(
        row,
        key=f"draft-{row.model}-{row.mode}",
        route="draft",
        remote="",
        path="",
        angles_max=0,
        prices=MappingProxyType(dict.fromkeys(row.resolutions, Decimal(0))),
        source=f"the limits of {row.remote} on fal.ai; drawn on this machine",
    )


ENDPOINTS = tuple(_mirror(row) for row in (fal.V3_TEXT, fal.V3_IMAGE, fal.O3_TEXT, fal.O3_IMAGE))
