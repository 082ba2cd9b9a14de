"""Faults on demand: rules that match requests, in the order they were given.

A rule is a JSON object. It matches by `protocol`, `operation`, `method`, `path` (with * and ?), `contains`
(text in the body), `nth` (only the nth match), `attempt` (only when the same body arrives for the nth time)
and `chance` (0 to 1, drawn from `seed` and the number of the match). It strikes `times` times; 0 is always.

Operations are submit, status, result, cancel, upload, download, history, details, list, element, account,
or the last word of the path.

`do` says what happens. On the wire, `when` "before" anything is read from the order or "after" it took
effect. What befalls a job or its webhooks is decided by the request that submits it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase

from sandbox.answers import is_number

WIRE = {
    "slow",  # `seconds` late
    "hang",  # no answer for `seconds`, then closed
    "close",  # closed without an answer
    "reset",  # a TCP reset instead of an answer
    "garbage",  # bytes that are not HTTP
    "half-header",  # the header stops in its middle
    "truncate",  # the body stops in its middle
    "drip",  # the answer byte by byte, one in `seconds`
    "answer",  # `status`, `headers` and `body` as given; `body` "html" is a gateway's page
    "error",  # the vendor's own error `kind`: key, locked, money, rate, concurrency, server, input, safety
    "content-type",  # the answer with `body` as its type
    "redirect",  # 302 to `body`
    "content",  # another body: `kind` empty, html, json, svg, gzip-bomb, pixel-bomb, endless, longer, cut
}
JOB = {
    "job-fails",  # after acceptance; `kind` server, provider, input, timeout
    "job-hangs",  # never ends
    "job-slow",  # runs `seconds`
    "moderation",  # refused after acceptance
    "fewer",  # `number` pictures less
    "more",  # `number` pictures more
    "trickle",  # Runware tells of one more picture at every question
    "same",  # all pictures are the same bytes
    "nsfw",  # pictures are marked
    "picture",  # `kind` as for "content"
    "link-expired",  # links are dead at once
    "link-elsewhere",  # links begin with `body`
    "overcharge",  # `number` micro-USD more than quoted
    "bill-failed",  # the price is taken although the job fails
}
HOOK = {
    "hook-lost",
    "hook-twice",
    "hook-reordered",
    "hook-forged",  # signed with another key
    "hook-stranger",  # signed rightly, for another account
    "hook-late",  # after `seconds`
    "hook-early",  # before the answer to the submit
    "hook-stale",  # the timestamp is `seconds` old
    "hook-unsigned",
    "hook-gateway",  # fal names another gateway_request_id
    "hook-changed",  # a byte of the body is changed after signing
}


class UnknownFault(ValueError):  # noqa: N818 - reads as the fact it reports
    """A rule that cannot be understood."""


@dataclass(slots=True)
class Rule:
    do: str
    protocol: str = "*"
    operation: str = "*"
    method: str = "*"
    path: str = "*"
    contains: str = ""
    nth: int = 0
    attempt: int = 0
    times: int = 1
    chance: float = 1.0
    seed: int = 0
    when: str = "before"
    seconds: float = 5.0
    status: int = 503
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    kind: str = ""
    number: int = 1
    seen: int = 0  # requests that matched
    struck: int = 0  # of these, how many went wrong

    def strikes(self, call: "Call") -> bool:
        if not self._fits(call) or (self.times and self.struck >= self.times):
            return False
        self.seen += 1
        if (self.nth and self.seen != self.nth) or not self._drawn():
            return False
        self.struck += 1
        return True

    def _fits(self, call: "Call") -> bool:
        if self.do not in WIRE and call.operation != "submit":
            return False
        patterns = (
            (self.protocol, call.protocol),
            (self.operation, call.operation),
            (self.method, call.method),
            (self.path, call.path),
        )
        return (
            all(fnmatchcase(value, pattern) for pattern, value in patterns)
            and self.contains.encode() in call.body
            and self.attempt in (0, call.attempt)
        )

    def _drawn(self) -> bool:
        digest = hashlib.sha256(f"{self.seed}:{self.do}:{self.seen}".encode()).digest()
        return int.from_bytes(digest[:6]) / 2**48 < self.chance


@dataclass(frozen=True, slots=True)
class Call:
    """A request as the rules see it; `attempt` counts arrivals of the same body at the same path."""

    protocol: str
    operation: str
    method: str
    path: str
    body: bytes
    attempt: int


def read(value: object) -> Rule:
    """A rule from JSON, or `UnknownFault` with what is wrong."""
    if not isinstance(value, dict):
        raise UnknownFault("A rule is a JSON object.")
    strange = set(value) - {entry.name for entry in fields(Rule)}
    if strange:
        raise UnknownFault(f"A rule has no {', '.join(sorted(strange))}.")
    if value.get("do") not in WIRE | JOB | HOOK:
        raise UnknownFault(f"There is no fault {value.get('do')!r}.")
    usual = Rule("slow")
    for name, given in value.items():
        if not _alike(given, getattr(usual, name)):
            raise UnknownFault(f"{name} of a rule cannot be {given!r}.")
    return Rule(**value)


def _alike(given: object, usual: object) -> bool:
    if isinstance(usual, float):
        return is_number(given)
    return isinstance(given, dict) if isinstance(usual, dict) else type(given) is type(usual)


class Faults:
    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def add(self, rules: Sequence[Rule]) -> None:
        self.rules += rules

    def striking(self, call: Call) -> list[Rule]:
        return [rule for rule in self.rules if rule.strikes(call)]


def find(strikes: Sequence[Rule], do: str) -> Rule | None:
    return next((rule for rule in strikes if rule.do == do), None)
