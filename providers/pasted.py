"""Reading a pasted request of fal, Runware or Kling, as JSON or as a cURL line, for the composer."""

import json
import re
from dataclasses import dataclass, replace

from providers.curl import Call, CannotRead, is_call, parse
from providers.fields import Fields, address, host, readable
from providers.recognised import OURS, Target, nearest_size, recognise

LONGEST = 500_000  # characters
MOST_SENTENCES = 40
MOST_REFERENCES = 30
MOST_PICTURES = 1000  # of one request, whatever the provider
LARGEST_SEED = 2**63 - 1
WIDEST = 100_000  # pixels
_WRAPPERS = ("input", "arguments", "json_input")
_PICTURES = {
    "image_url": "",
    "image_urls": "",
    "image": "",
    "image_list": "",
    "referenceImages": "",
    "subject_image_list": "subject",
    "scene_image": "scene",
    "style_image": "style",
}
_RESOLUTIONS = {"1k": "1K", "2k": "2K", "4k": "4K"}
_RATIOS = {ratio: ratio for ratio in ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9", "auto")}
_FORMATS = {"png": "png", "jpeg": "jpeg", "jpg": "jpeg", "webp": "webp"}
_RESULTS = {"single": "single", "series": "series"}


@dataclass(frozen=True, slots=True)
class NotABody:
    """`reason` is one sentence for people."""

    reason: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A reference by its `address`, which nobody fetched; empty where the body gives data or an id instead.

    `role` is "subject", "scene", "style", or empty where the body tells none.
    """

    address: str
    role: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """Fields of the composer; empty or None where the body does not say.

    `count` is pictures, or panels when `series`. Marks such as @Image1 stay in the prompt and count the
    pictures in `references`. `left_out` has one sentence for each thing that was not taken.
    """

    route: str
    model: str
    prompt: str
    negative_prompt: str
    resolution: str
    ratio: str
    count: int | None
    series: bool
    media_format: str
    seed: int | None
    references: tuple[Picture, ...]
    left_out: tuple[str, ...]
    watermark: bool = False


def read(text: str) -> Pasted | NotABody:
    """What the text asks for. No file and no address is read, and no key is kept."""
    try:
        call = _call(text)
        body, notes = _body(call.data)
        target = recognise(call.address, body)
    except CannotRead as reason:
        return NotABody(str(reason))
    if call.has_key:
        notes = [*notes, "The key in the cURL line was not kept."]
    return _pasted(target, Fields(body), notes)


def _call(text: str) -> Call:
    if len(text) > LONGEST:
        raise CannotRead(f"This is longer than {LONGEST:,} characters. Leave the data of pictures out.")
    bare = re.sub(r"\A```\w*\s|```\Z", "", text.strip().removeprefix("\ufeff").strip()).strip()
    if is_call(bare):
        return parse(bare)
    if not bare.startswith(("{", "[")):
        raise CannotRead("This is neither a JSON body nor a cURL line.")
    return Call("", bare, has_key=False)


def _body(data: str) -> tuple[dict[str, object], list[str]]:
    """The fields of the one request in the JSON, and sentences on what stands beside it."""
    parsed = _json(data)
    notes = []
    if isinstance(parsed, list):
        tasks = [task for task in parsed if isinstance(task, dict) and "apiKey" not in task]
        if len(tasks) < len(parsed):
            notes.append("What stands beside the request, such as a key, was not kept.")
        if len(tasks) > 1:
            notes.append(f"Only the first of {len(tasks)} requests was taken.")
        parsed = next(iter(tasks), None)
    if not isinstance(parsed, dict):
        raise CannotRead("This JSON is not a request for pictures.")
    return _flat(parsed), notes


def _json(data: str) -> object:
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno:,}, character {error.colno:,}"
        raise CannotRead(f"This JSON is not complete or has a mistake in {place}.") from None
    except (ValueError, RecursionError):
        raise CannotRead("This JSON has a number or a nesting that no request has.") from None


def _flat(body: dict[str, object]) -> dict[str, object]:
    """The body without its wrapper, and Runware's inputs among the other fields."""
    for name in _WRAPPERS:
        if isinstance(inner := body.get(name), dict):
            body = {key: value for key, value in body.items() if key != name} | inner
    inputs = body.get("inputs")
    if isinstance(inputs, dict):
        body = {key: value for key, value in body.items() if key != "inputs"} | inputs
    return body


def _pasted(target: Target, fields: Fields, notes: list[str]) -> Pasted | NotABody:
    given = len(fields.rest)
    count, series = _amount(fields)
    resolution, ratio = _size(fields)
    pasted = Pasted(
        route=target.route,
        model=target.model,
        prompt=fields.words("prompt", "positivePrompt"),
        negative_prompt=fields.words("negative_prompt", "negativePrompt"),
        resolution=resolution,
        ratio=ratio,
        count=count,
        series=series,
        media_format=fields.choice(("output_format", "outputFormat"), _FORMATS),
        seed=fields.number("seed", least=0, most=LARGEST_SEED),
        references=_references(fields),
        left_out=(),
        watermark=_watermark(fields),
    )
    _leave_elements(fields)
    if len(fields.rest) == given:
        return NotABody("Nothing in this JSON is a field of the composer; nothing was taken.")
    if target.strange:
        notes = [f"{readable(target.strange)} is not a model of this studio. Choose one.", *notes]
    return replace(pasted, left_out=_sentences([*notes, *fields.left_out, *fields.unknown(OURS)]))


def _amount(fields: Fields) -> tuple[int | None, bool]:
    """Pictures, or panels and True; the field that the provider would ignore is dropped."""
    series = fields.choice(("result_type",), _RESULTS) == "series"
    if series and fields.rest.get("series_amount") == "auto":
        del fields.rest["series_amount"]
        fields.left_out.append("The number of panels was left to Kling. Choose it here.")
    panels = fields.number("series_amount", least=2, most=MOST_PICTURES)
    pictures = fields.number("num_images", "n", "numberResults", least=1, most=MOST_PICTURES)
    return (panels, True) if series else (pictures, False)


def _watermark(fields: Fields) -> bool:
    """Whether it asks for copies with Kling's watermark."""
    value = fields.rest.pop("watermark_info", None)
    return isinstance(value, dict) and value.get("enabled") is True


def _size(fields: Fields) -> tuple[str, str]:
    resolution = fields.choice(("resolution",), _RESOLUTIONS)
    ratio = fields.choice(("aspect_ratio",), _RATIOS)
    width = fields.number("width", least=1, most=WIDEST)
    height = fields.number("height", least=1, most=WIDEST)
    if not width or not height:
        return resolution, ratio
    resolution, ratio, exact = nearest_size(width, height)
    if not exact:
        fields.left_out.append(
            f"{width} × {height} is not a size of Kling; {resolution} in {ratio} is nearest."
        )
    return resolution, ratio


def _references(fields: Fields) -> tuple[Picture, ...]:
    entries = [(entry, role) for name, role in _PICTURES.items() for entry in fields.items(name)]
    pictures = tuple(Picture(address(entry), role) for entry, role in entries[:MOST_REFERENCES])
    for place, picture in enumerate(pictures, 1):
        where = f"at {host(picture.address)}" if picture.address else "data or a provider's id"
        fields.left_out.append(
            f"Picture {place} is {where} and was not fetched. Add it as reference {place}."
        )
    if len(entries) > MOST_REFERENCES:
        fields.left_out.append(f"Of {len(entries)} pictures only the first {MOST_REFERENCES} were read.")
    return pictures


def _leave_elements(fields: Fields) -> None:
    """Elements live in the library: each is named, for a person to attach its own."""
    photos, numbers = fields.items("elements"), fields.items("element_list")
    attach = "Attach an element from the library in its place."
    for place in range(1, len(photos) + 1):
        fields.left_out.append(f"Element {place} comes as photos, which were not fetched. {attach}")
    for place, entry in enumerate(numbers, 1):
        number = entry.get("element_id") if isinstance(entry, dict) else entry
        fields.left_out.append(f"Element {place} is number {readable(str(number))} at Kling. {attach}")


def _sentences(left_out: list[str]) -> tuple[str, ...]:
    more = len(left_out) - MOST_SENTENCES
    return (*left_out[:MOST_SENTENCES], *([f"And {more:,} more were left out."] if more > 0 else []))
