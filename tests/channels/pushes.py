"""A push service of the tests with real TLS, and a browser behind it that reads what comes.

Reading is written by RFC 8291 and RFC 8292 once more, with no line of the product's: HKDF by hand.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID
from django.contrib.sessions.models import Session
from django.test import Client

from desk.channels.notices.preferences import actions as preferences
from desk.channels.notices.preferences.actions import Chosen
from desk.channels.notices.push import actions
from desk.channels.notices.push.actions import Subscription
from desk.channels.notices.push.models import Browser
from desk.partners.models import Person
from tests.channels import receiver
from tests.channels.receiver import Got, Receiver
from tests.language import KYIV, Desk

CURVE = ec.SECP256R1()
FORM = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw(data: str) -> bytes:
    return base64.urlsafe_b64decode(data + "=" * (-len(data) % 4))


@dataclass
class Screen:
    """A browser: its keys, its address at the push service, its person's sign-in."""

    endpoint: str
    session: str = ""
    label: str = "Chrome, Android"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    auth: bytes = b"0123456789abcdef"

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(*FORM)

    def form(self, server_key: str) -> dict[str, str]:
        """What the script of a page sends of it."""
        return {
            "endpoint": self.endpoint,
            "p256dh": text(self.point),
            "auth": text(self.auth),
            "server_key": server_key,
        }

    def given(self, server_key: str) -> Subscription:
        sent = self.form(server_key)
        sent["key"] = sent.pop("server_key")
        return Subscription(**sent, session=self.session, label=self.label)

    def read(self, body: bytes) -> dict[str, Any]:
        """The message, decrypted."""
        salt, length, size = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        theirs, sealed = body[21 : 21 + size], body[21 + size :]
        assert len(sealed) <= length
        public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, theirs)
        agreed = self.key.exchange(ec.ECDH(), public)
        info = b"WebPush: info\0" + self.point + theirs
        ikm = _hkdf(self.auth, agreed, info, 32)
        key = _hkdf(salt, ikm, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _hkdf(salt, ikm, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, sealed, None)
        assert plain[-1:] == b"\x02"
        found: dict[str, Any] = json.loads(plain[:-1])
        return found


def _hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    pseudo = hmac.digest(salt, secret, hashlib.sha256)
    return hmac.digest(pseudo, info + b"\x01", hashlib.sha256)[:length]


def vouched(got: Got, origin: str, server_key: str, now: dt.datetime) -> dict[str, Any]:
    """The claims of a request's VAPID token, once signature, audience and time are right."""
    scheme, _, rest = got.headers["authorization"].partition(" ")
    parts = dict(one.strip().split("=", 1) for one in rest.split(","))
    assert (scheme, parts["k"]) == ("vapid", server_key)
    head, claims, signature = parts["t"].split(".")
    assert json.loads(raw(head)) == {"typ": "JWT", "alg": "ES256"}
    numbers = raw(signature)
    r, s = int.from_bytes(numbers[:32], "big"), int.from_bytes(numbers[32:], "big")
    public = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, raw(server_key))
    signed = f"{head}.{claims}".encode()
    public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    found: dict[str, Any] = json.loads(raw(claims))
    assert found["aud"] == origin
    assert 0 < found["exp"] - now.timestamp() <= 24 * 3600
    return found


@dataclass
class Service:
    """The push service, and how to be a browser of it."""

    receiver: Receiver

    @property
    def origin(self) -> str:
        return f"https://localhost:{self.receiver.port}"

    def screen(self, desk: Desk, person: Person, name: str = "a") -> tuple[Screen, Browser]:
        """A browser where the person is signed in and has allowed notices."""
        screen = Screen(f"{self.origin}/send/{name}", signed_in(person, desk))
        key = actions.key(desk.now)
        return screen, actions.allow(desk.cause(person), person.pk, screen.given(key.public))


def choose_quiet(desk: Desk, person: Person) -> None:
    """The person wants no sound for two hours from now on."""
    local = desk.now.astimezone(KYIV)
    chosen = Chosen(
        {}, quiet_since=local.time(), quiet_until=(local + dt.timedelta(hours=2)).time()
    )
    preferences.choose(desk.cause(person), person, chosen)


def signed_in(person: Person, desk: Desk) -> str:
    """The session of a fresh sign-in, which lasts as long as sign-ins do from `desk.now` on."""
    client = Client()
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    session = client.session.session_key
    assert session is not None
    until_at = desk.now + dt.timedelta(days=14)
    Session.objects.filter(pk=session).update(expire_date=until_at)
    return session


@contextmanager
def serving(certificate: Path) -> Iterator[Service]:
    """A push service on a free port of localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with receiver.receiving(context) as found:
        found.status = 201
        yield Service(found)


def certificate(folder: Path) -> Path:
    """A certificate of localhost with its key, made here and now."""
    key = ec.generate_private_key(CURVE)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    began = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(began)
        .not_valid_after(began + dt.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "localhost.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
