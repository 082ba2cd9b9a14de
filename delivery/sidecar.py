"""The JSON that lies beside a delivered picture: how it was made and where it comes from."""

import json
from decimal import Decimal

from generations.models import Output

SCHEMA = 1
_CODES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
TRAINED = f"{_CODES}trainedAlgorithmicMedia"
# The draft engine draws by rule and was trained on nothing.
DRAWN = f"{_CODES}algorithmicMedia"


def is_draft(output: Output) -> bool:
    return output.generation.route == "draft"


def source_type(output: Output) -> str:
    """The IPTC digital source type as an address."""
    return DRAWN if is_draft(output) else TRAINED


def sidecar(output: Output) -> dict[str, object]:
    """The facts of a stored output with its blob, generation and project loaded. `index` counts from 0."""
    generation, blob = output.generation, output.blob
    assert blob is not None
    return {
        "schema": SCHEMA,
        "project": {"name": output.project.name, "slug": output.project.slug},
        "generation": str(generation.uuid),
        "output": str(output.uuid),
        "index": output.index,
        "model": generation.model,
        "route": generation.route,
        "endpoint": generation.endpoint,
        "request": generation.request,
        "request_sha256": generation.request_sha256,
        "seed": output.seed,
        "width": blob.width,
        "height": blob.height,
        "cost_usd": _usd(generation.cost_micro_usd),
        "cost_covers_outputs": generation.count,
        "made_at": (output.stored_at or output.created_at).isoformat(),
        "original": {"sha256": blob.sha256, "bytes": blob.bytes, "media_type": blob.media_type},
        "digital_source_type": source_type(output),
        "draft": is_draft(output),
    }


def as_bytes(output: Output) -> bytes:
    return json.dumps(sidecar(output), indent=2, ensure_ascii=False).encode() + b"\n"


def xmp(output: Output) -> str:
    """What a converted picture carries: its source type and nothing about the prompt or the people."""
    tool = "Framehouse Draft" if is_draft(output) else "Framehouse"
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
        f'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="{tool}" '
        f'Iptc4xmpExt:DigitalSourceType="{source_type(output)}"/></rdf:RDF></x:xmpmeta>'
    )


def _usd(micro: int | None) -> str | None:
    return None if micro is None else f"{Decimal(micro).scaleb(-6):f}"
