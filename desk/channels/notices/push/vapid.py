"""Proving to a push service who sends: VAPID, RFC 8292.

A token is valid for one push service (`aud`) and half a day. `sub` is where its operators can
reach ours.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from email.utils import parseaddr
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings

from desk.channels.notices.push.encryption import CURVE, decoded, encoded, public_point

VALID = timedelta(hours=12)
NUMBER_BYTES = 32


def new_private() -> str:
    """A private key as it is sealed: its number, base64url."""
    number = ec.generate_private_key(CURVE).private_numbers().private_value
    return encoded(number.to_bytes(NUMBER_BYTES, "big"))


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """The private key of `new_private`."""
    return ec.derive_private_key(int.from_bytes(decoded(text), "big"), CURVE)


def public(private: str) -> str:
    """The public key that browsers and push services know."""
    return encoded(public_point(private_key(private).public_key()))


def authorization(private: str, endpoint: str, at: datetime) -> str:
    """The Authorization header of a message to `endpoint` at `at`."""
    key = private_key(private)
    place = urlsplit(endpoint)
    claims = {
        "aud": f"{place.scheme}://{place.netloc}",
        "exp": int((at + VALID).timestamp()),
        "sub": contact(),
    }
    head = encoded(json.dumps({"typ": "JWT", "alg": "ES256"}).encode())
    signed = f"{head}.{encoded(json.dumps(claims).encode())}"
    r, s = decode_dss_signature(key.sign(signed.encode(), ec.ECDSA(SHA256())))
    signature = encoded(r.to_bytes(NUMBER_BYTES, "big") + s.to_bytes(NUMBER_BYTES, "big"))
    return f"vapid t={signed}.{signature}, k={encoded(public_point(key.public_key()))}"


def contact() -> str:
    """How to reach whoever runs this desk: its address, else the one it writes mails from."""
    if settings.BASE_URL.startswith("https://"):
        return str(settings.BASE_URL)
    return f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}"
