"""The sign-in library's forms that check or change a secret, with delays after failures and audit events."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.account import forms as account_forms
from allauth.core import context
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.forms.fields import InvalidJSONInput
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.accounts.sign_in import delays
from analysts.accounts.sign_in.adapters import record_failure
from analysts.models import User
from audit.actions import record_event

# Characters. Answers of keys with an attestation have a few thousand.
LONGEST_CREDENTIAL = 20_000
KEY_REFUSED = _("The key was not accepted. Try again, or choose another way.")


def _check_with_delay(user: User, check: Callable[[], str], failure: str) -> str:
    """Return the result of `check`; count a failure in the account's lane and record it as the action `failure`.

    Raises Slowed, without calling `check`, if the lane is delayed; otherwise raises what `check` raises.
    """
    attempt = delays.begin_attempt(context.request, user.username)
    try:
        checked_user = check()
    except ValidationError:
        record_failure(user, failure)
        raise
    attempt.take_back()
    return checked_user


def _used_once(authenticator: Authenticator) -> None:
    """Mark the app's code of this period as used. Raises ValidationError if it has been used already.

    Stored in the database because the library would use a cache, which this project does not have.
    """
    if authenticator.type != Authenticator.Type.TOTP:
        return
    now = timezone.now()
    began = now - timedelta(seconds=now.timestamp() % mfa_settings.TOTP_PERIOD)
    unused = Q(last_used_at=None) | Q(last_used_at__lt=began)
    if not Authenticator.objects.filter(unused, pk=authenticator.pk).update(last_used_at=now):
        raise ValidationError(_("This code has already been used. Wait for the next one."))


class CodeForm(mfa_forms.BaseAuthenticateForm):
    """A code from the authenticator app, or a recovery code. `failure`: the action that records a wrong one."""

    failure: str

    def clean_code(self) -> str:
        return _check_with_delay(self.user, self.check_code, self.failure)

    def check_code(self) -> str:
        code: str = super().clean_code()
        _used_once(self.authenticator)
        return code


class AuthenticateForm(CodeForm, mfa_forms.AuthenticateForm):
    failure = "user.second_factor_fail"


class ReauthenticateForm(CodeForm, mfa_forms.ReauthenticateForm):
    failure = "user.reauthenticate_fail"


class CredentialField(forms.JSONField):
    """A browser's answer for a passkey. The library's field answers 500 to nested lists and endless numbers."""

    def __init__(self) -> None:
        super().__init__(required=True, widget=forms.HiddenInput, error_messages={"required": KEY_REFUSED})

    def to_python(self, value: object) -> Any:
        if len(str(value)) > LONGEST_CREDENTIAL:
            raise ValidationError(KEY_REFUSED)
        try:
            return super().to_python(value)
        except (ValidationError, ValueError, RecursionError):
            raise ValidationError(KEY_REFUSED) from None

    def bound_data(self, data: object, initial: object) -> object:
        """Empty where the form is shown again: the browser answers another time."""
        return InvalidJSONInput("")


class SecondFactorKeyForm(webauthn_forms.AuthenticateWebAuthnForm):
    credential = CredentialField()

    def clean_credential(self) -> object:
        return _parsed(super().clean_credential)


class LoginKeyForm(SecondFactorKeyForm, webauthn_forms.LoginWebAuthnForm):
    """Signs in with a passkey alone."""


class ReauthenticateKeyForm(SecondFactorKeyForm, webauthn_forms.ReauthenticateWebAuthnForm):
    """Proves once more who is signed in."""


class AddKeyForm(webauthn_forms.AddWebAuthnForm):
    credential = CredentialField()

    def clean(self) -> dict[str, object]:
        return _parsed(super().clean)


def _parsed[T](parse: Callable[[], T]) -> T:
    """Turn parser errors, which the library does not catch, and its "Incorrect code." into what is true of a key."""
    try:
        return parse()
    except (ValidationError, ValueError, TypeError, KeyError):
        raise ValidationError(KEY_REFUSED) from None


class PasswordForm(account_forms.UserForm):
    @transaction.atomic
    def save(self) -> None:
        super().save()
        record_event(by=self.user, action="user.change_password", on=self.user)


class ChangePasswordForm(PasswordForm, account_forms.ChangePasswordForm):
    def clean_oldpassword(self) -> str:
        return _check_with_delay(self.user, super().clean_oldpassword, "user.reauthenticate_fail")


class SetPasswordForm(PasswordForm, account_forms.SetPasswordForm):
    """Sets the password of an account that has none and signs in with a passkey."""
