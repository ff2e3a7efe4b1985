"""Forms of accounts in the admin, and what of them needs a second administrator."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.forms import UsernameField
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.accounts.approvals import has_waiting_request
from analysts.accounts.permissions import (
    CONTENT_ROLES,
    check_can_request_portals,
    check_can_request_role,
    needs_two,
)
from analysts.codes import Role
from analysts.models import User
from audit.actions import JSON
from audit.changes import describe_text
from audit.generic_classes import ModelChoiceField, ModelForm, ModelMultipleChoiceField
from audit.permissions import why_not
from countries.models import Portal

# Roles whose accounts have no portals, with the refusal of a form that gives them some.
WITHOUT_PORTALS = {
    Role.RECIPIENT: gettext_lazy("An account of a recipient has no portals."),
    Role.TRANSLATOR: gettext_lazy("A translator’s account has languages instead of portals."),
}


# Fields that name the person: the audit log holds their length and digest.
PERSONAL = frozenset({"username", "name", "email"})


def account_label(account: User) -> str:
    """As administrators see the account, who manage it under the name of its sign-in."""
    return f"{account.username} ({account.name})" if account.name else account.username


class AccountChoice(ModelChoiceField[User]):
    def label_from_instance(self, account: User) -> str:
        return account_label(account)


class AccountChoices(ModelMultipleChoiceField[User]):
    def label_from_instance(self, account: User) -> str:
        return account_label(account)


class AddForm(ModelForm[User]):
    """Creates an account without a password: the person sets one with a one-time code (see `actions`)."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("", gettext_lazy("Installation default")), *settings.LANGUAGES],
        required=False,
    )

    class Meta:
        model = User
        field_classes = {"username": UsernameField}
        fields: tuple[str, ...] = ("username", "name", "email", "role", "portals", "all_portals", "language")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        refusal = WITHOUT_PORTALS.get(cleaned.get("role", ""))
        if refusal and (cleaned.get("portals") or cleaned.get("all_portals")):
            raise ValidationError({"portals": refusal})
        return cleaned


class EditForm(AddForm):
    """Changes an account. A role or portals that need approval are left out: the account has them once approved."""

    # The signed-in administrator; set by UserAdmin.
    by: ClassVar[User]

    class Meta(AddForm.Meta):
        fields = (*AddForm.Meta.fields, "is_active")

    def clean_role(self) -> str:
        before, role = self.instance.role, Role(self.cleaned_data["role"])
        if role == before and not self.instance.unconfirmed:
            return role
        if has_waiting_request(self.instance):
            raise ValidationError(_("A request about this account is waiting for another administrator."))
        if is_approval_needed(self.instance, role):
            if reason := why_not(check_can_request_role, self.by, self.instance, role):
                raise ValidationError(reason)
            if "role" in self.changed_data:
                self.changed_data.remove("role")
            return before
        if self.instance.unconfirmed:
            raise ValidationError(_("This account was not approved. Create another account for this role."))
        return role

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and "portals" in self.fields:
            self._withhold_portals(cleaned)
        return cleaned

    def _withhold_portals(self, cleaned: dict[str, Any]) -> None:
        """Leave out portals that need a second administrator; fewer portals do not."""
        user = self.instance
        before = set(user.portals.all())
        added = set() if user.all_portals else set(cleaned["portals"]) - before
        if not added and (user.all_portals or not cleaned["all_portals"]):
            return
        if has_waiting_request(user):
            message = _("A request about this account is waiting for another administrator.")
            raise ValidationError({"portals": message})
        if not needs_two_for_portals(user, cleaned["role"]):
            return
        if reason := why_not(check_can_request_portals, self.by, user):
            raise ValidationError({"portals": reason})
        if is_approval_needed(user, self.data.get("role", "")):
            raise ValidationError({"portals": _("Change the role and the portals one after the other.")})
        cleaned["portals"] = [portal for portal in cleaned["portals"] if portal in before]
        cleaned["all_portals"] = user.all_portals
        is_kept = {"all_portals": True, "portals": set(cleaned["portals"]) == before}
        self.changed_data[:] = [name for name in self.changed_data if not is_kept.get(name)]

    def clean_is_active(self) -> bool:
        active: bool = self.cleaned_data["is_active"]
        if active and self.instance.unconfirmed:
            raise ValidationError(_("Another administrator must approve the account first."))
        return active


def is_approval_needed(user: User, role: str) -> bool:
    """Whether giving this role to the account needs a second administrator."""
    return needs_two(role) and (user.unconfirmed or role != user.role)


def needs_two_for_portals(user: User, role: str) -> bool:
    """Whether more portals need a second administrator: the account opens reports with this role."""
    return role in CONTENT_ROLES and not user.unconfirmed


def withheld_portals(request: HttpRequest, user: User) -> tuple[list[Portal], bool]:
    """The portals of a valid `EditForm` that the saved account does not have yet, and whether it asks for all."""
    if user.all_portals or not needs_two_for_portals(user, user.role):
        return [], False
    chosen = Portal.objects.filter(pk__in=request.POST.getlist("portals"))
    return list(chosen.exclude(pk__in=user.portals.values("pk"))), "all_portals" in request.POST


def describe_account_changes(form: ModelForm[User]) -> dict[str, JSON]:
    """Old and new value of each changed field, of a name its digest; for portals, those added and removed."""
    changes: dict[str, JSON] = {}
    for name in form.changed_data:
        before, after = form.initial.get(name), form.cleaned_data[name]
        if name == "portals":
            old, new = ({portal.slug for portal in portals or ()} for portals in (before, after))
            changes[name] = {"added": sorted(new - old), "removed": sorted(old - new)}
        else:
            changes[name] = {
                "before": describe_text(before or "") if name in PERSONAL else before,
                "after": describe_text(after or "") if name in PERSONAL else after,
            }
    return changes
