"""From an account to whoever speaks with its provider."""

from collections.abc import Callable

from providers import fal, kling, runware
from providers.addresses import Hosts
from providers.base import Account, Provider
from providers.http import Exits

_PROVIDERS: dict[str, Callable[[Account, Exits], Provider]] = {
    "fal": fal.Fal,
    "runware": runware.Runware,
    "kling": kling.Kling,
}
_RESULT_HOSTS = {
    "fal": fal.RESULT_HOSTS,
    "runware": runware.RESULT_HOSTS,
    "kling": kling.RESULT_HOSTS,
}


def provider(account: Account, exits: Exits) -> Provider:
    """Whoever speaks for this account. KeyError for a route that nobody speaks for, as Draft."""
    return _PROVIDERS[account.route](account, exits)


def result_hosts(account: Account) -> Hosts:
    """Where this account's results may be fetched from."""
    return Hosts(_RESULT_HOSTS[account.route], account.loopback)
