"""Accounts, for administrators. Reports and incidents have no pages here: analysts work in the queue."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.forms import UserChangeForm, UserCreationForm, UsernameField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.models import User
from analysts.permissions import CONTENT_ROLES
from audit.actions import record

# The stubs know these as generic; at run time they are plain classes.
if TYPE_CHECKING:
    StockUserAdmin = auth_admin.UserAdmin[User]
    ChangeForm = UserChangeForm[User]
    CreationForm = UserCreationForm[User]
else:
    StockUserAdmin = auth_admin.UserAdmin
    ChangeForm = UserChangeForm
    CreationForm = UserCreationForm


def language_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("", gettext_lazy("the installation's")), *settings.LANGUAGES],
        required=False,
    )


class AddForm(CreationForm):
    language = language_field()

    class Meta:
        model = User
        field_classes = {"username": UsernameField}
        fields = ("username", "name", "email", "role", "portals", "language")


class EditForm(ChangeForm):
    language = language_field()
    # Who fills the form in; set by UserAdmin.
    by: ClassVar[User]

    class Meta:
        model = User
        field_classes = {"username": UsernameField}
        fields = ("username", "name", "email", "role", "portals", "language", "is_active")

    def clean_role(self) -> str:
        role: str = self.cleaned_data["role"]
        if self.instance.pk == self.by.pk and role in CONTENT_ROLES:
            raise ValidationError(_("You cannot give yourself a role that opens reports. Another administrator can."))
        return role


@admin.register(User)
class UserAdmin(StockUserAdmin):
    """Accounts are switched off, never deleted: assessments name them."""

    form = EditForm
    add_form = AddForm
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        (gettext_lazy("Person"), {"fields": ("name", "email", "language")}),
        (gettext_lazy("Work"), {"fields": ("role", "portals")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "password1", "password2")}),
        (gettext_lazy("Person"), {"fields": ("name", "email", "language")}),
        (gettext_lazy("Work"), {"fields": ("role", "portals")}),
    )
    add_form_template = None
    list_display = ("username", "name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active", "portals")
    search_fields = ("username", "name")
    ordering = ("username",)
    filter_horizontal = ()
    # A list that is held with the Control key loses its marks at one careless click.
    formfield_overrides = {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    actions = None

    def get_form(self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.by = request.user  # type: ignore[attr-defined] # the class is made for this request alone
        return form

    @transaction.atomic
    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """In one transaction with its audit event, which Django's own view has no need of."""
        return super().user_change_password(request, id, form_url)

    # Django's two log hooks come last in the transaction of a save.

    def log_addition(self, request: HttpRequest, obj: User, message: Any) -> Any:
        entry = super().log_addition(request, obj, message)
        recorded(request, "user.add", obj, message)
        return entry

    def log_change(self, request: HttpRequest, obj: User, message: Any) -> Any:
        entry = super().log_change(request, obj, message)
        recorded(request, "user.change", obj, message)
        return entry


def recorded(request: HttpRequest, action: str, user: User, message: list[dict[str, dict[str, Any]]]) -> None:
    """Writes the audit event of a save: the account, its role as it is now, and the names of what changed."""
    fields = [field for part in message for what in part.values() for field in what.get("fields", [])]
    record(
        by=request.user,  # type: ignore[arg-type] # nobody else gets here
        action=action,
        on=user,
        details={"account": user.get_username(), "role": user.role, "fields": fields},
    )
