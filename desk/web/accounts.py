"""The forms of signing in, with our labels; what they check is allauth's business."""

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm
from django.utils.translation import gettext_lazy as _


class SignInForm(LoginForm):  # type: ignore[misc]  # allauth is not typed
    """E-mail address and password; labels stand above, so nothing is written inside."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        _only_labels(self.fields)


class ResetForm(ResetPasswordForm):  # type: ignore[misc]  # allauth is not typed
    """Where the link for a new password goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        _only_labels(self.fields)


def _only_labels(fields: dict[str, Any]) -> None:
    for field in fields.values():
        field.widget.attrs.pop("placeholder", None)
