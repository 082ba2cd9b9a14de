"""How many examples a property is tried with: all of them, but a share in a fast run."""

from hypothesis import settings

USUAL = 100  # of Hypothesis itself; a profile with fewer lowers all others by the same share
LEAST = 5


def examples(full: int) -> int:
    share = min(1.0, settings().max_examples / USUAL)
    return max(LEAST, round(full * share))
