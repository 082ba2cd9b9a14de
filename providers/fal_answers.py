"""What fal's answers mean: refusals, where a request stands, and what came of it.

Shapes follow fal's error pages and clients: `detail` is a list for what a model says, a text for what fal's
own machinery says, with `error_type` beside it.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from providers.base import Blame, Progress, Refused, RemotePicture, Stage
from providers.catalogue.rows import Endpoint
from providers.http import Answer
from providers.replies import (
    fields,
    identifier,
    joined,
    link,
    number,
    plain,
    rows,
    sentence,
    wait,
    whole,
    words,
)

REFUSALS = frozenset({400, 401, 402, 403, 404, 422, 429})  # nothing was accepted, whatever the body says
_ABOUT_THE_CALL = frozenset({401, 402, 403, 408, 429})  # not about the request itself
_COMPOSER = {  # fal's field to the composer's, and its name in a sentence
    "prompt": ("prompt", "the prompt"),
    "negative_prompt": ("negative_prompt", "the negative prompt"),
    "image_url": ("reference", "a reference"),
    "image_urls": ("reference", "a reference"),
    "elements": ("element", "an element"),
    "resolution": ("resolution", "the resolution"),
    "aspect_ratio": ("aspect_ratio", "the ratio"),
    "num_images": ("count", "the number of pictures"),
    "series_amount": ("count", "the number of panels"),
    "result_type": ("count", "the series"),
    "output_format": ("format", "the format"),
}
_PROVIDERS_OWN = frozenset(
    {
        "internal_server_error",
        "generation_timeout",
        "downstream_service_error",
        "downstream_service_unavailable",
    }
)
_ANYBODYS = "internal_error"  # of a request or of the question about it
_ORDERS_OWN = frozenset({"bad_request"})
_NOTHING = "Nothing was charged."


def accepted_id(answer: Answer) -> str:
    """The id of a request that was taken; empty where the answer does not clearly say so."""
    return identifier(fields(answer.json()).get("request_id")) if 200 <= answer.status < 300 else ""


def refusal(answer: Answer, key: str) -> Refused:
    """What a refusal says; `key` is kept out of the words."""
    body = fields(answer.json())
    entries = rows(body.get("detail"))
    if entries and answer.status not in _ABOUT_THE_CALL:
        return _by_model(answer, entries[0], key)
    text = sentence(words(body.get("detail") or fields(body.get("error")).get("message"), key))
    code = plain(body.get("error_type") or answer.headers.get("x-fal-error-type")) or str(answer.status)
    blame, said = _by_fal(answer.status, code, text)
    return Refused(blame, said, code, after=wait(answer), may_be_billed=answer.status == 422)


def _by_model(answer: Answer, entry: Mapping[str, object], key: str) -> Refused:
    code = plain(entry.get("type")) or str(answer.status)
    field, name = _place(entry.get("loc"))
    text = sentence(words(entry.get("msg"), key))
    billed = answer.status == 422
    money = "It may be charged all the same." if billed else _NOTHING
    if code == "content_policy_violation":
        said = f"fal.ai refused this for its content. {money}"
        return Refused(Blame.POLICY, said, code, field or "prompt", may_be_billed=billed)
    if code in _PROVIDERS_OWN:
        said = joined("The model failed at fal.ai.", text, money)
        return Refused(Blame.PROVIDER, said, code, after=wait(answer), may_be_billed=billed)
    said = joined(f"fal.ai refused {name}: {text}" if text else f"fal.ai refused {name}.", money)
    return Refused(Blame.ORDER, said, code, field, may_be_billed=billed)


def _by_fal(status: int, code: str, text: str) -> tuple[Blame, str]:
    """Whose matter it is and the sentence, for a text that fal's own machinery answered."""
    if status == 402 or (status == 403 and "balance" in text.lower()):
        return Blame.MONEY, f"The fal.ai account has no credit left. {_NOTHING} Add credit at fal.ai."
    if status == 401:
        return Blame.ACCOUNT, f"fal.ai does not accept the key. {_NOTHING} Check the key."
    if status == 403:
        return Blame.ACCOUNT, joined("fal.ai does not let this account in.", text, _NOTHING)
    if status == 429:
        return Blame.RATE, f"fal.ai takes no more at the moment. {_NOTHING} It is sent again later."
    if code == "request_timeout":
        return Blame.PROVIDER, f"fal.ai did not start this in time. {_NOTHING}"
    if status == 404:
        return Blame.ORDER, f"fal.ai does not know this endpoint. {_NOTHING}"
    if status >= 500 or (status != 422 and code not in _ORDERS_OWN and not code.isdigit()):
        return Blame.PROVIDER, joined("fal.ai failed.", text, _NOTHING)
    money = "It may be charged all the same." if status == 422 else _NOTHING
    return Blame.ORDER, joined("fal.ai refused this order.", text, money)


def _place(loc: object) -> tuple[str, str]:
    """The composer's field at fault and its name in a sentence."""
    parts = loc if isinstance(loc, list) else []
    names = [part for part in parts if isinstance(part, str) and part != "body"]
    return _COMPOSER.get(names[0] if names else "", ("", "this order"))


def standing(answer: Answer) -> Progress | None:
    """Where a request stands by its status; DONE says only that it ended. None where that is not told."""
    body = answer.json()
    word = plain(fields(body).get("status"))
    if answer.status == 404 and isinstance(body, dict):
        return Progress(Stage.MISSING)
    if not 200 <= answer.status < 300 or not word:
        return None
    if word == "COMPLETED":
        return Progress(Stage.DONE)
    if word == "IN_QUEUE":
        return Progress(Stage.WAITING, place=whole(fields(body).get("queue_position")))
    return Progress(Stage.RUNNING, note="" if word == "IN_PROGRESS" else word)  # a new word: go on asking


def outcome(status: Answer, result: Answer, endpoint: Endpoint, until: datetime, key: str) -> Progress | None:
    """What came of a request that ended, by its result, which stays `until` then; None if it is untold."""
    body = result.json()
    if not isinstance(body, dict) or result.status in _ABOUT_THE_CALL:
        return None
    cost = _cost(result, endpoint)
    if result.status == 200:
        return made(result, endpoint, until)
    if result.status == 499:
        return Progress(Stage.CANCELLED, cost_usd=cost)
    if result.status == 404:
        return Progress(Stage.MISSING)
    if result.status < 400 or not _is_final(status, result):
        return None
    refused = refusal(result, key)
    return Progress(Stage.FAILED, cost_usd=cost, refused=refused, note=_said(body, key))


def made(result: Answer, endpoint: Endpoint, until: datetime) -> Progress | None:
    """The pictures of a result, which stays `until` then; None for any other answer."""
    body = fields(result.json())
    if result.status != 200 or not isinstance(body.get("images"), list):
        return None
    links = [link(image.get("url")) for image in rows(body["images"])]
    pictures = tuple(RemotePicture(place, url, expires_at=until) for place, url in enumerate(links) if url)
    return Progress(Stage.DONE, pictures, _cost(result, endpoint))


def _is_final(status: Answer, result: Answer) -> bool:
    """Whether a refused result is the request's own: a fault on the way to it ends nothing."""
    body, told = fields(result.json()), fields(status.json())
    is_named = plain(body.get("error_type")) not in ("", _ANYBODYS)
    return bool(rows(body.get("detail")) or is_named or told.get("error"))


def _cost(result: Answer, endpoint: Endpoint) -> Decimal | None:
    """USD by the units that were billed; one unit is one picture at the lowest price, 4K counts as two."""
    units = number(result.headers.get("x-fal-billable-units"))
    return None if units is None else units * min(endpoint.prices.values())


def _said(body: Mapping[str, object], key: str) -> str:
    entries = rows(body.get("detail"))
    return words(entries[0].get("msg") if entries else body.get("detail"), key)
