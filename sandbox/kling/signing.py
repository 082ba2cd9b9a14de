"""Kling's secrets: tokens that clients sign, and callbacks that it signs."""

import base64
import binascii
import hashlib
import hmac
import json

from sandbox.kling.errors import Refused

SECRET_KEY = "sandbox-secret-key-of-thirty-two-bytes"  # noqa: S105 - nobody's but this server's
SECRET = "whsec_" + base64.b64encode(b"sandbox webhook secret, 32 bytes").decode()


def access_key(token: str, now: float) -> str:
    """Who signed this token with `SECRET_KEY`, or `Refused`: 1002, 1003 too early, 1004 too late."""
    head, body, signature = (token.split(".") + ["", "", ""])[:3]
    wanted = hmac.new(SECRET_KEY.encode(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    try:
        header, claims = json.loads(_decoded(head)), json.loads(_decoded(body))
        signed = hmac.compare_digest(wanted, _decoded(signature))
    except (ValueError, binascii.Error):
        raise Refused(1002) from None
    if (
        not (isinstance(header, dict) and isinstance(claims, dict))
        or header.get("alg") != "HS256"
        or not signed
    ):
        raise Refused(1002)
    if now < claims.get("nbf", 0):
        raise Refused(1003)
    if now >= claims.get("exp", 0):
        raise Refused(1004)
    return str(claims.get("iss", ""))


def headers(name: str, timestamp: int, body: bytes, *, forged: bool) -> dict[str, str]:
    """Standard Webhooks: HMAC-SHA256 over id, time and body."""
    key = b"nobody's secret" if forged else base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = hmac.new(key, f"{name}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": "v1," + base64.b64encode(signed).decode(),
    }


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
