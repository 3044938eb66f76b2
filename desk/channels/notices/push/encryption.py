"""Encrypting a message for one browser: RFC 8291 over the content coding aes128gcm of RFC 8188.

The push service in between sees a length and nothing else. Written here, because the libraries
for it bring an HTTP client of their own, which knows nothing of desk.lib.outside.
"""

from __future__ import annotations

import base64
import binascii
import secrets

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVE = ec.SECP256R1()
AUTH_BYTES = SALT_BYTES = KEY_BYTES = 16
POINT_BYTES = 65
NONCE_BYTES = 12
SECRET_BYTES = 32
RECORD_BYTES = 4096
# What every push service takes is a body of 4096 bytes: header, delimiter and tag are in it.
PLAIN_BYTES_MAX = RECORD_BYTES - (SALT_BYTES + 4 + 1 + POINT_BYTES) - 1 - 16
LAST_RECORD = b"\x02"


class Malformed(ValueError):
    """What a browser gave is no key of this kind."""


def encrypt(
    plain: bytes,
    p256dh: str,
    auth: str,
    *,
    private: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes = b"",
) -> bytes:
    """The body of a push message for the browser with these two keys (base64url).

    Key and salt are made anew for each message; only the test with the RFC's own example gives
    them. Raises `Malformed`, and `ValueError` for more than `PLAIN_BYTES_MAX` bytes.
    """
    if len(plain) > PLAIN_BYTES_MAX:
        raise ValueError("too long for one record")
    theirs, shared = public_key(p256dh), auth_secret(auth)
    private = private or ec.generate_private_key(CURVE)
    salt = salt or secrets.token_bytes(SALT_BYTES)
    ours, point = public_point(private.public_key()), public_point(theirs)
    agreed = private.exchange(ec.ECDH(), theirs)
    ikm = _derived(agreed, shared, b"WebPush: info\0" + point + ours, SECRET_BYTES)
    key = _derived(ikm, salt, b"Content-Encoding: aes128gcm\0", KEY_BYTES)
    nonce = _derived(ikm, salt, b"Content-Encoding: nonce\0", NONCE_BYTES)
    header = salt + RECORD_BYTES.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return header + AESGCM(key).encrypt(nonce, plain + LAST_RECORD, None)


def public_key(text: str) -> ec.EllipticCurvePublicKey:
    """A browser's public key. Raises `Malformed`."""
    point = decoded(text)
    if len(point) != POINT_BYTES:
        raise Malformed("p256dh")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, point)
    except ValueError as error:
        raise Malformed("p256dh") from error


def auth_secret(text: str) -> bytes:
    """A browser's authentication secret. Raises `Malformed`."""
    found = decoded(text)
    if len(found) != AUTH_BYTES:
        raise Malformed("auth")
    return found


def public_point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as its uncompressed point, which is how all of web push writes it."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encoded(data: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of `encoded`, with or without padding. Raises `Malformed`."""
    try:
        padded = text.rstrip("=").encode("ascii") + b"=" * (-len(text.rstrip("=")) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise Malformed("base64url") from error


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
