"""From an account to whoever speaks with its provider."""

from collections.abc import Callable, Mapping

from providers import fal, fal_hooks, kling, kling_hooks, runware
from providers.addresses import Hosts
from providers.base import Account, Hint, HookKeys, Provider
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
_HINTS: dict[str, Callable[[Mapping[str, str], bytes, HookKeys], Hint]] = {
    "fal": fal_hooks.hint,
    "runware": runware.hint,
    "kling": kling_hooks.hint,
}
# Where the limit of what may be in flight counts pictures and not orders.
SLOTS_BY_PICTURE = frozenset({"kling"})
# Where a second order under our own number is refused, so that posting the same one again is a way to ask.
REFUSES_TWINS = frozenset({"runware"})
# Where an order that was accepted can be asked to stop.
CAN_CANCEL = frozenset({"fal"})
# Where webhooks are signed with keys that the provider publishes.
PUBLIC_KEYS = frozenset({"fal"})


def provider(account: Account, exits: Exits) -> Provider:
    """Whoever speaks for this account. KeyError for a route that nobody speaks for, as Draft."""
    return _PROVIDERS[account.route](account, exits)


def result_hosts(account: Account) -> Hosts:
    """Where this account's results may be fetched from."""
    return Hosts(_RESULT_HOSTS[account.route], account.loopback)


def read_hook(route: str, headers: Mapping[str, str], body: bytes, keys: HookKeys) -> Hint:
    """What a webhook of this route says. Raises BadHookError."""
    return _HINTS[route](headers, body, keys)
