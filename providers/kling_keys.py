"""Kling's two kinds of keys: an API key that is sent as it is, or an access key with a secret that signs."""

import time

import jwt

from providers.replies import key_text

LASTS = 1800  # seconds
EARLY = 5  # clocks apart
_RENEWED = 300  # a token with less than this left is not used any more


class Key:
    """What goes into the header. "AK:SK" signs tokens of half an hour."""

    def __init__(self, secret: str) -> None:
        text = key_text(secret)
        self.access, _, self._secret = text.partition(":")
        self.signs = bool(self.access and self._secret)
        self._plain = text
        self._token = ""
        self._until = 0.0

    def header(self) -> str:
        return f"Bearer {self._signed() if self.signs else self._plain}"

    def hidden(self) -> tuple[str, ...]:
        """What no message may show."""
        return (self._plain, self._token)

    def renew(self) -> None:
        """Sign anew before the next request."""
        self._until = 0.0

    def _signed(self) -> str:
        now = time.time()
        if self._until - now < _RENEWED:
            claims = {"iss": self.access, "exp": int(now) + LASTS, "nbf": int(now) - EARLY}
            self._token, self._until = _token(claims, self._secret), now + LASTS
        return self._token


def _token(claims: dict[str, object], secret: str) -> str:
    """A signed token; a dash for a secret that cannot sign, and Kling then refuses the key."""
    try:
        return jwt.encode(claims, secret, algorithm="HS256", headers={"typ": "JWT"})
    except jwt.PyJWTError:
        return "-"
