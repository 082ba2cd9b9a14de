"""What Kling's answers mean: the code decides, whatever the HTTP status says.

Codes and states follow Kling's pages of 2026-09-20 and what was observed of them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from providers.base import Accepted, Blame, Progress, Refused, RemotePicture, Stage, Unclear
from providers.http import Answer
from providers.replies import (
    fields,
    identifier,
    joined,
    link,
    moment,
    number,
    plain,
    rows,
    sentence,
    wait,
    whole,
    words,
)

UNIT_USD = Decimal("0.0035")  # list price of one image unit
KEPT = timedelta(days=29)  # results are deleted 30 days after they were made
STALE_TOKEN = frozenset({1003, 1004})
_BLAMES = {
    1000: Blame.ACCOUNT,
    1001: Blame.ACCOUNT,
    1002: Blame.ACCOUNT,
    1003: Blame.ACCOUNT,
    1004: Blame.ACCOUNT,
    1100: Blame.ACCOUNT,
    1101: Blame.MONEY,
    1102: Blame.MONEY,  # for good, although its status is 429
    1103: Blame.ACCOUNT,
    1200: Blame.ORDER,
    1201: Blame.ORDER,
    1202: Blame.ORDER,
    1203: Blame.ORDER,
    1300: Blame.POLICY,
    1301: Blame.POLICY,
    1302: Blame.RATE,
    1303: Blame.RATE,
    1304: Blame.ACCOUNT,  # for good, although its status is 429
}
_COMPOSER = (  # Kling's field, as messages name it, to the composer's; longer names first
    ("images and elements", "reference"),
    ("negative_prompt", "negative_prompt"),
    ("prompt", "prompt"),
    ("element", "element"),
    ("image", "reference"),
    ("resolution", "resolution"),
    ("aspect_ratio", "aspect_ratio"),
    ("series_amount", "count"),
    ("result_type", "count"),
    ("model_name", "model"),
)
_STAGES = {
    "submitted": Stage.WAITING,
    "processing": Stage.RUNNING,
    "succeed": Stage.DONE,
    "succeeded": Stage.DONE,
    "failed": Stage.FAILED,
}
_CONTENT = re.compile(r"\b(risk|policy|sensitive|moderat\w*|safety|violat\w*)\b", re.IGNORECASE)
_NOTHING = "Nothing was charged."


@dataclass(frozen=True, slots=True)
class Told:
    """An envelope: `data` is an object or a list, `message` and `request` are for people."""

    code: int
    message: str
    request: str
    data: object
    after: float | None

    def is_unknown_task(self) -> bool:
        """Whether Kling does not see this task, which does not say that there is none."""
        return self.code == 1203 or (self.code == 1201 and "not found" in self.message.lower())

    def is_twin(self) -> bool:
        """Whether our own id was used before, by an order that was then taken."""
        text = self.message.lower()
        return self.code == 1201 and "external_task_id" in text and "already exist" in text


def told(answer: Answer, *hidden: str) -> Told | None:
    """What an answer says; None for one that is not Kling's. What is `hidden` is kept out of the words."""
    body = fields(answer.json())
    code = body.get("code")
    if not isinstance(code, int) or isinstance(code, bool):
        return None
    request = plain(body.get("request_id"))
    return Told(code, words(body.get("message"), *hidden), request, body.get("data"), wait(answer))


def submitted(answer: Answer, *hidden: str) -> Accepted | Refused | Unclear:
    """What became of an order. An id that exists already says that one was taken: asking again settles it."""
    found = told(answer, *hidden)
    if found is None:
        return Unclear(f"status {answer.status} that tells nothing")
    remote = identifier(fields(found.data).get("task_id"))
    if found.code == 0 and answer.status < 300 and remote:
        return Accepted(remote)
    if found.is_twin():
        return Unclear("our id is known already")
    if found.code == 1201 and found.is_unknown_task():
        return Unclear("a task that was not found")
    return refusal(found) or Unclear(f"the code {found.code}")


def refusal(found: Told) -> Refused | None:
    """A definite refusal; None for every code that may have created something."""
    blame = _BLAMES.get(found.code)
    if blame is None:
        return None
    field = _field(found) if blame in (Blame.ORDER, Blame.POLICY) else ""
    return Refused(blame, _worded(found, blame), str(found.code), field, found.after)


def _worded(found: Told, blame: Blame) -> str:
    text = sentence(found.message)
    match blame:
        case Blame.MONEY:
            return f"The Kling account has no units left for pictures. {_NOTHING} Buy units at Kling."
        case Blame.RATE:
            return f"Kling takes no more at the moment. {_NOTHING} It is sent again later."
        case Blame.POLICY:
            return joined("Kling refused this for its content.", text, _NOTHING)
        case Blame.ORDER:
            return joined("Kling refused this order.", text, _NOTHING)
    if found.code in STALE_TOKEN:
        return f"Kling does not accept the key's time. {_NOTHING} Check this machine's clock."
    if found.code == 1103:
        return joined("This Kling account may not use this model.", text, _NOTHING)
    if found.code == 1304:
        return f"Kling does not let this machine's address in. {_NOTHING} Check its list of addresses."
    if found.code == 1100:
        return joined("Kling does not let this account in.", text, _NOTHING)
    return f"Kling does not accept the key. {_NOTHING} Check the key."


def _field(found: Told) -> str:
    if found.code == 1203:
        return "model"
    if found.code in (1300, 1301):
        return "prompt"
    text = found.message.lower()
    if re.match(r"n\b", text):
        return "count"
    return next((ours for theirs, ours in _COMPOSER if theirs in text), "")


def standing(task: Mapping[str, object]) -> Stage:
    """Where a task stands, in either standard; a word that is new goes on being asked about."""
    return _STAGES.get(plain(task.get("task_status") or task.get("status")), Stage.RUNNING)


def progress(found: Told, *hidden: str) -> Progress | None:
    """Where the one task that was asked about stands; None where the answer does not tell."""
    if found.is_unknown_task():
        return Progress(Stage.MISSING)
    task = fields(found.data)
    if found.code != 0 or not identifier(task.get("task_id")):
        return None
    stage, text = standing(task), words(task.get("task_status_msg"), *hidden)
    cost = _cost(task)
    if stage is Stage.DONE:
        return Progress(stage, _pictures(task), cost, note=text)
    if stage is Stage.FAILED:
        note = joined(text, f"(request {found.request})" if found.request else "")
        return Progress(stage, cost_usd=cost, refused=_failure(text, cost), note=note)
    return Progress(stage, note=text)


def _failure(text: str, cost: Decimal | None) -> Refused:
    """A failed task has a reason in words only."""
    blame = Blame.POLICY if _CONTENT.search(text) else Blame.PROVIDER
    said = "Kling refused this for its content." if blame is Blame.POLICY else "Kling failed."
    return Refused(blame, joined(said, sentence(text)), "failed", may_be_billed=cost is None)


def _pictures(task: Mapping[str, object]) -> tuple[RemotePicture, ...]:
    """In their order, each with its copy with a watermark; a series stands in a list of its own."""
    result, at = fields(task.get("task_result")), moment(task.get("updated_at"))
    images, series = rows(result.get("images")), rows(result.get("series_images"))
    listed = (series or images) if result.get("result_type") == "series" else (images or series)
    ordered = sorted(enumerate(listed), key=lambda one: (_index(one[1], one[0]), one[0]))
    urls = [(link(image.get("url")), link(image.get("watermark_url"))) for _, image in ordered]
    expires = at + KEPT if at else None
    return tuple(
        RemotePicture(place, url, expires_at=expires, twin=twin)
        for place, (url, twin) in enumerate(urls)
        if url
    )


def _index(image: Mapping[str, object], place: int) -> int:
    found = whole(image.get("index"))
    return place if found is None else found


def _cost(task: Mapping[str, object]) -> Decimal | None:
    """USD of the units that were taken; None where cash was taken, whose currency is not told."""
    units = number(task.get("final_unit_deduction"))
    cash = number(fields(task.get("final_balance_deduction")).get("quota"))
    return None if units is None or cash else units * UNIT_USD


def elements(task: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    return rows(fields(task.get("task_result")).get("elements"))
