"""The form in which a person enters a one-time code and a new password."""

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from analysts.accounts import actions
from analysts.models import User


class EnterForm(forms.Form):
    """Code and new password. Once the form is valid, `holder` is the account."""

    username = forms.CharField(
        label=_("User name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "username"})
    )
    first = forms.CharField(
        label=_("First half of the code"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    second = forms.CharField(
        label=_("Second half of the code"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. Do not use a common password."),
    )
    again = forms.CharField(
        label=_("New password (again)"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    holder: User

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        if cleaned["password"] != cleaned["again"]:
            raise ValidationError({"again": _("The two passwords do not match.")})
        holder = actions.code_holder(cleaned["username"], cleaned["first"], cleaned["second"])
        if holder is None:
            raise ValidationError(_("This code does not match the user name, or it is no longer valid."))
        try:
            validate_password(cleaned["password"], holder)
        except ValidationError as error:
            raise ValidationError({"password": error.messages}) from None
        self.holder = holder
        return cleaned
