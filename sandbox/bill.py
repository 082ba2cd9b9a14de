"""What was accepted and what it cost, per account, in micro-USD (1,000,000 is one dollar)."""

from dataclasses import dataclass, field

from sandbox.accounts import Account


@dataclass(slots=True)
class Line:
    """One accepted order.

    `reference` is the id the client chose (taskUUID, external_task_id) or, at fal, its webhook address;
    `quoted` is the price of what was ordered, `charged` what was taken, None while that is open.
    `ignored` names fields of the body that the endpoint does not have.
    """

    protocol: str
    account: str
    endpoint: str
    task: str
    reference: str
    body_sha256: str
    accepted_at: float
    pictures: int
    unit_price: int
    quoted: int
    ignored: list[str] = field(default_factory=list)
    charged: int | None = None
    ended_at: float | None = None
    outcome: str = "open"


class Bill:
    def __init__(self) -> None:
        self.lines: list[Line] = []

    def open(self, line: Line) -> Line:
        self.lines.append(line)
        return line

    def close(self, line: Line, account: Account, *, charged: int, outcome: str, now: float) -> None:
        """Take the money once; a line that is closed stays as it is."""
        if line.charged is not None:
            return
        line.charged, line.outcome, line.ended_at = charged, outcome, now
        account.balance -= charged

    def of(self, protocol: str, account: str) -> list[Line]:
        return [line for line in self.lines if (line.protocol, line.account) == (protocol, account)]

    def total(self, protocol: str | None = None) -> int:
        return sum(line.charged or 0 for line in self.lines if protocol in (None, line.protocol))
