"""Admin pages of accounts. Reports and incidents have no admin pages: analysts work in the queue."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analysts.accounts import approvals, recent_sign_in, sessions
from analysts.accounts.account_forms import (
    AddForm,
    EditForm,
    describe_account_changes,
    is_approval_needed,
    withheld_portals,
)
from analysts.accounts.account_mails import announce_account
from analysts.accounts.approvals import half_page, has_waiting_request
from analysts.accounts.coverage import note_coverage
from analysts.accounts.language_approvals import language_rights
from analysts.accounts.permissions import check_can_request_recovery, needs_two
from analysts.accounts.staff_request import staff_user
from analysts.codes import Role
from analysts.models import User
from audit.actions import JSON, record_event
from audit.generic_classes import ModelForm
from audit.permissions import why_not
from audit.staff_admin import StaffModelAdmin
from countries.languages import language_name

# A change of one of these makes a person unknown to those who asked before (`User.unchanged_since`).
IDENTITY_FIELDS = frozenset({"username", "name", "role", "is_active"})


class AccountRequest(HttpRequest):
    """State passed between the steps of a save: Django's hooks share only the request."""

    # The changes of the save, for its audit event.
    changes: dict[str, JSON]


# One part of Django's change message: what was done, with the names of the changed fields.
type ChangeMessage = dict[str, dict[str, list[str]]]


class UserAdmin(StaffModelAdmin[User]):
    """Admin of accounts: they are deactivated, never deleted, because assessments refer to them.

    No administrator sets a password for another person. `analysts.pages.account_admin` registers it.
    """

    form = EditForm
    change_form_template = "analysts/accounts/account.html"
    list_display = ("username", "name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active", "portals")
    allowed_lookups = frozenset({"role__exact", "is_active__exact", "portals__id__exact", "portals__isnull"})
    search_fields = ("username", "name")
    ordering = ("username",)
    # In a multiple-select list, one click without the Control key loses the whole selection.
    formfield_overrides = {models.ManyToManyField: {"widget": forms.CheckboxSelectMultiple}}
    actions = None

    readonly_fields = ("languages_given",)

    @admin.display(description=gettext_lazy("Languages"))
    def languages_given(self, user: User) -> str:
        """The languages of a translator, and the page that changes them."""
        names = [language_name(tag) for tag in language_rights(user)]
        return format_html(
            '{} <a href="{}">{}</a>',
            format_html_join(", ", "<bdi>{}</bdi>", ((name,) for name in names)) if names else _("None yet."),
            reverse("admin:account_languages", args=[user.pk]),
            _("Request other languages") if names else _("Request languages"),
        )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        is_translator = obj is not None and obj.role == Role.TRANSLATOR
        work = ("role", "languages_given") if is_translator else ("role", "portals", "all_portals")
        return [
            (None, {"fields": ("username", "is_active") if obj else ("username",)}),
            (gettext_lazy("Person"), {"fields": ("name", "email", "language")}),
            (gettext_lazy("Work"), {"fields": work}),
        ]

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: object
    ) -> type[ModelForm[User]]:
        if obj is None:
            return super().get_form(request, obj, change=change, **{"form": AddForm, **kwargs})
        # Django creates the form class for this request only, so it can carry the user.
        form = cast(type[EditForm], super().get_form(request, obj, change=change, **kwargs))
        form.by = staff_user(request)
        return form

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if recent_sign_in.must_ask_again(request):
            return recent_sign_in.ask_again(request)
        return super().changeform_view(request, *args, **kwargs)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["account"] = obj = context["original"]
        context["groups"] = obj.portal_groups.all() if obj else ()
        context["has_waiting_request"] = obj and has_waiting_request(obj)
        context["needs_vouching"] = obj and User.objects.to_vouch_for().filter(pk=obj.pk).exists()
        context["no_recovery"] = why_not(check_can_request_recovery, request.user, obj) if obj else ""
        return super().render_change_form(request, context, *args, **kwargs)

    # Django calls these methods in this order, inside the transaction of a save.

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:
        if not change:
            obj.set_unusable_password()
            obj.unconfirmed = needs_two(obj.role)
            obj.is_active = not obj.unconfirmed
            obj.is_vouched_for = False
            super().save_model(request, obj, form, change)
        else:
            # Save only the changed fields, so that a decision made meanwhile is not overwritten.
            fields = [name for name in form.changed_data if name != "portals"]
            if IDENTITY_FIELDS & set(fields):
                obj.unchanged_since = timezone.now()
                fields.append("unchanged_since")
            obj.save(update_fields=fields)
        if change and "is_active" in form.changed_data:
            sessions.end_all(obj)
            if obj.is_active:
                announce_account()

    def save_related(self, request: HttpRequest, *args: Any) -> None:
        super().save_related(request, *args)
        if lost := note_coverage():
            names = ", ".join(portal.name for portal in lost)
            warning = ngettext(
                "No analyst sees the reports to %(portals)s now. Assign an analyst, or add it to a portal group.",
                "No analyst sees the reports to these portals now: %(portals)s. Assign analysts, or add them to a"
                " portal group.",
                len(lost),
            )
            messages.warning(request, warning % {"portals": names})

    def construct_change_message(self, request: HttpRequest, form: Any, *args: Any) -> list[ChangeMessage]:
        """The last hook that has the form: keep what changed for the audit event."""
        cast(AccountRequest, request).changes = describe_account_changes(form)
        message: list[ChangeMessage] = super().construct_change_message(request, form, *args)
        return message

    def log_addition(self, request: HttpRequest, obj: User, message: list[ChangeMessage]) -> LogEntry:
        entry = super().log_addition(request, obj, message)
        record_save(request, "user.add", obj)
        return entry

    def log_change(self, request: HttpRequest, obj: User, message: list[ChangeMessage]) -> LogEntry:
        entry = super().log_change(request, obj, message)
        if cast(AccountRequest, request).changes:
            record_save(request, "user.change", obj)
        return entry

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        by = staff_user(request)
        if obj.unconfirmed:
            _request, half = approvals.request_role(by=by, user=obj, role=Role(obj.role))
        else:
            # One administrator gives this role, but none alone sees the code.
            _request, half = approvals.request_recovery(by=by, user=obj)
        return half_page(request, obj, half)

    def response_change(self, request: HttpRequest, obj: User) -> HttpResponse:
        role, by = request.POST.get("role", ""), staff_user(request)
        portals, all_portals = withheld_portals(request, obj)
        if portals or all_portals:
            approvals.request_portals(by=by, user=obj, portals=portals, all_portals=all_portals)
            messages.info(request, _("The portals are waiting for approval by another administrator."))
            return redirect("admin:analysts_user_changelist")
        if not is_approval_needed(obj, role):
            return super().response_change(request, obj)
        _request, half = approvals.request_role(by=by, user=obj, role=Role(role))
        if half:
            return half_page(request, obj, half)
        messages.info(request, _("The role is waiting for approval by another administrator."))
        return redirect("admin:analysts_user_changelist")


def record_save(request: HttpRequest, action: str, user: User) -> None:
    """Record the save as an audit event: the account, its current role, and what changed."""
    record_event(
        by=staff_user(request),
        action=action,
        on=user,
        details={
            "role": user.role,
            "changes": cast(AccountRequest, request).changes,
        },
    )
