"""How long everything waits, in one place: one setting scales it all, so that tests need seconds, not hours.

From the house plan and from what providers say of themselves; see docs/decisions.md.
"""

from datetime import timedelta

from django.conf import settings

SCALE: float = settings.HORIZON_SCALE


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number * SCALE)


LEASE = seconds(max(15, 2 / SCALE))  # of an output that is worked on, renewed every third of it
PREPARING = 2 * LEASE  # of a queued generation whose inputs are uploaded, renewed likewise
POST_WITHIN = 75 * max(SCALE, 0.04)  # seconds for one POST in all
SUBMITTING = timedelta(seconds=POST_WITHIN) + LEASE  # outlives every POST
SEND_WITHIN = 20.0 * max(SCALE, 0.1)  # seconds from the commit of an attempt to its first byte
GATHERED = 0.15 * max(SCALE, 0.1)  # seconds between two commits of what is sent, at least

# Every two seconds as long as most pictures take, then less and less often.
POLLS = tuple(seconds(number) for number in (*(2,) * 30, 3, 3, 5, 5, 8, 8, 13, 13, 20))
POLL_SLOWLY = seconds(30)
POLL_TOLD = seconds(10)
HOOKS_TRUSTED = seconds(600)  # since the last one that came through
SOFT = seconds(180)  # longer than usual
HARD = seconds(1800)  # stuck: still asked about, every five minutes
POLL_STUCK = seconds(300)
FORGOTTEN = timedelta(days=7) * SCALE  # nobody keeps a result for longer

LOOK_AGAIN = (seconds(5), seconds(30), seconds(60), seconds(120))  # after a sending whose outcome is unclear
LOOK_SLOWLY = seconds(300)
DECIDE = timedelta(hours=2) * SCALE  # nothing known by then: a person decides
REPOST_FROM, REPOST_UNTIL = seconds(30), seconds(300)  # where the provider refuses a second order of an id

BACK_OFF = (2, 4, 8, 16, 32, 60, 120)  # seconds, unscaled, after failures in a row
RATE_OFF = (5, 10, 20, 40, 80, 160, 300)
RETRY_AFTER_MOST = 900.0
PROBE = seconds(600)  # an account that is locked or out of credit is tried again so often
FETCH_AGAIN = seconds(2)  # after a download that failed, times the number of tries
FETCH_TRIES = 8
RING_AGAIN = LEASE  # to a worker about the same output
BILL_EVERY = seconds(3600)
BILLS_BACK = timedelta(days=2)  # providers are late with some lines
LONGEST = seconds(max(1200, 60 / SCALE))  # more than any of the waits and leases above that rows hold
HOOK_KEYS_FOR = timedelta(hours=20)  # fal lets its public keys be kept for a day


def back_off(steps: tuple[int, ...], failures: int) -> timedelta:
    """The wait after so many failures in a row, at least one."""
    return seconds(steps[min(max(failures, 1), len(steps)) - 1])


def next_poll(looks: int, age: timedelta, is_told: bool) -> timedelta:
    """When to ask again about a job that has been asked about `looks` times and was sent `age` ago.

    `is_told`: webhooks come through, so that asking is only for those that get lost.
    """
    if age > HARD:
        return POLL_STUCK
    if is_told:
        return POLL_TOLD
    return POLLS[looks] if looks < len(POLLS) else POLL_SLOWLY


def next_look(looks: int) -> timedelta:
    return LOOK_AGAIN[looks] if looks < len(LOOK_AGAIN) else LOOK_SLOWLY
