"""Ed25519 signatures of fal's webhooks, with a key pair of this run."""

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY = Ed25519PrivateKey.generate()
NOBODYS_KEY = Ed25519PrivateKey.generate()


def jwks() -> dict[str, object]:
    raw = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return {
        "keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "sandbox", "x": x}]
    }


def headers(request_id: str, user: str, timestamp: int, body: bytes, *, forged: bool) -> dict[str, str]:
    """The four headers; the signed text is their three values and the digest of the body, on four lines."""
    text = "\n".join((request_id, user, str(timestamp), hashlib.sha256(body).hexdigest()))
    signature = (NOBODYS_KEY if forged else KEY).sign(text.encode())
    return {
        "X-Fal-Webhook-Request-Id": request_id,
        "X-Fal-Webhook-User-Id": user,
        "X-Fal-Webhook-Timestamp": str(timestamp),
        "X-Fal-Webhook-Signature": signature.hex(),
    }
