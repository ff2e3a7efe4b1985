"""The form with which a person uses a one-time code from two administrators."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from analysts.accounts import actions
from analysts.models import User


class EnterForm(forms.Form):
    """`holder` is the account, once the form is valid."""

    username = forms.CharField(label=_("User name"), max_length=60)
    first = forms.CharField(label=_("First half of the code"), max_length=40)
    second = forms.CharField(label=_("Second half of the code"), max_length=40)
    password = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters; not one that others use."),
    )
    again = forms.CharField(
        label=_("New password, once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    holder: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs["autocomplete"] = "username"
        for name in ("first", "second"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if self.errors:
            return said
        if said["password"] != said["again"]:
            raise ValidationError({"again": _("The two passwords are not the same.")})
        holder = actions.code_holder(said["username"], said["first"], said["second"])
        if holder is None:
            raise ValidationError(_("This code is not right for this user name, or no longer valid."))
        try:
            validate_password(said["password"], holder)
        except ValidationError as error:
            raise ValidationError({"password": error.messages}) from None
        self.holder = holder
        return said
