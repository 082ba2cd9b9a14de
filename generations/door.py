"""How often one address may knock in vain at the door for webhooks.

Counted in this process alone: a guess at an address has no chance anyway, and is only to cost little.
"""

import ipaddress
import threading
import time

SECONDS = 60.0
MOST = 300  # knocks in vain of one address within so many seconds
KNOWN_MOST = 10_000  # addresses that are remembered at once

_lock = threading.Lock()
_vain: dict[str, int] = {}
_since = 0.0


def is_shut(address: str) -> bool:
    """Whether this address has knocked in vain too often lately."""
    with _lock:
        _begin_anew()
        return _vain.get(_neighbours(address), 0) >= MOST


def note_vain(address: str) -> None:
    """Somebody guessed, or sent what nobody can read."""
    with _lock:
        _begin_anew()
        name = _neighbours(address)
        if name in _vain or len(_vain) < KNOWN_MOST:
            _vain[name] = _vain.get(name, 0) + 1


def _begin_anew() -> None:
    global _since
    now = time.monotonic()
    if now - _since >= SECONDS:
        _vain.clear()
        _since = now


def _neighbours(address: str) -> str:
    """An address of IPv6 stands for its network, which is one customer's."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network(f"{address}/64", strict=False))
    except ValueError:
        return address
