"""Admin pages of accounts. Reports and incidents have no admin pages: analysts work in the queue."""

from typing import TYPE_CHECKING, ClassVar, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.forms import UsernameField
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.accounts import actions as accounts_actions
from analysts.accounts import approvals, recent_sign_in, sessions
from analysts.accounts.approvals import halves_page, has_waiting_request
from analysts.accounts.coverage import note_coverage
from analysts.accounts.permissions import check_can_request_recovery, check_can_request_role, needs_two
from analysts.accounts.staff_request import staff_user
from analysts.codes import Role
from analysts.models import User
from audit.actions import record_event
from audit.permissions import why_not

# The stubs know these as generic; at run time they are plain classes.
if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec

    StockAdmin = admin.ModelAdmin[User]
    StockForm = forms.ModelForm[User]
else:
    StockAdmin = admin.ModelAdmin
    StockForm = forms.ModelForm


# One part of Django's change message: what was done, with the names of the changed fields.
type ChangeMessage = dict[str, dict[str, list[str]]]


def language_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[("", gettext_lazy("Installation default")), *settings.LANGUAGES],
        required=False,
    )


class AddForm(StockForm):
    """Creates an account without a password: the person sets one with a one-time code (see `actions`)."""

    language = language_field()

    class Meta:
        model = User
        field_classes = {"username": UsernameField}
        fields = ("username", "name", "email", "role", "portals", "all_portals", "language")


class EditForm(StockForm):
    """Changes an account. If the new role needs approval, the account keeps its current role until then."""

    language = language_field()
    # The signed-in administrator; set by UserAdmin.
    by: ClassVar[User]

    class Meta:
        model = User
        field_classes = {"username": UsernameField}
        fields = ("username", "name", "email", "role", "portals", "all_portals", "language", "is_active")

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

    def clean_is_active(self) -> bool:
        active: bool = self.cleaned_data["is_active"]
        if active and self.instance.unconfirmed:
            raise ValidationError(_("Another administrator must approve the account first."))
        return active


@admin.register(User)
class UserAdmin(StockAdmin):
    """Admin of accounts: they are deactivated, never deleted, because assessments refer to them.

    No administrator sets a password for another person.
    """

    form = EditForm
    fieldsets = (
        (None, {"fields": ("username", "is_active")}),
        (gettext_lazy("Person"), {"fields": ("name", "email", "language")}),
        (gettext_lazy("Work"), {"fields": ("role", "portals", "all_portals")}),
    )
    add_fieldsets: "_FieldsetSpec" = (
        (None, {"fields": ("username",)}),
        (gettext_lazy("Person"), {"fields": ("name", "email", "language")}),
        (gettext_lazy("Work"), {"fields": ("role", "portals", "all_portals")}),
    )
    change_form_template = "analysts/accounts/account.html"
    list_display = ("username", "name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active", "portals")
    search_fields = ("username", "name")
    ordering = ("username",)
    filter_horizontal = ()
    # In a multiple-select list, one click without the Control key loses the whole selection.
    formfield_overrides = {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    actions = None

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> "_FieldsetSpec":
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: object
    ) -> type[StockForm]:
        if obj is None:
            return super().get_form(request, obj, change=change, **{"form": AddForm, **kwargs})
        # Django creates the form class for this request only, so it can carry the user.
        form = cast(type[EditForm], super().get_form(request, obj, change=change, **kwargs))
        form.by = staff_user(request)
        return form

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Allow only the filters that the list offers: others would let a user guess a password hash piece by piece."""
        return lookup.partition("__")[0] in self.list_filter

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        if recent_sign_in.must_ask_again(request):
            return recent_sign_in.ask_again(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, object],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: User | None = None,
    ) -> HttpResponse:
        context["account"] = obj
        context["groups"] = obj.portal_groups.all() if obj else ()
        context["waits"] = obj and has_waiting_request(obj)
        context["no_recovery"] = why_not(check_can_request_recovery, request.user, obj) if obj else ""
        return super().render_change_form(request, context, add, change, form_url, obj)

    # Django calls these methods in this order, inside the transaction of a save.

    def save_model(self, request: HttpRequest, obj: User, form: StockForm, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
            obj.unconfirmed = needs_two(obj.role)
            obj.is_active = not obj.unconfirmed
            super().save_model(request, obj, form, change)
        else:
            # Save only the changed fields, so that a decision made meanwhile is not overwritten.
            obj.save(update_fields=[name for name in form.changed_data if name != "portals"])
        if change and "is_active" in form.changed_data:
            sessions.end_all(obj)

    def save_related(
        self,
        request: HttpRequest,
        form: object,
        formsets: object,
        change: bool,
    ) -> None:
        super().save_related(request, form, formsets, change)
        if lost := note_coverage():
            names = ", ".join(portal.name for portal in lost)
            messages.warning(
                request, _("No analyst sees the reports to these portals now: %(portals)s") % {"portals": names}
            )

    def log_addition(self, request: HttpRequest, obj: User, message: list[ChangeMessage]) -> LogEntry:
        entry = super().log_addition(request, obj, message)
        record_save(request, "user.add", obj, message)
        return entry

    def log_change(self, request: HttpRequest, obj: User, message: list[ChangeMessage]) -> LogEntry:
        entry = super().log_change(request, obj, message)
        if names_of_fields(message):
            record_save(request, "user.change", obj, message)
        return entry

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        by = staff_user(request)
        if obj.unconfirmed:
            _request, half = approvals.request_role(by=by, user=obj, role=Role(obj.role))
            return halves_page(request, obj, first=half)
        first, second = accounts_actions.whole_code(obj)
        return halves_page(request, obj, first=first, second=second)

    def response_change(self, request: HttpRequest, obj: User) -> HttpResponse:
        role = request.POST.get("role", "")
        if not is_approval_needed(obj, role):
            return super().response_change(request, obj)
        by = staff_user(request)
        _request, half = approvals.request_role(by=by, user=obj, role=Role(role))
        if half:
            return halves_page(request, obj, first=half)
        messages.info(request, _("The role is waiting for approval by another administrator."))
        return redirect("admin:analysts_user_changelist")


def is_approval_needed(user: User, role: str) -> bool:
    """Whether giving this role to the account needs a second administrator."""
    return needs_two(role) and (user.unconfirmed or role != user.role)


def names_of_fields(message: list[ChangeMessage]) -> list[str]:
    return [field for part in message for what in part.values() for field in what.get("fields", [])]


def record_save(request: HttpRequest, action: str, user: User, message: list[ChangeMessage]) -> None:
    """Record the save as an audit event: the account, its current role and the names of the changed fields."""
    fields = names_of_fields(message)
    record_event(
        by=staff_user(request),
        action=action,
        on=user,
        details={"account": user.get_username(), "role": user.role, "fields": fields},
    )
