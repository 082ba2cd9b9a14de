"""Accounts come into being with their first key; money is counted in micro-USD."""

from dataclasses import dataclass

MARK = "sandbox"  # every key has this in it, so that a real one is never taken
START_BALANCE = 1_000_000_000


@dataclass(slots=True)
class Account:
    """`state` is "open" or "locked"; `slots` None takes the protocol's usual number."""

    protocol: str
    name: str
    state: str = "open"
    balance: int = START_BALANCE
    slots: int | None = None
    signed: bool = True  # Kling signs callbacks only after a secret was made

    @property
    def exhausted(self) -> bool:
        return self.balance <= 0


class Accounts:
    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Account] = {}

    def of(self, protocol: str, name: str) -> Account:
        return self._known.setdefault((protocol, name), Account(protocol, name))

    def all(self) -> list[Account]:
        return list(self._known.values())
