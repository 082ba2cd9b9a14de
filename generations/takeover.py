"""A pasted request as changes to the composer: what each field holds now, and what it would hold."""

from dataclasses import dataclass

from django.http import QueryDict

from generations import text, words
from grammar.story import panels_of
from providers.pasted import Pasted

SHOWN = 200
KEPT_OUT = ("csrfmiddlewaretoken", "body")  # what comes with the draft and is not a field of it


@dataclass(frozen=True, slots=True)
class Change:
    """One field: its label, the words in it now, and those that would replace them; "" for none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Takeover:
    """`fields` is the whole draft as it would be, as pairs of a field and a value."""

    changes: tuple[Change, ...]
    fields: tuple[tuple[str, str], ...]


def takeover(read: Pasted, draft: QueryDict) -> Takeover:
    """What a pasted request says over what the draft holds: attached references and elements stay."""
    after = draft.copy()
    for name in KEPT_OUT:
        after.pop(name, None)
    for name, values in _said(read).items():
        after.setlist(name, values)
    changes = (
        Change(label, _shown(name, draft.getlist(name)), _shown(name, after.getlist(name)))
        for name, label in _LABELS.items()
        if _shown(name, draft.getlist(name)) != _shown(name, after.getlist(name))
    )
    return Takeover(
        tuple(changes), tuple((name, value) for name, values in after.lists() for value in values)
    )


_LABELS = {
    "mode": "Mode",
    "model": "Model",
    "prompt": "Prompt",
    "panel": "Panels",
    "negative_prompt": "Negative prompt",
    "resolution": "Resolution",
    "aspect_ratio": "Ratio",
    "count": "Pictures",
    "format": "Format",
    "seed": "Seed",
    "watermark": "Copy with a watermark",
}


def _said(read: Pasted) -> dict[str, list[str]]:
    """The fields that the request speaks of. It names no route of ours: the chosen one stays."""
    style, panels = panels_of(read.prompt) if read.series else (read.prompt, ())
    count = len(panels) or read.count
    said = {
        "mode": "series" if read.series else "still",
        "model": read.model,
        "prompt": style,
        "negative_prompt": read.negative_prompt,
        "resolution": read.resolution,
        "aspect_ratio": read.ratio,
        "count": str(count or ""),
        "format": read.media_format,
        "seed": "" if read.seed is None else str(read.seed),
        "watermark": "1" if read.watermark else "",
    }
    rows = {"panel": list(panels)} if panels else {}
    return {name: [value] for name, value in said.items() if value} | rows


def _shown(name: str, values: list[str]) -> str:
    if name == "model":
        return words.model(values[-1]) if values else ""
    if name == "watermark":
        return "Yes" if "1" in values else ""
    if name == "mode":
        return values[-1].capitalize() if values else ""
    return text.excerpt(" · ".join(value for value in values if value.strip()), SHOWN)
