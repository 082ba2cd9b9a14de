"""How long jobs take at each model, as far as it was seen lately: nobody asks much before.

Where webhooks come through, nobody asks before they should have come, either.
"""

from collections import defaultdict, deque
from datetime import timedelta

from generations import horizons

LATEST = 50
EARLY = 0.8  # of the quickest lately
LATE = 1.2  # of the slowest lately
LONGEST = horizons.seconds(60)


class Pace:
    """Times from a sending to its end, as far as they were seen here."""

    def __init__(self) -> None:
        self._took: defaultdict[str, deque[timedelta]] = defaultdict(lambda: deque(maxlen=LATEST))

    def note(self, endpoint: str, took: timedelta) -> None:
        self._took[endpoint].append(took)

    def first_look(self, endpoint: str, *, is_told: bool) -> timedelta:
        """How long a new job is left alone: what nothing is known of is asked about soon.

        `is_told`: webhooks come through, and this is for those that get lost.
        """
        took = self._took[endpoint]
        ended = LATE * max(took, default=timedelta()) if is_told else EARLY * min(took, default=timedelta())
        return min(max(horizons.POLLS[0], ended), LONGEST)
