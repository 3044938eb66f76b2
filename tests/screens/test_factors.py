"""Second factors: their secrets are stored unreadable, work, and the key lies apart."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings

from tests.language import Desk

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def desk(db: None) -> Desk:
    """A house with one partner, whose owner wants a second factor."""
    return Desk.open()


def test_a_secret_is_stored_unreadable_and_its_code_is_right(desk: Desk) -> None:
    totp.TOTP.activate(desk.owner, SECRET)
    stored = Authenticator.objects.get(user=desk.owner, type=Authenticator.Type.TOTP)
    assert SECRET not in str(stored.data)
    assert stored.data["secret"].startswith("gAAAA"), "a Fernet token"
    counter = next(totp.yield_hotp_counters_from_time())
    code = totp.format_hotp_value(totp.hotp_value(SECRET, counter))
    assert stored.wrap().validate_code(code)


def test_recovery_codes_are_stored_unreadable(desk: Desk) -> None:
    codes = RecoveryCodes.activate(desk.owner)
    stored = Authenticator.objects.get(user=desk.owner, type=Authenticator.Type.RECOVERY_CODES)
    assert not any(code in str(stored.data) for code in codes.get_unused_codes())


def test_the_key_is_the_installations_own() -> None:
    assert settings.MFA_ADAPTER == "desk.config.factors.FactorAdapter"
    assert settings.ENCRYPTION_KEY
