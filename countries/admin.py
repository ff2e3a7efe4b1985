"""The operators' pages: a portal with all that belongs to it on one page, each save on the record."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import JSON, record
from countries import published
from countries.admin_urls import urls
from countries.brand import readable_under_white
from countries.languages import language_name
from countries.models import Contact, Partner, Portal, PortalState, PortalText
from countries.staff.asking import AskingAdmin, AskingForm

# The stubs know these as generic; at run time they are plain classes.
if TYPE_CHECKING:
    TextModelFormSet = BaseInlineFormSet[PortalText, Portal, forms.ModelForm[PortalText]]
    TextStacked = admin.StackedInline[PortalText, Portal]
    ContactStacked = admin.StackedInline[Contact, Portal]
    PartnerStacked = admin.StackedInline[Partner, Portal]
else:
    TextModelFormSet = BaseInlineFormSet
    TextStacked = ContactStacked = PartnerStacked = admin.StackedInline


class PortalForm(AskingForm):
    class Meta:
        model = Portal
        fields = (
            "name",
            "slug",
            "country",
            "state",
            "access_phrase",
            "default_language",
            "legal_age",
            "brand_colour",
            "launched_on",
            "launch_source",
        )
        widgets = {"brand_colour": forms.ColorInput}

    def clean_brand_colour(self) -> str:
        colour: str = self.cleaned_data["brand_colour"].lower()
        try:
            readable = readable_under_white(colour)
        except ValueError:
            # The model's own validator says what a colour looks like.
            return colour
        if not readable:
            raise ValidationError(_("White words cannot be read on this colour: choose a darker one."))
        return colour

    def clean_state(self) -> str:
        state: str = self.cleaned_data["state"]
        before = self.initial.get("state")
        if before and PortalState(before).visible and not PortalState(state).visible:
            raise ValidationError(
                _("The public knows this portal. Suspend or close it: its receipts must go on working.")
            )
        return state


class TextFormSet(TextModelFormSet):
    def clean(self) -> None:
        """A portal that the public sees has a text in its default language: its bare address leads there."""
        super().clean()
        if not PortalState(self.instance.state).visible or any(self.errors):
            return
        languages = {
            form.cleaned_data["language"]
            for form in self.forms
            if form.cleaned_data.get("language") and not form.cleaned_data.get("DELETE")
        }
        if self.instance.default_language not in languages:
            raise ValidationError(_("Add a text in the default language before the public sees the portal."))


class TextInline(TextStacked):
    model = PortalText
    formset = TextFormSet
    extra = 0
    fields = (
        ("language", "position"),
        "title",
        "welcome",
        "about",
        "law",
        "suspended_message",
        ("reviewed_by", "reviewed_on"),
    )


class ContactInline(ContactStacked):
    model = Contact
    extra = 0
    fields = (
        ("kind", "position"),
        "name",
        ("phone", "website"),
        "source",
        ("verified_by", "verified_on"),
    )


class PartnerInline(PartnerStacked):
    model = Partner
    extra = 0
    fields = (("role", "position"), "name", "website", "source", "confirmed")


@admin.register(Portal)
class PortalAdmin(AskingAdmin):
    """Portals are suspended or closed, never deleted: receipts of their reporters still lead to them."""

    form = PortalForm
    inlines = (TextInline, ContactInline, PartnerInline)
    fieldsets = (
        (None, {"fields": ("name", "slug", "country")}),
        (gettext_lazy("State"), {"fields": ("state", "access_phrase")}),
        (gettext_lazy("Language and look"), {"fields": ("default_language", "legal_age", "brand_colour")}),
        (gettext_lazy("Launch"), {"fields": ("launched_on", "launch_source")}),
    )
    list_display = ("name", "slug", "state", "languages", "launched_on", "unverified")
    list_filter = ("state",)
    search_fields = ("name", "slug", "country")
    ordering = ("name",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Portal]:
        """All portals for whoever may change them; for a country partner, their own."""
        portals = (
            super()
            .get_queryset(request)
            .prefetch_related("texts")
            .annotate(unverified_contacts=Count("contacts", filter=Q(contacts__verified_on=None)))
        )
        if self.has_change_permission(request) or not request.user.is_authenticated:
            return portals
        return portals.filter(pk__in=request.user.portals.all())

    @admin.display(description=gettext_lazy("languages"))
    def languages(self, portal: Portal) -> str:
        return ", ".join(language_name(text.language) for text in portal.texts.all())

    @admin.display(description=gettext_lazy("contacts to verify"), ordering="unverified_contacts")
    def unverified(self, portal: Portal) -> int:
        count: int = portal.unverified_contacts  # type: ignore[attr-defined] # annotated above
        return count

    def get_urls(self) -> list[URLPattern]:
        return [*urls(self.admin_site), *super().get_urls()]

    def get_readonly_fields(self, request: HttpRequest, obj: Portal | None = None) -> tuple[str, ...]:
        """The address is printed on posters and signed into every open form: it never changes."""
        return ("slug",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Portal | None = None) -> bool:
        return False

    def log_addition(self, request: HttpRequest, obj: Portal, message: Any) -> Any:
        entry = super().log_addition(request, obj, message)
        _recorded(request, "portal.add", obj, message)
        return entry

    def log_change(self, request: HttpRequest, obj: Portal, message: Any) -> Any:
        entry = super().log_change(request, obj, message)
        _recorded(request, "portal.change", obj, message)
        return entry


def _recorded(request: HttpRequest, action: str, portal: Portal, message: list[dict[str, Any]]) -> None:
    """Writes the audit event of a save.

    The admin calls its two log hooks last, inside the save's transaction, with every change of the portal and
    of its texts, contacts and partners.
    """
    # The other processes see the change within seconds; this one at once.
    transaction.on_commit(published.forget)
    record(
        by=request.user,  # type: ignore[arg-type] # nobody else gets here
        action=action,
        on=portal,
        portal=portal.slug,
        details={"changes": [_change(how, what) for part in message for how, what in part.items()]},
    )


def _change(how: str, what: dict[str, Any]) -> dict[str, JSON]:
    """One part of Django's change message: the kind of row and its changed fields, not the name of the row."""
    return {"how": how, "what": what.get("name", "portal"), "fields": what.get("fields", [])}
